// SPDX-License-Identifier: BSD-3-Clause
// One JSON object written from left to right, into a buffer that is used again and again.
#pragma once

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "report/utf8.h"

namespace mailglass::report {

class Json {
 public:
  // Strings passed in are valid UTF-8 already.
  void key(std::string_view name) { writer_.Key(name.data(), length(name)); }
  void open() { writer_.StartObject(); }
  void open(std::string_view name) { key(name), writer_.StartObject(); }
  void close() { writer_.EndObject(); }
  void open_list(std::string_view name) { key(name), writer_.StartArray(); }
  void close_list() { writer_.EndArray(); }

  void value(std::string_view text) { writer_.String(text.data(), length(text)); }
  void value(std::uint64_t number) { writer_.Uint64(number); }

  void text(std::string_view name, std::string_view text) { key(name), value(text); }
  // Unknown values are left out, never null or "".
  void known(std::string_view name, std::string_view text) {
    if (!text.empty()) this->text(name, text);
  }
  void number(std::string_view name, std::uint64_t number) { key(name), value(number); }
  void flag(std::string_view name, bool flag) { key(name), writer_.Bool(flag); }
  void list(std::string_view name, const std::vector<std::string>& texts) {
    if (texts.empty()) return;
    open_list(name);
    for (const std::string& text : texts) value(text);
    close_list();
  }
  // Octets of the wire, as UTF-8.
  void octets(std::string_view name, std::string_view octets) {
    scratch_.clear();
    append_text(scratch_, octets);
    known(name, scratch_);
  }
  // A path of SMTP in its angle brackets.
  void path(std::string_view address) {
    scratch_.assign("<").append(address).append(">");
    value(scratch_);
  }
  // Milliseconds with all their microseconds, written from the integer: 1500 is 1.5.
  void milliseconds(std::string_view name, std::uint64_t microseconds);

  // The finished object; valid until the next one is begun.
  std::string_view line() const { return {buffer_.GetString(), buffer_.GetSize()}; }
  void begin() {
    buffer_.Clear();
    writer_.Reset(buffer_);
    open();
  }

 private:
  static rapidjson::SizeType length(std::string_view text) {
    return static_cast<rapidjson::SizeType>(text.size());
  }

  std::string scratch_;
  rapidjson::StringBuffer buffer_;
  rapidjson::Writer<rapidjson::StringBuffer> writer_{buffer_};
};

inline void Json::milliseconds(std::string_view name, std::uint64_t microseconds) {
  char digits[32];
  char* end = digits + sizeof digits;
  char* at = end;
  std::uint64_t fraction = microseconds % 1000;
  std::uint64_t whole = microseconds / 1000;
  if (fraction == 0) {
    number(name, whole);
    return;
  }
  for (int i = 0; i < 3; ++i, fraction /= 10) *--at = static_cast<char>('0' + fraction % 10);
  while (end[-1] == '0') --end;
  *--at = '.';
  do *--at = static_cast<char>('0' + whole % 10);
  while ((whole /= 10) != 0);
  key(name);
  writer_.RawValue(at, static_cast<std::size_t>(end - at), rapidjson::kNumberType);
}

}  // namespace mailglass::report
