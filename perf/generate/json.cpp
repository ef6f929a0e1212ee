// SPDX-License-Identifier: BSD-3-Clause
#include "json.h"

#include <array>
#include <cstdio>

namespace mailglass::generate {

namespace {

constexpr int kIndentedLevels = 2;

}  // namespace

void JsonWriter::open(std::string_view key, char bracket) {
  begin(key);
  out_ += bracket;
  ++depth_;
  first_ = true;
}

void JsonWriter::close(char bracket) {
  --depth_;
  if (!first_ && depth_ < kIndentedLevels) break_line();
  out_ += bracket;
  first_ = false;
}

void JsonWriter::text(std::string_view key, std::string_view value) {
  begin(key);
  quote(value);
}

void JsonWriter::count(std::string_view key, std::uint64_t value) {
  begin(key);
  out_ += std::to_string(value);
}

void JsonWriter::number(std::string_view key, double value) {
  begin(key);
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.9g", value);
  out_ += text.data();
}

void JsonWriter::flag(std::string_view key, bool value) {
  begin(key);
  out_ += value ? "true" : "false";
}

void JsonWriter::begin(std::string_view key) {
  if (!first_) out_ += ',';
  if (depth_ > 0 && depth_ <= kIndentedLevels) break_line();
  first_ = false;
  if (key.empty()) return;
  quote(key);
  out_ += indent_ ? ": " : ":";
}

void JsonWriter::break_line() {
  if (indent_) out_ += "\n" + std::string(static_cast<std::size_t>(depth_) * 2, ' ');
}

// RFC 8259 section 7.
void JsonWriter::quote(std::string_view value) {
  out_ += '"';
  for (const char c : value) {
    if (c == '"' || c == '\\') {
      out_ += '\\';
      out_ += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      std::array<char, 8> escape{};
      std::snprintf(escape.data(), escape.size(), "\\u%04x", static_cast<unsigned>(c));
      out_ += escape.data();
    } else {
      out_ += c;
    }
  }
  out_ += '"';
}

}  // namespace mailglass::generate
