// SPDX-License-Identifier: BSD-3-Clause
#include "mail/false_ends.h"

#include <cstring>

namespace mailglass::mail {

void FalseEnds::see(std::uint8_t octet) {
  const bool after_cr = at_ == At::dot_cr || at_ == At::behind_cr;
  if (octet == '\n') {
    if (!after_cr) found_ |= kBareLf;
    if (at_ == At::dot) found(Mark::lf);
    if (at_ == At::dot_cr) found(Mark::crlf);
    lead_ = after_cr ? Mark::crlf : Mark::lf;
    at_ = At::behind_end;
    nul_ = Nul::none;
    return;
  }
  if (after_cr) found_ |= kBareCr;
  if (at_ == At::dot_cr) {
    found(Mark::cr);
    at_ = At::behind_cr, lead_ = Mark::cr, nul_ = Nul::none;
  }
  if (octet == '\r') {
    if (at_ == At::dot) {
      at_ = At::dot_cr;
    } else {
      at_ = At::behind_cr, lead_ = Mark::cr, nul_ = Nul::none;
    }
  } else if (octet == '.' && behind()) {
    at_ = At::dot;
  } else if (octet == 0 && behind()) {
    at_ = At::behind_end, nul_ = Nul::before;
  } else if (octet == 0 && at_ == At::dot) {
    if (nul_ == Nul::none) nul_ = Nul::behind;
  } else {
    at_ = At::text;
    nul_ = Nul::none;
  }
}

void FalseEnds::found(Mark behind) {
  if (lead_ == Mark::crlf && nul_ == Nul::none && behind == Mark::crlf) return;  // the true one
  found_ |= 1u << (static_cast<unsigned>(lead_) * 9 + static_cast<unsigned>(nul_) * 3 +
                   static_cast<unsigned>(behind));
}

FalseEnds::Kind FalseEnds::kind_of(unsigned end) {
  if (end / 3 % 3 != 0) return Kind::nul;
  const auto is_cr = [](unsigned mark) { return static_cast<Mark>(mark) == Mark::cr; };
  return is_cr(end / 9) || is_cr(end % 3) ? Kind::cr : Kind::lf;
}

std::string_view FalseEnds::spell(unsigned end, char (&text)[kLongest]) {
  static constexpr std::string_view kMarks[] = {"<LF>", "<CR>", "<CR><LF>"};
  static constexpr std::string_view kDots[] = {".", "<NUL>.", ".<NUL>"};
  std::size_t size = 0;
  for (const std::string_view part : {kMarks[end / 9], kDots[end / 3 % 3], kMarks[end % 3]}) {
    std::memcpy(text + size, part.data(), part.size());
    size += part.size();
  }
  return {text, size};
}

}  // namespace mailglass::mail
