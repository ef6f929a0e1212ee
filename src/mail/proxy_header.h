// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>

#include "base/bytes.h"
#include "tally/event.h"

namespace mailglass::mail {

// The header a load balancer puts in front of a client's octets to say whose they are: the PROXY
// protocol, versions 1 and 2 (HAProxy's proxy-protocol.txt, sections 2.1 and 2.2). Cut anywhere.
class ProxyHeader {
 public:
  enum class State : std::uint8_t {
    partial,  // all octets so far may be one
    absent,   // they are none, or a malformed one
    whole,
  };

  // Takes octets of the client, from its first on, until the state is no longer `partial`. Where it
  // becomes `absent`, `octets` is as it was: only what earlier calls took is in `held`.
  State take(Bytes& octets);

  // No more comes that could be of one. Octets passed over, which are not in `held`.
  std::uint32_t give_up() {
    if (state_ == State::partial) state_ = State::absent;
    return skipped_;
  }

  State state() const { return state_; }
  Bytes held() const { return Bytes(kept_.data(), size_); }
  const tally::Proxied& said() const { return said_; }  // once whole

 private:
  // Version 1 is 107 octets long at most; of version 2 the addresses of IPv6 end at octet 52. What
  // follows (TLVs, socket paths) is skipped by its declared length, 65535 at most.
  static constexpr std::size_t kLongest = 107;

  State judge();
  State judge_v1();
  State judge_v2();
  void name_family();

  std::array<std::uint8_t, kLongest> kept_{};
  std::uint8_t size_ = 0;
  State state_ = State::partial;
  std::uint32_t skip_ = 0, skipped_ = 0;
  tally::Proxied said_;
};

}  // namespace mailglass::mail
