// SPDX-License-Identifier: BSD-3-Clause
// Which servers have offered STARTTLS or STLS before, in this process's memory: one that does not
// any more has been changed, or somebody on the path takes the offer out.
#pragma once

#include <cstdint>
#include <optional>

#include "base/tick.h"
#include "report/detect/case_table.h"
#include "report/detect/subject.h"
#include "report/dialogue.h"
#include "report/totals.h"

namespace mailglass::report {

class StarttlsMemory {
 public:
  // The server seen least lately gives way when there are more than so many.
  StarttlsMemory(std::uint32_t servers, Totals& totals);

  // What a server lists in answer to EHLO, LHLO or CAPA, in clear and before a login. When it
  // offered TLS before and does not now: the time at which it last did. Told once a session.
  std::optional<Tick> listed(Dialogue&, bool offered, Tick time);

  static std::uint64_t memory(std::uint32_t servers);  // octets

 private:
  struct Offer {
    std::uint64_t id = 0;
    Tick last;     // seen
    Tick offered;  // its last offer
  };

  Subjects subjects_;
  Totals& totals_;
  CaseTable<Offer> offers_;
};

}  // namespace mailglass::report
