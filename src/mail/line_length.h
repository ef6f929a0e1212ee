// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <cstring>

#include "base/bytes.h"

namespace mailglass::mail {

// Whether a line of a message is longer than RFC 5321 section 4.5.3.1.6 allows, over octets cut
// anywhere. Looks backwards for one line end in every thousand octets, not for each.
class LineLength {
 public:
  static constexpr std::size_t kMost = 1000;  // with its CR LF

  // True, once, when a line grows beyond kMost.
  bool grows_over(Bytes octets) {
    if (quiet_) return false;
    while (octets.size() > kMost - open_) {
      const std::size_t line = behind_last_end(octets.first(kMost - open_));
      if (line == 0) return quiet_ = true;
      octets = octets.subspan(line);
      open_ = 0;
    }
    const std::size_t line = behind_last_end(octets);
    open_ = static_cast<std::uint16_t>(octets.size() - line + (line == 0 ? open_ : 0));
    return false;
  }
  void lose() { open_ = 0; }  // where a line began is not known: the next end says it
  void have_no_meaning() { quiet_ = true; }  // BODY=BINARYMIME: LF is an octet like any other

 private:
  // 0 where there is none.
  static std::size_t behind_last_end(Bytes octets) {
    if (octets.empty()) return 0;
    const void* lf = memrchr(octets.data(), '\n', octets.size());
    if (lf == nullptr) return 0;
    return static_cast<std::size_t>(static_cast<const std::uint8_t*>(lf) - octets.data()) + 1;
  }

  std::uint16_t open_ = 0;  // octets of the line so far; kMost at most
  bool quiet_ = false;
};

}  // namespace mailglass::mail
