// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "mail/line.h"
#include "mail/turn.h"

namespace mailglass::mail {

// What is wrong with the form of one side's lines, whatever they say. Each kind is told once a
// session.
class LineWatch {
 public:
  // `longest` octets with the line end are allowed.
  void look(Turn& turn, tally::Direction direction, const Line& line, std::uint32_t longest);

 private:
  bool bare_lf_ = false, bare_cr_ = false, nul_ = false, long_ = false;  // told
};

}  // namespace mailglass::mail
