// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <prometheus/exposer.h>

#include <memory>
#include <string>

#include "report/metrics.h"

namespace mailglass::report {

// Why nobody could serve there, or "". That somebody does now is no reason.
std::string why_not_served(const std::string& address);

// Serves http://ADDRESS/metrics from threads of its own. ADDRESS is "9465", "127.0.0.1:9465" or
// "[::1]:9465". Throws std::runtime_error with one sentence when it cannot listen there.
class Exposer {
 public:
  Exposer(const std::string& address, std::shared_ptr<Metrics> metrics);
  ~Exposer();
  Exposer(const Exposer&) = delete;
  Exposer& operator=(const Exposer&) = delete;

 private:
  std::string address_;
  std::shared_ptr<Metrics> metrics_;  // the server itself holds it weakly
  std::unique_ptr<prometheus::Exposer> server_;
};

}  // namespace mailglass::report
