// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace mailglass::generate {

// Appends one JSON value to a string. Strings are UTF-8. With `indent` every member of the outer
// two levels has its own line.
class JsonWriter {
 public:
  JsonWriter(std::string& out, bool indent) : out_(out), indent_(indent) {}

  // `key` is empty inside an array and for the outermost value.
  void open(std::string_view key, char bracket);
  void close(char bracket);
  void text(std::string_view key, std::string_view value);
  void count(std::string_view key, std::uint64_t value);
  void number(std::string_view key, double value);
  void flag(std::string_view key, bool value);

 private:
  void begin(std::string_view key);
  void break_line();
  void quote(std::string_view value);

  std::string& out_;
  bool indent_;
  bool first_ = true;
  int depth_ = 0;
};

}  // namespace mailglass::generate
