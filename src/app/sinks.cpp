// SPDX-License-Identifier: BSD-3-Clause
#include "app/sinks.h"

#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

namespace mailglass::app {
namespace {

report::SocketSink::Type type_of(const Config& config) {
  return config.eve_socket_type == SocketType::stream ? report::SocketSink::Type::stream
                                                      : report::SocketSink::Type::datagram;
}

std::uint64_t rendered(const report::Totals& totals) {
  std::uint64_t sum = 0;
  for (const tally::Cell& cell : totals.events) sum += cell.get();
  return sum;
}

}  // namespace

Sinks::Sinks(const Config& config) : file_path_(config.eve_file) {
  if (!config.eve_file.empty()) file_.emplace(report::LineSink::append(config.eve_file));
  if (!config.eve_socket.empty()) socket_.emplace(config.eve_socket, type_of(config));
  file_on_ = file_.has_value();
  socket_on_ = socket_.has_value();
}

void Sinks::give_to(uid_t user, gid_t group) {
  if (file_ && !file_->give_to(user, group)) {
    throw std::system_error(errno, std::generic_category(), file_path_ + ": cannot give it away");
  }
}

std::string Sinks::reopen() {
  if (!file_on_ || file_path_ == "-") return {};
  if (file_->reopen(file_path_)) return {};
  return file_path_ + " cannot be opened again (" + std::strerror(errno) +
         "): the file that was open goes on";
}

std::optional<report::LineSink> Sinks::open_new(const Config& config, const Config& in_use) {
  if (config.eve_file == in_use.eve_file || config.eve_file.empty()) return std::nullopt;
  if (config.eve_file == "-") throw ConfigError("eve.file cannot become \"-\" without a restart");
  return report::LineSink::append(config.eve_file);
}

void Sinks::change(const Config& config, std::optional<report::LineSink> opened,
                   report::Reporter& reporter) {
  const std::uint64_t now = rendered(reporter.totals());
  const auto turn = [now](bool& on, bool wanted, Share& share) {
    if (on && !wanted) share.left_at = now;
    if (!on && wanted) share.without += now - share.left_at;
    on = wanted;
  };
  if (opened && file_) {
    file_->go_on_in(std::move(*opened));
  } else if (opened) {
    file_.emplace(std::move(*opened));
  } else if (config.eve_file.empty() && file_) {
    file_->flush();
  }
  turn(file_on_, !config.eve_file.empty(), file_share_);
  file_path_ = config.eve_file;
  if (config.eve_socket.empty()) {
    if (socket_on_) socket_->give_up();
    turn(socket_on_, false, socket_share_);
  } else {
    if (socket_) {
      socket_->retarget(config.eve_socket, type_of(config));
    } else {
      socket_.emplace(config.eve_socket, type_of(config));
    }
    turn(socket_on_, true, socket_share_);
  }
  reporter.redirect(file(), socket());
}

std::vector<std::string> Sinks::news() {
  std::vector<std::string> lines;
  const auto tell = [&](const report::Sink* sink, const char* meanwhile, Told& told) {
    if (sink == nullptr || sink->trouble() == told.trouble) return;
    if (!sink->trouble().empty()) {
      lines.push_back(sink->trouble() + meanwhile);
    } else {
      lines.push_back("events are written again (it was " + told.trouble + "); " +
                      std::to_string(sink->dropped() - told.dropped) + " were dropped");
      told.dropped = sink->dropped();
    }
    told.trouble = sink->trouble();
  };
  tell(file(), ": events are being dropped", file_told_);
  tell(socket(), ": events wait, and what 1 MiB does not hold is dropped", socket_told_);
  return lines;
}

void Sinks::finish(const report::Totals& totals) {
  if (file_on_) file_->flush();
  if (socket_on_) socket_->give_up();
  const std::uint64_t now = rendered(totals);
  if (!file_on_) file_share_.without += now - file_share_.left_at;
  if (!socket_on_) socket_share_.without += now - socket_share_.left_at;
}

std::vector<Balance::Lines> Sinks::balance(const report::Totals& totals) const {
  std::vector<Balance::Lines> lines;
  const std::uint64_t now = rendered(totals);
  if (file_) {
    lines.push_back({"eve.file", now - file_share_.without, file_->written(), file_->dropped()});
  }
  if (socket_) {
    lines.push_back(
        {"eve.socket", now - socket_share_.without, socket_->written(), socket_->dropped()});
  }
  return lines;
}

}  // namespace mailglass::app
