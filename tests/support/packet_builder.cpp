// SPDX-License-Identifier: BSD-3-Clause
#include "tests/support/packet_builder.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <utility>

namespace mailglass::test {

namespace {

void put8(Octets& out, unsigned value) { out.push_back(static_cast<std::uint8_t>(value)); }

void put16(Octets& out, unsigned value) {
  put8(out, value >> 8 & 0xff);
  put8(out, value & 0xff);
}

void put32(Octets& out, std::uint32_t value) {
  put16(out, value >> 16);
  put16(out, value & 0xffff);
}

void put(Octets& out, const Octets& octets) { out.insert(out.end(), octets.begin(), octets.end()); }

void set16(Octets& out, std::size_t at, unsigned value) {
  out[at] = static_cast<std::uint8_t>(value >> 8);
  out[at + 1] = static_cast<std::uint8_t>(value);
}

// RFC 1071.
unsigned internet_checksum(const Octets& octets) {
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < octets.size(); ++i) {
    sum += i % 2 == 0 ? std::uint32_t{octets[i]} << 8 : octets[i];
  }
  while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
  return ~sum & 0xffff;
}

// A test that misspells an address must not go on.
Octets parse_address(int family, const std::string& text) {
  Octets octets(family == AF_INET ? 4 : 16);
  if (inet_pton(family, text.c_str(), octets.data()) != 1) std::abort();
  return octets;
}

Octets parse_mac(const std::string& text) {
  std::string hex = text;
  std::replace(hex.begin(), hex.end(), ':', ' ');
  Octets mac = from_hex(hex);
  if (mac.size() != 6) std::abort();
  return mac;
}

}  // namespace

Octets from_hex(std::string_view text) {
  Octets octets;
  int high = -1;
  bool comment = false;
  for (const char c : text) {
    if (c == '\n') comment = false;
    if (c == '#') comment = true;
    if (comment || std::isspace(static_cast<unsigned char>(c)) != 0) continue;
    if (std::isxdigit(static_cast<unsigned char>(c)) == 0) std::abort();
    const int digit = c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
    if (high < 0) {
      high = digit;
    } else {
      put8(octets, static_cast<unsigned>(high << 4 | digit));
      high = -1;
    }
  }
  if (high >= 0) std::abort();
  return octets;
}

Packet& Packet::link(Link kind, std::uint32_t family) {
  link_ = kind;
  family_ = family;
  return *this;
}

Packet& Packet::ethernet() { return link(Link::kEthernet); }
Packet& Packet::linux_sll() { return link(Link::kSll); }
Packet& Packet::linux_sll2() { return link(Link::kSll2); }
Packet& Packet::raw() { return link(Link::kRaw); }
Packet& Packet::null(std::uint32_t family) { return link(Link::kNull, family); }
Packet& Packet::null_big_endian(std::uint32_t family) { return link(Link::kNullBigEndian, family); }
Packet& Packet::loop(std::uint32_t family) { return link(Link::kLoop, family); }

Packet& Packet::macs(const std::string& source, const std::string& destination) {
  source_mac_ = parse_mac(source);
  destination_mac_ = parse_mac(destination);
  return *this;
}

Packet& Packet::vlan(unsigned vid, unsigned tpid, unsigned priority) {
  tags_.push_back({tpid, priority << 13 | vid});
  return *this;
}

Packet& Packet::ether_type(unsigned type) { return ether_type_ = type, *this; }

Packet& Packet::shim(unsigned type, Octets headers) {
  ether_type_ = type;
  shim_ = std::move(headers);
  return *this;
}

Packet& Packet::addresses(bool ipv6, const std::string& source, const std::string& destination) {
  ipv6_ = ipv6;
  source_ = parse_address(ipv6 ? AF_INET6 : AF_INET, source);
  destination_ = parse_address(ipv6 ? AF_INET6 : AF_INET, destination);
  return *this;
}

Packet& Packet::ipv4(const std::string& source, const std::string& destination) {
  return addresses(false, source, destination);
}
Packet& Packet::ipv6(const std::string& source, const std::string& destination) {
  return addresses(true, source, destination);
}

Packet& Packet::ip_version(unsigned nibble) { return version_ = nibble, *this; }
Packet& Packet::ip_options(Octets options) { return ip_options_ = std::move(options), *this; }
Packet& Packet::header_length(unsigned words) { return header_words_ = words, *this; }
Packet& Packet::ip_length(unsigned octets) { return ip_length_ = octets, *this; }
Packet& Packet::fragment(unsigned offset_octets, bool more) {
  return fragment_ = offset_octets / 8 | (more ? 0x2000u : 0u), *this;
}
Packet& Packet::identification(unsigned id) { return identification_ = id, *this; }
Packet& Packet::ip_checksum(unsigned value) { return ip_checksum_ = value, *this; }
Packet& Packet::protocol(unsigned number) { return protocol_ = number, *this; }
Packet& Packet::extension(unsigned number, Octets after_next) {
  extensions_.push_back({number, std::move(after_next)});
  return *this;
}

