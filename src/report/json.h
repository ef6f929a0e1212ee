// SPDX-License-Identifier: BSD-3-Clause
// One JSON object written from left to right, into a buffer that is used again and again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace mailglass::report {

class Json {
 public:
  Json() { grow(0); }

  // Strings passed in are valid UTF-8 already. What would steer a terminal (controls, DEL and
  // U+0080..U+009F) is escaped beside what JSON demands (RFC 8259 section 7).
  void key(std::string_view name) { string(name), put(':'), comma_ = false; }
  void open() { begin_value(), put('{'), comma_ = false; }
  void open(std::string_view name) { key(name), open(); }
  void close() { room(1), put('}'), comma_ = true; }
  void open_list(std::string_view name) { key(name), put('['), comma_ = false; }
  void close_list() { room(1), put(']'), comma_ = true; }

  void value(std::string_view text) { string(text), comma_ = true; }
  void value(std::uint64_t number);

  void text(std::string_view name, std::string_view text) { key(name), value(text); }
  // Unknown values are left out, never null or "".
  void known(std::string_view name, std::string_view text) {
    if (!text.empty()) this->text(name, text);
  }
  void number(std::string_view name, std::uint64_t number) { key(name), value(number); }
  void flag(std::string_view name, bool flag) {
    key(name), raw(flag ? std::string_view("true") : std::string_view("false"));
  }
  void list(std::string_view name, const std::vector<std::string>& texts) {
    if (texts.empty()) return;
    open_list(name);
    for (const std::string& text : texts) value(text);
    close_list();
  }
  // Octets of the wire, as UTF-8.
  void octets(std::string_view name, std::string_view octets);
  // A path of SMTP in its angle brackets.
  void path(std::string_view address) {
    scratch_.assign("<").append(address).append(">");
    value(scratch_);
  }
  // Milliseconds with all their microseconds, written from the integer: 1500 is 1.5.
  void milliseconds(std::string_view name, std::uint64_t microseconds);
  // Members that were written before, without the braces around them; empty: none.
  void members(std::string_view written) {
    if (!written.empty()) raw(written);
  }

  // The finished object; valid until the next one is begun.
  std::string_view line() const { return {buffer_.get(), size_}; }
  // What stands inside the braces so far: for `members`.
  std::string_view inside() const { return line().substr(1); }
  void begin() {
    size_ = 0;
    comma_ = false;
    open();
  }

 private:
  // A vector's octets behind the end are looked at, and punctuation is put, without asking.
  static constexpr std::size_t kSlack = 64;

  void room(std::size_t octets) {
    if (capacity_ - size_ < octets + kSlack) grow(octets);
  }
  void grow(std::size_t octets);
  void put(char c) { buffer_[size_++] = c; }
  void begin_value() {
    room(1);
    if (comma_) put(',');
  }
  void raw(std::string_view text) {
    room(text.size());
    if (comma_) put(',');
    std::memcpy(&buffer_[size_], text.data(), text.size());
    size_ += text.size();
    comma_ = true;
  }
  void string(std::string_view text);
  bool plain(std::size_t from) const;
  void escape(std::string_view text);

  std::string scratch_;
  std::unique_ptr<char[]> buffer_;
  std::size_t size_ = 0, capacity_ = 0;
  bool comma_ = false;
};

}  // namespace mailglass::report
