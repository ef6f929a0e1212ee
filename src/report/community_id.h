// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <openssl/evp.h>

#include <memory>
#include <string>

#include "tally/event.h"

namespace mailglass::report {

// Community ID version 1, seed 0: the flow hash by which Suricata, Zeek, Arkime and others name
// the same flow alike (github.com/corelight/community-id-spec).
class CommunityId {
 public:
  CommunityId();
  std::string of(const tally::Opened& flow);

 private:
  struct Free {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
    void operator()(EVP_MD* digest) const { EVP_MD_free(digest); }
  };
  std::unique_ptr<EVP_MD, Free> sha1_;
  std::unique_ptr<EVP_MD_CTX, Free> context_;
};

}  // namespace mailglass::report
