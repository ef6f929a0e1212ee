// SPDX-License-Identifier: BSD-3-Clause
// The text of a server's reply: its lines, its enhanced status code, the queue id it names.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace mailglass::report {

// Walks the lines of a text, which LF or CRLF separate.
class Lines {
 public:
  explicit Lines(std::string_view text) : rest_(text), more_(!text.empty()) {}
  bool next(std::string_view& line);

 private:
  std::string_view rest_;
  bool more_;
};

// RFC 3463: class.subject.detail. Class 0 stands for none.
struct EnhancedCode {
  std::array<std::uint16_t, 3> part{};
  bool present() const { return part[0] != 0; }
  std::string text() const;  // "5.7.1"
};

// `line` without a reply code ("250 ", "250-", "+OK ", "-ERR ") in front, should there be one.
std::string_view without_code(std::string_view line, std::uint16_t code);

// Appends all lines, LF between them, without reply codes and without the enhanced code that each
// line repeats (RFC 2034 section 4).
void append_reply(std::string& out, std::string_view text, std::uint16_t code,
                  const EnhancedCode& enhanced);

// The id under which the server queued the message, as its software words it; empty if it did not
// say. "queued as 4F2", "OK id=1q-2", "ok 1700 qp 12", "4F2 Message accepted for delivery", ...
std::string_view queue_id(std::string_view text);

}  // namespace mailglass::report
