// SPDX-License-Identifier: BSD-3-Clause
// Checksums under `auto`, where no NIC has judged them: a wrong one means an attack or a fault,
// unless the sender's host leaves them to its NIC and the capture was made before that. One end of
// one flow does the one or the other, so it is judged by what it did before:
//
// - an end that sent a right checksum is held to that: its wrong ones are refused;
// - an end that sent only wrong ones is believed. Two right ones in a row end that: one alone, of
//   65,536, is right by chance.
//
// What is refused is not lost: if the receiver acknowledges those octets and nothing else came in
// their place, it took them, and the capture was edited (names blotted out, say). They are read
// then (stream/acceptance.cpp).
//
// An unfinished checksum says nothing about its sender and is believed: GRO leaves it in segments
// that a receiver merged, between others that came alone. Who wants to insert octets that the
// receiver will not take can forge it; `on` is the answer to that.
#pragma once

#include "flow/flow.h"

namespace mailglass::flow {

enum class Sums : std::uint8_t { unseen, wrong, wrong_then_right, right };

inline Sums sums_of(const Flow& flow, bool from_low) {
  return static_cast<Sums>(flow.sums >> (from_low ? 0 : 2) & 3);
}

inline bool is_wrong(wire::Checksum c) {
  return c == wire::Checksum::bad_tcp || c == wire::Checksum::bad_ip;
}

// Whether the segment must not be taken.
inline bool disbelieves(const Flow& flow, const wire::Segment& s, bool from_low) {
  return is_wrong(s.checksum) && sums_of(flow, from_low) == Sums::right;
}

// Whether the segment is as its sender's were before, so that there is nothing to learn.
inline bool is_as_believed(const Flow& flow, const wire::Segment& s, bool from_low) {
  return s.checksum == wire::Checksum::unknown ||
         (s.checksum == wire::Checksum::good && sums_of(flow, from_low) == Sums::right);
}

// Remembers what a segment that was taken was like. True: it was believed without proof.
inline bool learn(Flow& flow, const wire::Segment& s, bool from_low) {
  Sums sums = sums_of(flow, from_low);
  if (is_wrong(s.checksum)) {
    sums = Sums::wrong;
  } else if (s.checksum == wire::Checksum::good) {
    sums = sums == Sums::wrong ? Sums::wrong_then_right : Sums::right;
  }
  const unsigned shift = from_low ? 0 : 2;
  flow.sums =
      static_cast<unsigned>((flow.sums & ~(3u << shift)) | static_cast<unsigned>(sums) << shift) &
      15u;
  return is_wrong(s.checksum) || s.checksum == wire::Checksum::unfinished;
}

}  // namespace mailglass::flow