Packet& Packet::tcp(unsigned source_port, unsigned destination_port) {
  source_port_ = source_port;
  destination_port_ = destination_port;
  return *this;
}
Packet& Packet::seq(std::uint32_t number) { return seq_ = number, *this; }
Packet& Packet::ack(std::uint32_t number) { return ack_ = number, flags_ |= 0x10, *this; }
Packet& Packet::flags(unsigned bits) { return flags_ = bits, *this; }
Packet& Packet::window(unsigned octets) { return window_ = octets, *this; }
Packet& Packet::tcp_options(Octets options) { return tcp_options_ = std::move(options), *this; }
Packet& Packet::data_offset(unsigned words) { return data_offset_ = words, *this; }
Packet& Packet::payload(std::string_view text) { return payload_ = text, *this; }
Packet& Packet::tcp_checksum(unsigned value) { return tcp_checksum_ = value, *this; }
Packet& Packet::unfinished() { return unfinished_ = true, *this; }
Packet& Packet::carry(unsigned protocol, Octets content) {
  protocol_ = protocol;
  content_ = std::move(content);
  return *this;
}
Packet& Packet::pad_to(std::size_t octets) { return pad_to_ = octets, *this; }
Packet& Packet::snap(std::size_t octets) { return snap_ = octets, *this; }

Packet Packet::reversed() const {
  Packet back = *this;
  std::swap(back.source_mac_, back.destination_mac_);
  std::swap(back.source_, back.destination_);
  std::swap(back.source_port_, back.destination_port_);
  return back;
}

Octets Packet::link_header() const {
  const unsigned network = ether_type_.value_or(ipv6_ ? 0x86dd : 0x0800);
  const unsigned first = tags_.empty() ? network : tags_[0].tpid;
  const std::uint32_t family = family_ != 0 ? family_ : ipv6_ ? 30u : 2u;
  Octets out;
  switch (link_) {
    case Link::kEthernet:
      put(out, destination_mac_);
      put(out, source_mac_);
      put16(out, first);
      break;
    case Link::kSll:
      put(out, {0, 0, 0, 1, 0, 6});  // to us; ARPHRD_ETHER; 6 octets of address
      put(out, source_mac_);
      put16(out, 0);
      put16(out, first);
      break;
    case Link::kSll2:
      put16(out, first);
      put(out, {0, 0, 0, 0, 0, 2, 0, 1, 0, 6});  // interface 2; ARPHRD_ETHER; to us; 6 octets
      put(out, source_mac_);
      put16(out, 0);
      break;
    case Link::kNull:
      for (int shift = 0; shift < 32; shift += 8) put8(out, family >> shift & 0xff);
      return out;
    case Link::kNullBigEndian:
    case Link::kLoop:
      put32(out, family);
      return out;
    case Link::kRaw:
      return out;
  }
  for (std::size_t i = 0; i < tags_.size(); ++i) {
    put16(out, tags_[i].control);
    put16(out, i + 1 < tags_.size() ? tags_[i + 1].tpid : network);
  }
  put(out, shim_);
  return out;
}

Octets Packet::ip_header(std::size_t behind) const {
  const unsigned transport = protocol_.value_or(6);
  Octets out;
  if (ipv6_) {
    put32(out, version_.value_or(6) << 28);
    put16(out, ip_length_.value_or(static_cast<unsigned>(behind)));
    put8(out, extensions_.empty() ? transport : extensions_[0].number);
    put8(out, 64);
    put(out, source_);
    put(out, destination_);
    return out;
  }
  const std::size_t header = 20 + ip_options_.size();
  put8(out, version_.value_or(4) << 4 | header_words_.value_or(static_cast<unsigned>(header / 4)));
  put8(out, 0);
  put16(out, ip_length_.value_or(static_cast<unsigned>(header + behind)));
  put16(out, identification_);
  put16(out, fragment_);
  put8(out, 64);
  put8(out, transport);
  put16(out, 0);
  put(out, source_);
  put(out, destination_);
  put(out, ip_options_);
  set16(out, 10, ip_checksum_.value_or(internet_checksum(out)));
  return out;
}

Octets Packet::extension_chain() const {
  Octets out;
  for (std::size_t i = 0; i < extensions_.size(); ++i) {
    put8(out, i + 1 < extensions_.size() ? extensions_[i + 1].number : protocol_.value_or(6));
    put(out, extensions_[i].after_next);
  }
  return out;
}

// The pseudo header's; IPv4's and IPv6's have the same.
unsigned Packet::pseudo_sum(std::size_t segment) const {
  Octets pseudo;
  put(pseudo, source_);
  put(pseudo, destination_);
  put32(pseudo, static_cast<std::uint32_t>(segment));
  put16(pseudo, 6);
  return ~internet_checksum(pseudo) & 0xffff;
}

Octets Packet::segment() const {
  if (content_) return *content_;
  Octets out;
  put16(out, source_port_);
  put16(out, destination_port_);
  put32(out, seq_);
  put32(out, ack_);
  const auto words = static_cast<unsigned>(5 + tcp_options_.size() / 4);
  put8(out, data_offset_.value_or(words) << 4 & 0xf0);
  put8(out, flags_);
  put16(out, window_);
  put32(out, 0);  // checksum, urgent pointer
  put(out, tcp_options_);
  out.insert(out.end(), payload_.begin(), payload_.end());

  const unsigned pseudo = pseudo_sum(out.size());
  Octets summed;
  put16(summed, pseudo);
  put(summed, out);
  const unsigned right = internet_checksum(summed);
  set16(out, 16, unfinished_ ? pseudo : tcp_checksum_.value_or(right));
  return out;
}

Octets Packet::frame() const {
  const Octets chain = extension_chain();
  const Octets behind = segment();
  Octets out = link_header();
  put(out, ip_header(chain.size() + behind.size()));
  put(out, chain);
  put(out, behind);
  if (out.size() < pad_to_) out.resize(pad_to_);
  if (snap_ && out.size() > *snap_) out.resize(*snap_);
  return out;
}

std::size_t Packet::ip_at() const { return link_header().size(); }

std::size_t Packet::tcp_at() const {
  return ip_at() + (ipv6_ ? 40 : 20 + ip_options_.size()) + extension_chain().size();
}

}  // namespace mailglass::test
