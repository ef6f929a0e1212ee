// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "app/balance.h"
#include "app/config.h"
#include "report/line_sink.h"
#include "report/reporter.h"
#include "report/socket_sink.h"

namespace mailglass::app {

// Where a service's events go. Belongs to the reporter's thread once that runs.
class Sinks {
 public:
  // Throws std::system_error: "/var/log/eve.json: Permission denied".
  explicit Sinks(const Config& config);

  report::Sink* file() { return file_on_ ? &*file_ : nullptr; }
  report::Sink* socket() { return socket_on_ ? &*socket_ : nullptr; }

  // So that rotation works after the change of user.
  void give_to(uid_t user, gid_t group);

  // For rotation. Empty, or why the old file goes on.
  std::string reopen();

  // The file of another configuration, where it is another one than that of the configuration in
  // `use`. In any thread. Throws std::system_error, ConfigError.
  static std::optional<report::LineSink> open_new(const Config& config, const Config& in_use);

  // As another configuration says, whose new file is open; the reporter is told. Opening or closing
  // one starts its share of the balance anew.
  void change(const Config& config, std::optional<report::LineSink> opened,
              report::Reporter& reporter);

  // After each flush: a sink that began to fail, and one that works again, each said once.
  std::vector<std::string> news();

  // After the reporter's last event.
  void finish(const report::Totals& totals);
  std::vector<Balance::Lines> balance(const report::Totals& totals) const;

 private:
  struct Told {
    std::string trouble;
    std::uint64_t dropped = 0;
  };
  // Events rendered before the sink was there, or while it was away.
  struct Share {
    std::uint64_t without = 0;
    std::uint64_t left_at = 0;  // rendered when it went; meaningful while it is away
  };

  std::optional<report::LineSink> file_;
  std::optional<report::SocketSink> socket_;
  bool file_on_ = false, socket_on_ = false;
  std::string file_path_;
  Told file_told_, socket_told_;
  Share file_share_, socket_share_;
};

}  // namespace mailglass::app
