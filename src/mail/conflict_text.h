// SPDX-License-Identifier: BSD-3-Clause
// An overlap conflict in words. What the copies say may be a secret: it is shown under `reveal`.
#pragma once

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

#include "stream/conflict.h"

namespace mailglass::mail {

class ConflictText {
 public:
  ConflictText(const stream::Conflict& conflict, bool reveal) {
    put("octets ");
    put(conflict.offset);
    put(" to ");
    put(conflict.offset + conflict.first.size() - 1);
    put(" of the stream came again and differ; the first copy was read, with ");
    put(ends_of_lines(conflict.first));
    put(" ends of lines where the other has ");
    put(ends_of_lines(conflict.later));
    if (!reveal) return;
    put(": \"");
    put(as_text(conflict.first.first(std::min(kExcerpt, conflict.first.size()))));
    put("\", again as \"");
    put(as_text(conflict.later.first(std::min(kExcerpt, conflict.later.size()))));
    put("\"");
  }
  std::string_view view() const { return {text_.data(), size_}; }

 private:
  static constexpr std::size_t kExcerpt = 48;

  // What two readers would part about, and no secret.
  static std::uint64_t ends_of_lines(Bytes octets) {
    return static_cast<std::uint64_t>(std::count(octets.begin(), octets.end(), '\n'));
  }

  void put(std::string_view words) {
    const std::size_t octets = std::min(words.size(), text_.size() - size_);
    std::copy_n(words.data(), octets, text_.data() + size_);
    size_ += octets;
  }
  void put(std::uint64_t number) {
    std::array<char, 20> digits;
    const char* end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    put(std::string_view(digits.data(), static_cast<std::size_t>(end - digits.data())));
  }

  std::array<char, 320> text_;
  std::size_t size_ = 0;
};

}  // namespace mailglass::mail
