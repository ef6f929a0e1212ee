// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <cstdint>

#include "mail/digests.h"

namespace mailglass::mail {

struct Limits {
  std::uint32_t sessions = 65536;     // mail sessions open at one time, those still probed included
  std::uint32_t blocks = 65536;       // of 2 KiB, for lines and fields that are not complete
  std::uint32_t probe_octets = 4096;  // a flow of which this much matched nothing is not mail
  std::uint32_t mime_depth = 8;       // levels of multiparts and messages inside each other
  std::uint32_t mime_parts = 1000;    // of one message, reported
  DigestSet digests;                  // of attachments
  std::uint32_t digest_slots = 1024;  // attachments under transfer at one time that get digests
  std::uint32_t urls = 32;            // of one message, each once
  std::uint32_t excerpt_octets = 0;   // of a plain text's beginning to report; 0: none, for privacy
};

// What becomes of passwords, tokens and other secrets (design decision 10). Applied by the worker:
// under redact and hash no record, and so no output, ever holds one.
enum class CredentialPolicy : std::uint8_t { redact, hash, reveal };

struct Credentials {
  CredentialPolicy policy = CredentialPolicy::redact;
  std::array<std::uint8_t, 16> key{};  // of the keyed hash: secret, from the configuration
};

}  // namespace mailglass::mail
