// SPDX-License-Identifier: BSD-3-Clause
#include "report/detect/detectors.h"

#include <algorithm>
#include <utility>

namespace mailglass::report {
namespace {

// Records of two workers may be a moment out of order. What is older than that is another capture.
constexpr std::uint64_t kOutOfOrder = 60 * kMicrosecondsPerSecond;
// How often cases are looked at that may be over.
constexpr std::uint64_t kLook = kMicrosecondsPerSecond / 10;

std::array<AlertLimit, kAlertKinds> limits_of(const DetectSettings& settings) {
  return {
#define ALERT(id, ...) settings.id,
#include "report/detect/alerts.def"
  };
}

std::size_t index_of(Alert alert) { return static_cast<std::size_t>(alert); }

}  // namespace

Detectors::Detectors(const DetectSettings& settings, Totals& totals, Tell tell)
    : limits_(limits_of(settings)),
      spray_tries_(settings.spray_tries),
      totals_(totals),
      tell_(std::move(tell)) {
  for (std::size_t i = 0; i < kAlertKinds; ++i) {
    const auto alert = static_cast<Alert>(i);
    if (!on(alert)) continue;
    if (alert == Alert::password_spray) {
      sprays_.emplace(settings.suspects);
    } else {
      cases_[i].emplace(settings.suspects);
    }
  }
}

template <typename Call>
void Detectors::each_table(Call&& call) {
  for (std::size_t i = 0; i < kAlertKinds; ++i) {
    if (cases_[i]) call(static_cast<Alert>(i), *cases_[i]);
  }
  if (sprays_) call(Alert::password_spray, *sprays_);
}

Tick Detectors::long_ago(Alert alert) const {
  return {now_.us - limit(alert).seconds * kMicrosecondsPerSecond};
}

void Detectors::advance(Tick time) {
  time = std::max(time, Tick{});  // a capture may say anything; no window reaches below
  if (now_.since(time) > kOutOfOrder) start_anew(time);
  now_ = std::max(now_, time);
  if (now_.since(looked_) < kLook) return;
  looked_ = now_;
  each_table([this](Alert alert, auto& table) { expire(alert, table); });
}

template <typename Table>
void Detectors::expire(Alert alert, Table& table) {
  table.expire(long_ago(alert), [&](Case& seen) { leave(alert, seen, false); });
  totals_.watched[index_of(alert)].set(table.size());
}

void Detectors::start_anew(Tick time) {
  each_table([this](Alert alert, auto& table) {
    table.clear([&](Case& seen) { leave(alert, seen, false); });
  });
  totals_.clock_set_back.add(1);
  now_ = looked_ = time;
}

void Detectors::leave(Alert alert, const Case& seen, bool gives_way) {
  if (gives_way && seen.last >= long_ago(alert)) totals_.gave_way[index_of(alert)].add(1);
  if (seen.followed > 0) say(alert, seen, 0, true);
}

template <typename AnyCase>
AnyCase& Detectors::begin(AnyCase& seen, const Subject& subject, const Subject& sample) {
  if (seen.total == 0) {
    seen.first = now_;
    seen.name = subject.name;
  }
  const auto known = [&](const Subject& s) { return s.id == sample.id; };
  if (sample && !seen.samples.full() &&
      std::none_of(seen.samples.begin(), seen.samples.end(), known)) {
    (void)seen.samples.push(sample);
  }
  return seen;
}

Detectors::Case& Detectors::open(Alert alert, const Subject& subject, const Subject& sample,
                                 std::uint64_t n) {
  CaseTable<Case>& table = *cases_[index_of(alert)];
  Case& seen = begin(table.see(subject.id, now_, [&](Case& old) { leave(alert, old, true); }),
                     subject, sample);
  seen.window.add(now_, limit(alert).seconds, n);
  seen.total += n;
  return seen;
}

void Detectors::count(Alert alert, const Subject& subject, const Subject& sample, std::uint64_t n) {
  if (!on(alert) || !subject) return;
  Case& seen = open(alert, subject, sample, n);
  judge(alert, seen, seen.window.at(now_, limit(alert).seconds), n);
}

void Detectors::note(Alert alert, const Subject& subject, const Subject& sample) {
  if (on(alert) && subject) open(alert, subject, sample, 1);
}

void Detectors::tell_if_over(Alert alert, const Subject& subject) {
  if (!on(alert) || !subject) return;
  Case* seen = cases_[index_of(alert)]->find(subject.id);
  if (seen != nullptr) judge(alert, *seen, seen->window.at(now_, limit(alert).seconds), 1);
}

void Detectors::spray(const Subject& source, const Subject& user) {
  constexpr Alert kSpray = Alert::password_spray;
  if (!on(kSpray) || !source || !user) return;
  Spray& seen = begin(sprays_->see(source.id, now_, [&](Case& old) { leave(kSpray, old, true); }),
                      source, user);
  ++seen.total;
  auto& tried = seen.tried;
  auto* place =
      std::find_if(tried.begin(), tried.end(), [&](const Tried& t) { return t.user == user.id; });
  if (place == tried.end() && !tried.push({user.id, 0, {}})) {
    place = std::min_element(tried.begin(), tried.end(),
                             [](const Tried& a, const Tried& b) { return a.last < b.last; });
    *place = {user.id, 0, {}};
  }
  const Tick then = long_ago(kSpray);
  if (place->last < then) place->tries = 0;
  ++place->tries;
  place->last = now_;
  std::uint64_t users = 0, tries = 0;
  for (const Tried& t : tried) {
    if (t.last < then) continue;
    ++users;
    tries += t.tries;
  }
  judge(kSpray, seen, tries <= users * spray_tries_ ? users : 0, 1);
}

// One alert stands for what follows it within the window; how much that was is told with the next
// one, or when the case is over.
void Detectors::judge(Alert alert, Case& seen, std::uint64_t count, std::uint64_t n) {
  const AlertLimit& limit = this->limit(alert);
  const std::uint64_t window = std::uint64_t{limit.seconds} * kMicrosecondsPerSecond;
  if (seen.standing && now_.since(seen.raised) < window) {
    seen.followed += n;
    totals_.suppressed[index_of(alert)].add(n);
    return;
  }
  seen.standing = false;
  const bool over = count >= limit.threshold;
  if (!over && seen.followed == 0) return;
  say(alert, seen, count, !over);
  seen.standing = over;
  seen.raised = now_;
  seen.followed = 0;
}

void Detectors::say(Alert alert, const Case& seen, std::uint64_t count, bool ended) {
  if (!ended) totals_.alerts[index_of(alert)].add(1);
  Evidence evidence;
  evidence.alert = alert;
  evidence.ended = ended;
  evidence.subject = seen.name.view();
  evidence.count = count;
  evidence.total = seen.total;
  evidence.followed = seen.followed;
  evidence.limit = limit(alert);
  evidence.first = seen.first;
  evidence.last = seen.last;
  evidence.samples = &seen.samples;
  tell_(evidence, now_);
}

void Detectors::finish() {
  each_table([this](Alert alert, auto& table) {
    table.clear([&](Case& seen) { leave(alert, seen, false); });
    totals_.watched[index_of(alert)].set(0);
  });
}

std::uint64_t Detectors::memory(const DetectSettings& settings) {
  std::uint64_t octets = 0;
  const auto limits = limits_of(settings);
  for (std::size_t i = 0; i < kAlertKinds; ++i) {
    const bool spray = static_cast<Alert>(i) == Alert::password_spray;
    const std::size_t each =
        spray ? CaseTable<Spray>::octets_each() : CaseTable<Case>::octets_each();
    if (limits[i].threshold > 0) octets += std::uint64_t{settings.suspects} * each;
  }
  return octets;
}

}  // namespace mailglass::report
