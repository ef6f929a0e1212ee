// SPDX-License-Identifier: BSD-3-Clause
#include "report/detect/starttls_memory.h"

#include <algorithm>
#include <string>

namespace mailglass::report {

StarttlsMemory::StarttlsMemory(std::uint32_t servers, Totals& totals)
    : totals_(totals), offers_(servers) {}

std::optional<Tick> StarttlsMemory::listed(Dialogue& dialogue, bool offered, Tick time) {
  if (dialogue.tls.implicit || dialogue.tls.upgraded || dialogue.authenticated) return {};
  const auto& server = dialogue.opened.server.octet;
  std::string name(reinterpret_cast<const char*>(server.data()), server.size());
  name.push_back(static_cast<char>(dialogue.opened.server_port >> 8));
  name.push_back(static_cast<char>(dialogue.opened.server_port & 0xff));
  const std::uint64_t id = subjects_.id(name);
  if (offered) {
    const auto gives_way = [this](const Offer&) { totals_.offers_gave_way.add(1); };
    Offer& offer = offers_.see(id, time, gives_way);
    offer.offered = std::max(offer.offered, time);
    return {};
  }
  const Offer* before = offers_.find(id);
  if (before == nullptr || dialogue.starttls_missed) return {};
  dialogue.starttls_missed = true;
  return before->offered;
}

std::uint64_t StarttlsMemory::memory(std::uint32_t servers) {
  return std::uint64_t{servers} * CaseTable<Offer>::octets_each();
}

}  // namespace mailglass::report
