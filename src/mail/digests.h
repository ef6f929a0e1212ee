// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>

#include "base/bytes.h"

namespace mailglass::mail {

struct DigestSet {
  bool md5 = false, sha1 = false, sha256 = false;

  bool operator==(const DigestSet&) const = default;
  bool any() const { return md5 || sha1 || sha256; }
};

struct DigestValues {
  std::array<std::uint8_t, 16> md5;
  std::array<std::uint8_t, 20> sha1;
  std::array<std::uint8_t, 32> sha256;
};

// Digests of octets that come bit by bit. Made outside this layer, on contexts from a fixed pool:
// the stages stay free of foreign symbols, and tests can hand in what they like.
class Digests {
 public:
  virtual const DigestSet& computed() const = 0;
  // kNoSlot when no context is free.
  virtual std::uint32_t begin() = 0;
  virtual void update(std::uint32_t slot, Bytes octets) = 0;
  // Either gives the slot back; `end` fills in those values that are computed.
  virtual void end(std::uint32_t slot, DigestValues& values) = 0;
  virtual void abandon(std::uint32_t slot) = 0;

 protected:
  ~Digests() = default;
};

}  // namespace mailglass::mail
