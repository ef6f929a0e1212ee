// SPDX-License-Identifier: BSD-3-Clause
// The transparency procedure of RFC 5321 section 4.5.2 and RFC 1939 section 3: a dot is put before
// each line that begins with one, and a line of one dot ends the data.
#pragma once

#include "base/bulk.h"
#include "mail/false_ends.h"

namespace mailglass::mail {

// Octets of a message that lie together, and what is known of them already.
struct Data {
  Bytes octets;
  bool any_8bit = false;
  const std::uint8_t* dashes = nullptr;  // no LF in front of this stands before a dash
};

// Undoes it over chunks cut anywhere. Only CR LF ends a line here (RFC 5321 section 2.3.8); what
// others may take for an end is only noted.
class Dots {
 public:
  // Takes octets from the front of `rest`, hands the data among them to `content(Data)`, and
  // returns true when the terminating line has been taken. Otherwise `rest` is empty after.
  template <typename Content>
  bool take(Bytes& rest, Content&& content);

  const FalseEnds& false_ends() const { return false_ends_; }
  std::uint32_t lines() const { return lines_; }

  // Octets were lost: the next line end brings us back in step.
  void lose_step() {
    at_ = At::text;
    false_ends_.lose_step();
  }

 private:
  enum class At : std::uint8_t {
    line_start,  // behind CR LF, or at the beginning
    dot,         // a dot at a line's start: its fate depends on what follows
    dot_cr,      // that dot and a CR
    text,        // inside a line
    cr,          // behind a CR inside a line
  };

  template <typename Content>
  void text(Bytes& rest, Content&& content);

  At at_ = At::line_start;
  FalseEnds false_ends_;
  std::uint32_t lines_ = 0;
};

template <typename Content>
bool Dots::take(Bytes& rest, Content&& content) {
  static constexpr std::uint8_t kCr[] = {'\r'};
  while (!rest.empty()) {
    const std::uint8_t octet = rest.front();
    if (at_ == At::text || at_ == At::cr) {
      text(rest, content);
    } else if (at_ == At::line_start && octet != '.') {
      at_ = At::text;
    } else if (at_ == At::line_start || (at_ == At::dot && octet == '\r')) {
      at_ = at_ == At::line_start ? At::dot : At::dot_cr;
      false_ends_.see(octet);
      rest = rest.subspan(1);  // stuffed or final: never data
    } else if (at_ == At::dot_cr && octet == '\n') {
      false_ends_.see(octet);
      rest = rest.subspan(1);
      at_ = At::line_start;
      return true;
    } else {
      if (at_ == At::dot_cr) content(Data{kCr, false, kCr});  // the dot was stuffed, the CR is data
      at_ = At::text;
    }
  }
  return false;
}

// Data up to the next line's start, handed on in one piece.
template <typename Content>
void Dots::text(Bytes& rest, Content&& content) {
  Bulk::Plain seen;
  std::size_t at = 0;
  while (at < rest.size() && at_ != At::line_start) {
    const std::uint8_t octet = rest[at];
    false_ends_.see(octet);
    seen.any_8bit = seen.any_8bit || octet > 127;
    if (octet == '\n') {
      ++seen.lines;
      if (seen.before_dash == nullptr) seen.before_dash = &rest[at];  // it may be
    }
    at_ = octet == '\r' ? At::cr : octet == '\n' && at_ == At::cr ? At::line_start : At::text;
    ++at;
    if (octet <= '\r' || octet == '.') continue;
    // Behind this one nothing is open: what is plain passes in bulk. At its end we are inside a
    // line, or at the start of one without a dot: the same.
    const std::size_t run = bulk.plain_data(rest.data() + at, rest.size() - at, seen);
    if (run == 0) continue;
    at += run;
    false_ends_.skip(rest[at - 1]);
    at_ = rest[at - 1] == '\r' ? At::cr : At::text;
  }
  lines_ += seen.lines;
  const std::uint8_t* const end = rest.data() + at;
  content(
      Data{rest.first(at), seen.any_8bit, seen.before_dash == nullptr ? end : seen.before_dash});
  rest = rest.subspan(at);
}

}  // namespace mailglass::mail
