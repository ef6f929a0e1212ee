// SPDX-License-Identifier: BSD-3-Clause
// Headers that carry one packet in another, for Packet::carry and Packet::shim:
//
//   Packet().ipv4("198.51.100.1", "198.51.100.2").carry(17, vxlan(42, inner.frame()))
#pragma once

#include "tests/support/packet_builder.h"

namespace mailglass::test {

// `value` in network order.
inline Octets word(std::uint64_t value, std::size_t octets) {
  Octets out(octets);
  for (std::size_t i = octets; i-- > 0; value >>= 8) out[i] = static_cast<std::uint8_t>(value);
  return out;
}

inline Octets joined(std::initializer_list<Octets> parts) {
  Octets out;
  for (const Octets& part : parts) out.insert(out.end(), part.begin(), part.end());
  return out;
}

inline Octets udp(unsigned port, const Octets& content) {
  return joined({word(50000, 2), word(port, 2), word(8 + content.size(), 2), word(0, 2), content});
}

inline Octets vxlan(unsigned network, const Octets& ethernet, unsigned port = 4789) {
  return udp(port, joined({word(0x08000000, 4), word(network << 8, 4), ethernet}));
}

inline Octets geneve(unsigned network, unsigned type, const Octets& content,
                     const Octets& options = {}) {
  return udp(6081, joined({word(options.size() / 4, 1), word(0, 1), word(type, 2),
                           word(network << 8, 4), options, content}));
}

// `fields`: what the flags promise, in order: checksum, key, sequence number.
inline Octets gre(unsigned flags, unsigned type, const Octets& fields, const Octets& content) {
  return joined({word(flags, 2), word(type, 2), fields, content});
}

inline Octets erspan1(const Octets& ethernet) { return gre(0, 0x88be, {}, ethernet); }
inline Octets erspan2(unsigned session, const Octets& ethernet) {
  return gre(0x1000, 0x88be, word(7, 4),
             joined({word(0x1064, 2), word(session, 2), word(3, 4), ethernet}));
}
inline Octets erspan3(unsigned session, const Octets& content, unsigned frame_type = 0,
                      bool subheader = false) {
  const unsigned kind = frame_type << 10 | (subheader ? 1u : 0u);
  return gre(0x1000, 0x22eb, word(7, 4),
             joined({word(0x2064, 2), word(session, 2), word(123456, 4), word(0, 2), word(kind, 2),
                     Octets(subheader ? 8 : 0), content}));
}

// A stack of labels, the last one at the bottom.
inline Octets labels(std::initializer_list<unsigned> stack) {
  Octets out;
  for (const unsigned& label : stack) {
    const bool bottom = &label == stack.end() - 1;
    const Octets entry = word(label << 12 | (bottom ? 0x100u : 0u) | 64, 4);
    out.insert(out.end(), entry.begin(), entry.end());
  }
  return out;
}

// In front of `octets` of IP.
inline Octets pppoe(unsigned session, std::size_t octets, unsigned protocol = 0x0021) {
  return joined({word(0x1100, 2), word(session, 2), word(octets + 2, 2), word(protocol, 2)});
}

}  // namespace mailglass::test
