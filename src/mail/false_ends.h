// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <string_view>

namespace mailglass::mail {

// Watches the octets of dot-stuffed data for what the standard takes for data and another
// implementation for a line end, or for the end of the data: a lone dot with anything but CR LF on
// either side, or with a NUL beside it ("SMTP smuggling", CVE-2023-51764 and its kin). RFC 5321
// section 2.3.8: only CR LF ends a line.
class FalseEnds {
 public:
  enum class Kind : std::uint8_t { lf, cr, nul };  // what makes it false; the last that applies

  // The next octet.
  void see(std::uint8_t octet);

  // Octets were passed over that hold no bare CR or LF, no NUL, and no line that begins with a dot;
  // `last` is the last of them.
  void skip(std::uint8_t last) {
    lead_ = last == '\r' ? Mark::cr : Mark::crlf;
    at_ = last == '\r' ? At::behind_cr : last == '\n' ? At::behind_end : At::text;
    nul_ = Nul::none;
  }
  void lose_step() { at_ = At::text; }  // octets were lost

  bool none() const { return (found_ & (kBareLf - 1)) == 0; }
  bool bare_lf() const { return (found_ & kBareLf) != 0; }  // outside of a false end or in one
  bool bare_cr() const { return (found_ & kBareCr) != 0; }

  // Calls tell(Kind, text) once for each kind of false end found; `text` as "<LF>.<CR><LF>".
  template <typename Tell>
  void each(Tell&& tell) const {
    for (unsigned end = 0; end < kEnds; ++end) {
      if ((found_ >> end & 1) == 0) continue;
      char text[kLongest];
      tell(kind_of(end), spell(end, text));
    }
  }

 private:
  enum class Mark : std::uint8_t { lf, cr, crlf };
  enum class Nul : std::uint8_t { none, before, behind };  // the dot
  // Behind a CR: with no NUL behind it, so that LF would make it a line end.
  enum class At : std::uint8_t { text, behind_end, behind_cr, dot, dot_cr };

  static constexpr unsigned kEnds = 27;  // what stands before, the NUL, what stands behind
  static constexpr std::uint32_t kBareLf = 1u << 27, kBareCr = 1u << 28;
  static constexpr std::size_t kLongest = 24;

  void found(Mark behind);
  bool behind() const { return at_ == At::behind_end || at_ == At::behind_cr; }
  static Kind kind_of(unsigned end);
  static std::string_view spell(unsigned end, char (&text)[kLongest]);

  std::uint32_t found_ = 0;
  At at_ = At::behind_end;  // DATA's own line end
  Mark lead_ = Mark::crlf;
  Nul nul_ = Nul::none;
};

}  // namespace mailglass::mail
