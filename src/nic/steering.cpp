// SPDX-License-Identifier: BSD-3-Clause
#include "nic/steering.h"

namespace mailglass::nic {

// Frames without TCP stay where they are: their fate does not depend on others.
Steering::Route Steering::owner_of(const wire::Outline& outline) const {
  if (outline.ports == nullptr) return {Route::Kind::worker, self_, {}};
  FoldedTuple tuple;
  if (outline.ipv6) {
    tuple.add<32>(outline.addresses);
  } else {
    tuple.add<8>(outline.addresses);
  }
  tuple.add<4>(outline.ports);
  return {Route::Kind::worker, owners_.of(toeplitz(tuple)), {}};
}

void Steering::give(unsigned worker, const Moving& frame, Destination& to) {
  if (worker == self_) return to.keep(frame);
  to.send(worker, frame, Duty::inspect);
}

void Steering::steer(const Moving& frame, Bytes octets, Duty duty, Destination& to) {
  if (duty == Duty::inspect) return to.keep(frame);
  outliner_.look(wire::LinkType::kEthernet, {octets, frame.time}, outline_);
  if (outline_.fragments == 0) return give(owner_of(outline_).worker, frame, to);
  const unsigned joiner = joiner_of(outline_.fragment[0]);
  if (duty == Duty::steer && joiner != self_) return to.send(joiner, frame, Duty::fragment);
  join(frame, duty, to);
}

// A fragment, of which this worker knows where its datagram goes, or will.
void Steering::join(const Moving& frame, Duty duty, Destination& to) {
  const wire::FragmentKey& key = outline_.fragment[0];
  const bool is_inside = outline_.fragments > 1;
  if (!is_inside && outline_.behind_first) {
    const Route route = routes_.find(key, frame.time);
    if (route.kind == Route::Kind::unknown) return wait(key, frame, to);
    return follow(route, frame, duty, false, to);
  }
  const Route route =
      is_inside ? Route{Route::Kind::inside, 0, outline_.fragment[1]} : owner_of(outline_);
  released_.clear();
  routes_.learn(key, route, frame.time, released_, given_up_);
  keep_given_up(to);
  for (const Moving& waited : released_) follow(route, waited, duty, false, to);
  follow(route, frame, duty, true, to);
}

// `shown`: the outline is this frame's.
void Steering::follow(const Route& route, const Moving& frame, Duty duty, bool shown,
                      Destination& to) {
  if (route.kind != Route::Kind::inside) return give(route.worker, frame, to);
  const unsigned joiner = joiner_of(route.key);
  if (duty != Duty::inside && joiner != self_) return to.send(joiner, frame, Duty::inside);
  join_inside(route.key, frame, shown && !outline_.behind_first, to);
}

// A frame of a datagram that holds a fragment, which is perhaps the `first` one of its own
// datagram.
void Steering::join_inside(const wire::FragmentKey& key, const Moving& frame, bool first,
                           Destination& to) {
  Route route = routes_.find(key, frame.time);
  if (first) {
    route = owner_of(outline_);
    released_.clear();
    routes_.learn(key, route, frame.time, released_, given_up_);
    keep_given_up(to);
    for (const Moving& waited : released_) give(route.worker, waited, to);
  } else if (route.kind == Route::Kind::unknown) {
    return wait(key, frame, to);
  }
  give(route.kind == Route::Kind::worker ? route.worker : self_, frame, to);
}

void Steering::wait(const wire::FragmentKey& key, const Moving& frame, Destination& to) {
  routes_.wait(key, frame, frame.time, given_up_);
  keep_given_up(to);
}

// ---- what nobody tells the way of ---------------------------------------------------------------

void Steering::keep_given_up(Destination& to) {
  for (const Moving& frame : given_up_) to.keep(frame);
  given_up_.clear();
}

void Steering::age(Tick now, Destination& to) {
  routes_.age(now, given_up_);
  keep_given_up(to);
}

void Steering::give_up_all(Destination& to) {
  routes_.give_up_all(given_up_);
  keep_given_up(to);
}

}  // namespace mailglass::nic
