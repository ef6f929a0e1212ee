// SPDX-License-Identifier: BSD-3-Clause
// Bytes as they lie in a frame, and the big-endian integers found among them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <type_traits>

namespace mailglass {

using Bytes = std::span<const std::uint8_t>;

inline std::string_view as_text(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

inline Bytes as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

// Network order is a type, so that a field can't be used unswapped. Alignment 1: headers are
// overlaid on frames at any offset. No implicit conversion: `.value()` is the one way to read.
struct be16 {
  std::uint8_t byte[2];
  constexpr std::uint16_t value() const {
    return static_cast<std::uint16_t>(byte[0] << 8 | byte[1]);
  }
};

struct be32 {
  std::uint8_t byte[4];
  constexpr std::uint32_t value() const {
    return std::uint32_t{byte[0]} << 24 | std::uint32_t{byte[1]} << 16 |
           std::uint32_t{byte[2]} << 8 | std::uint32_t{byte[3]};
  }
};

static_assert(sizeof(be16) == 2 && alignof(be16) == 1);
static_assert(sizeof(be32) == 4 && alignof(be32) == 1);

// A wire header at the front of `bytes`, or null when the bytes are too few. `Header` must be a
// packed, trivially copyable drawing of the RFC's figure: alignment 1, so any address will do.
template <typename Header>
const Header* overlay(Bytes bytes) {
  static_assert(alignof(Header) == 1 && std::is_trivially_copyable_v<Header>);
  if (bytes.size() < sizeof(Header)) return nullptr;
  return reinterpret_cast<const Header*>(bytes.data());
}

}  // namespace mailglass
