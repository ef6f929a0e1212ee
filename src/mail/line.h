// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "mail/gather.h"

namespace mailglass::mail {

// RFC 8446 section 5.1: the first octet of a TLS handshake. No line of a dialogue begins with it.
constexpr std::uint8_t kTlsHandshake = 22;

// A whole line. `text` has no line end and holds at most a block's worth.
struct Line {
  Bytes text;
  std::uint32_t octets = 0;  // on the wire, with the line end
  bool bare_lf = false;      // ended by LF without CR
  bool truncated = false;
};

// Takes octets from the front of `rest` up to the end of the line begun in `partial`. True when the
// line is whole: `line.text` then points into the chunk or into `partial`, which the caller clears
// once done. Only LF ends a line: that is where all implementations agree one may end.
inline bool take_line(Gather& partial, BlockPool& pool, tally::Counters& counters, Bytes& rest,
                      Line& line) {
  const void* lf = std::memchr(rest.data(), '\n', rest.size());
  const std::size_t length =
      lf == nullptr
          ? rest.size()
          : static_cast<std::size_t>(static_cast<const std::uint8_t*>(lf) - rest.data()) + 1;
  partial.add(pool, counters, rest.first(length));
  rest = rest.subspan(length);
  if (lf == nullptr) {
    partial.settle(pool, counters);
    return false;
  }
  line = {partial.view(pool), partial.octets(), true, partial.cut()};
  if (!line.text.empty() && line.text.back() == '\n')
    line.text = line.text.first(line.text.size() - 1);
  if (!line.text.empty() && line.text.back() == '\r') {
    line.text = line.text.first(line.text.size() - 1);
    line.bare_lf = false;
  }
  if (line.truncated) line.bare_lf = false;  // its end was not kept
  return true;
}

}  // namespace mailglass::mail
