// SPDX-License-Identifier: BSD-3-Clause
#include "mail/proxy_header.h"

#include <algorithm>

#include "base/hex.h"
#include "mail/words.h"

namespace mailglass::mail {
namespace {

using State = ProxyHeader::State;

constexpr std::string_view kV1 = "PROXY ";
constexpr std::string_view kV2("\r\n\r\n\0\r\nQUIT\n", 12);
constexpr std::size_t kV2Fixed = 16;

constexpr bool may_begin(std::string_view text, std::string_view with) {
  const std::size_t length = std::min(text.size(), with.size());
  return head(text, length) == head(with, length);
}

std::uint16_t number_at(const std::uint8_t* p) { return be16{{p[0], p[1]}}.value(); }

bool read_v4(std::string_view text, std::uint8_t* out) {
  for (int i = 0; i < 4; ++i) {
    std::uint64_t number = 0;
    if (i != 0) {
      if (!text.starts_with('.')) return false;
      text = tail(text, 1);
    }
    if (!take_number(text, number) || number > 255) return false;
    out[i] = static_cast<std::uint8_t>(number);
  }
  return text.empty();
}

// RFC 4291 section 2.2: groups of up to four digits, "::" once for those that are zero; the last
// two may be an IPv4 address, as HAProxy writes those of such clients on a socket of IPv6.
bool read_v6(std::string_view text, Address& address) {
  std::uint16_t group[8] = {};
  std::size_t count = 0, gap = 8;
  if (text.starts_with("::")) gap = 0, text = tail(text, 2);
  while (!text.empty()) {
    if (count <= 6 && text.find('.') < text.find(':')) {
      std::uint8_t four[4];
      if (!read_v4(text, four)) return false;
      group[count++] = number_at(four);
      group[count++] = number_at(four + 2);
      break;
    }
    unsigned value = 0;
    std::size_t digits = 0;
    for (; digits < text.size() && hex_digit(text[digits]) >= 0; ++digits) {
      value = value << 4 | static_cast<unsigned>(hex_digit(text[digits]));
      if (digits == 4) return false;
    }
    if (digits == 0 || count == 8) return false;
    group[count++] = static_cast<std::uint16_t>(value);
    text = tail(text, digits);
    if (text.empty()) break;
    if (text.front() != ':' || text.size() == 1) return false;
    text = tail(text, 1);
    if (text.front() != ':') continue;
    if (gap != 8) return false;
    gap = count;
    text = tail(text, 1);
  }
  if (gap == 8 ? count != 8 : count == 8) return false;
  const std::size_t zeros = 8 - count;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t at = i < gap ? i : i + zeros;
    address.octet[2 * at] = static_cast<std::uint8_t>(group[i] >> 8);
    address.octet[2 * at + 1] = static_cast<std::uint8_t>(group[i]);
  }
  return true;
}

bool read_address(std::string_view text, bool ipv6, Address& address) {
  if (ipv6) return read_v6(text, address);
  std::uint8_t four[4];
  if (!read_v4(text, four)) return false;
  address = Address::v4(four);
  return true;
}

bool read_port(std::string_view text, std::uint16_t& port) {
  std::uint64_t number = 0;
  if (!take_number(text, number) || !text.empty() || number > 65535) return false;
  port = static_cast<std::uint16_t>(number);
  return true;
}

}  // namespace

State ProxyHeader::take(Bytes& octets) {
  if (state_ != State::partial) return state_;
  const std::uint8_t before = size_;
  Bytes rest = octets;
  while (!rest.empty() && state_ == State::partial) {
    if (skip_ != 0) {
      const auto length = std::min<std::size_t>(skip_, rest.size());
      rest = rest.subspan(length);
      skip_ -= static_cast<std::uint32_t>(length);
      skipped_ += static_cast<std::uint32_t>(length);
      if (skip_ == 0) state_ = State::whole;
      continue;
    }
    kept_[size_++] = rest.front();
    rest = rest.subspan(1);
    state_ = judge();
  }
  if (state_ == State::absent) {
    size_ = before;
  } else {
    octets = rest;
  }
  return state_;
}

State ProxyHeader::judge() {
  const std::string_view text = as_text(held());
  if (may_begin(text, kV2)) return judge_v2();
  return may_begin(text, kV1) ? judge_v1() : State::absent;
}

// Addresses of IPv4 are such also where they are written as ones of IPv6.
void ProxyHeader::name_family() { said_.ipv6 = !is_v4(said_.source) || !is_v4(said_.destination); }

// PROXY TCP4 192.0.2.1 192.0.2.2 56324 25, or PROXY UNKNOWN and anything.
State ProxyHeader::judge_v1() {
  std::string_view text = as_text(held());
  if (!text.ends_with("\r\n")) return size_ == kLongest ? State::absent : State::partial;
  text = tail(head(text, text.size() - 2), kV1.size());
  said_ = {};
  said_.version = 1;
  const std::string_view family = take_word(text);
  if (family == "UNKNOWN") {
    said_.local = true;
    return State::whole;
  }
  said_.ipv6 = family == "TCP6";
  if (!said_.ipv6 && family != "TCP4") return State::absent;
  const bool read = read_address(take_word(text), said_.ipv6, said_.source) &&
                    read_address(take_word(text), said_.ipv6, said_.destination) &&
                    read_port(take_word(text), said_.source_port) &&
                    read_port(take_word(text), said_.destination_port);
  if (!read || !text.empty()) return State::absent;
  name_family();
  return State::whole;
}

// Signature, version and command, family and transport, length; then addresses and ports.
State ProxyHeader::judge_v2() {
  if (size_ < kV2Fixed) return State::partial;
  const unsigned command = kept_[12], family = kept_[13];
  const std::size_t length = number_at(&kept_[14]);
  if (command != 0x20 && command != 0x21) return State::absent;
  const bool ipv4 = family == 0x11, ipv6 = family == 0x21;  // over TCP
  const bool names = command == 0x21 && (ipv4 || ipv6);
  const std::size_t addresses = !names ? 0 : ipv4 ? 12 : 36;
  if (length < addresses) return State::absent;
  if (size_ < kV2Fixed + addresses) return State::partial;
  said_ = {};
  said_.version = 2;
  said_.local = !names;
  if (names) {
    const std::uint8_t* at = &kept_[kV2Fixed];
    const std::size_t each = ipv4 ? 4 : 16;
    said_.source = ipv4 ? Address::v4(at) : Address::v6(at);
    said_.destination = ipv4 ? Address::v4(at + each) : Address::v6(at + each);
    said_.source_port = number_at(at + 2 * each);
    said_.destination_port = number_at(at + 2 * each + 2);
    name_family();
  }
  skip_ = static_cast<std::uint32_t>(length - addresses);
  return skip_ == 0 ? State::whole : State::partial;
}

}  // namespace mailglass::mail
