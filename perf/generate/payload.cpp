// SPDX-License-Identifier: BSD-3-Clause
#include "payload.h"

#include <algorithm>
#include <cstring>

namespace mailglass::generate {

void Payload::add(std::string own) {
  if (own.empty()) return;
  size_ += own.size();
  if (!pieces_.empty() && pieces_.back().shared.empty()) {
    pieces_.back().own += own;
  } else {
    pieces_.push_back({std::move(own), {}});
  }
}

void Payload::add_shared(std::string_view shared) {
  if (shared.empty()) return;
  size_ += shared.size();
  pieces_.push_back({{}, shared});
}

void Payload::add(Payload&& other) {
  for (auto& piece : other.pieces_) {
    if (piece.shared.empty()) {
      add(std::move(piece.own));
    } else {
      add_shared(piece.shared);
    }
  }
}

void Payload::copy(std::size_t offset, std::span<std::uint8_t> out) const {
  for (const auto& piece : pieces_) {
    if (out.empty()) return;
    const std::string_view octets = piece.octets();
    if (offset >= octets.size()) {
      offset -= octets.size();
      continue;
    }
    const std::size_t length = std::min(out.size(), octets.size() - offset);
    std::memcpy(out.data(), octets.data() + offset, length);
    out = out.subspan(length);
    offset = 0;
  }
}

}  // namespace mailglass::generate
