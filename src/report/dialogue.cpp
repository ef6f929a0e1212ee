// SPDX-License-Identifier: BSD-3-Clause
#include "report/dialogue.h"

#include <algorithm>

namespace mailglass::report {

void Dialogue::turn_round() {
  turned = !turned;
  std::swap(opened.client, opened.server);
  std::swap(opened.client_port, opened.server_port);
  std::swap(opened.client_mac, opened.server_mac);
  std::swap(opened.tunnel.ends[0], opened.tunnel.ends[1]);
  std::swap(client, server);
  std::swap(tunnel_client, tunnel_server);
  smtp.turned();
}

Dialogue* Book::open(std::uint64_t session) {
  if (open_.size() >= limits_.sessions) return nullptr;
  auto dialogue = std::make_unique<Dialogue>(session, budget_, limits_.session_octets);
  dialogue->order = opened_++;
  return (open_[session] = std::move(dialogue)).get();
}

Dialogue* Book::find(std::uint64_t session) {
  if (latest_ != nullptr && latest_->id == session) return latest_;
  const auto at = open_.find(session);
  if (at == open_.end()) return nullptr;
  latest_ = at->second.get();
  return latest_;
}

std::vector<Dialogue*> Book::all() {
  std::vector<Dialogue*> dialogues;
  dialogues.reserve(open_.size());
  for (const auto& [id, dialogue] : open_) dialogues.push_back(dialogue.get());
  std::sort(dialogues.begin(), dialogues.end(),
            [](const Dialogue* a, const Dialogue* b) { return a->order < b->order; });
  return dialogues;
}

}  // namespace mailglass::report
