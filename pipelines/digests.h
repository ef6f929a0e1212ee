// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <openssl/types.h>

#include <memory>
#include <vector>

#include "base/pool.h"
#include "mail/digests.h"

namespace mailglass::pipelines {

// OpenSSL's digests on contexts made at start: none is allocated afterwards.
class EvpDigests final : public mail::Digests {
 public:
  // Throws std::bad_alloc, and std::runtime_error for a digest this OpenSSL does not have.
  EvpDigests(const mail::DigestSet& wanted, std::uint32_t slots);
  ~EvpDigests();
  EvpDigests(const EvpDigests&) = delete;
  EvpDigests& operator=(const EvpDigests&) = delete;

  const mail::DigestSet& computed() const override { return wanted_; }
  std::uint32_t begin() override;
  void update(std::uint32_t slot, Bytes octets) override;
  void end(std::uint32_t slot, mail::DigestValues& values) override;
  void abandon(std::uint32_t slot) override { pool_.give_back(slot); }

  const auto& pool() const { return pool_; }  // for its levels

 private:
  static constexpr std::size_t kKinds = 3;
  struct Slot {
    EVP_MD_CTX* context[kKinds] = {};  // null: not wanted
  };

  void free_all();

  mail::DigestSet wanted_;
  EVP_MD* kind_[kKinds] = {};
  std::vector<Slot> slots_;
  std::vector<std::uint32_t> links_;
  Pool<Slot> pool_;
};

}  // namespace mailglass::pipelines
