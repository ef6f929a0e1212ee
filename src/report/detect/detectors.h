// SPDX-License-Identifier: BSD-3-Clause
// The cases of all detectors: who did how much of what within the window, and who is told. What is
// counted comes from `watch.h`; time comes with it, never from a clock.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string_view>

#include "base/fixed_vector.h"
#include "base/tick.h"
#include "report/detect/alert.h"
#include "report/detect/case_table.h"
#include "report/detect/settings.h"
#include "report/detect/sliding_count.h"
#include "report/detect/subject.h"
#include "report/totals.h"

namespace mailglass::report {

constexpr std::size_t kSamples = 8;
using Samples = FixedVector<Subject, kSamples>;

// What stands for an alert. Views and references last for the call.
struct Evidence {
  Alert alert{};
  bool ended = false;  // an alert's window is over; told only when something followed it
  std::string_view subject;
  std::uint64_t count = 0;     // within the window; not when it is over
  std::uint64_t total = 0;     // since `first`
  std::uint64_t followed = 0;  // since the alert before this one was raised
  AlertLimit limit;
  Tick first, last;
  const Samples* samples = nullptr;  // the first ones
};

class Detectors {
 public:
  using Tell = std::function<void(const Evidence&, Tick)>;

  // Memory for all cases of those that are switched on is taken here.
  Detectors(const DetectSettings& settings, Totals& totals, Tell tell);

  bool on(Alert alert) const { return limit(alert).threshold > 0; }
  const AlertLimit& limit(Alert alert) const { return limits_[static_cast<std::size_t>(alert)]; }

  // Before any of the others, with the time of each record. Lets go of cases whose window is over.
  void advance(Tick time);
  // `n` more of what the alert counts.
  void count(Alert alert, const Subject& subject, const Subject& sample, std::uint64_t n = 1);
  // The same, but nothing is told yet: `tell_if_over` asks.
  void note(Alert alert, const Subject& subject, const Subject& sample);
  void tell_if_over(Alert alert, const Subject& subject);
  // A try of `source` at `user`'s password: password_spray.
  void spray(const Subject& source, const Subject& user);
  void finish();  // tells what followed the alerts that still stand

  static std::uint64_t memory(const DetectSettings& settings);  // octets reserved by them

 private:
  struct Case {
    std::uint64_t id = 0;
    Tick first, last;
    ShortName name;
    SlidingCount window;
    std::uint64_t total = 0, followed = 0;
    bool standing = false;  // an alert was raised at `raised`, less than a window ago
    Tick raised;
    Samples samples;
  };
  struct Tried {
    std::uint64_t user = 0, tries = 0;
    Tick last;
  };
  struct Spray : Case {
    FixedVector<Tried, 64> tried;  // the highest threshold
  };

  Case& open(Alert, const Subject& subject, const Subject& sample, std::uint64_t n);
  template <typename AnyCase>
  AnyCase& begin(AnyCase&, const Subject& subject, const Subject& sample);
  void judge(Alert, Case&, std::uint64_t count, std::uint64_t n);
  void say(Alert, const Case&, std::uint64_t count, bool ended);
  void leave(Alert, const Case&, bool gives_way);
  template <typename Table>
  void expire(Alert, Table&);
  void start_anew(Tick time);
  template <typename Call>
  void each_table(Call&& call);
  Tick long_ago(Alert alert) const;

  std::array<AlertLimit, kAlertKinds> limits_;
  std::uint32_t spray_tries_;
  Totals& totals_;
  Tell tell_;
  Tick now_;
  Tick looked_;  // when cases that are over were last let go
  std::array<std::optional<CaseTable<Case>>, kAlertKinds> cases_;  // but of password_spray
  std::optional<CaseTable<Spray>> sprays_;
};

}  // namespace mailglass::report
