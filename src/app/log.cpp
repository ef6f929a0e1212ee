// SPDX-License-Identifier: BSD-3-Clause
#include "app/log.h"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <stdlib.h>

#include <utility>

namespace mailglass::app {
namespace {

// syslog(3)'s number of a level.
class JournalLevel : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& message, const std::tm&,
              spdlog::memory_buf_t& to) override {
    const char level = message.level >= spdlog::level::critical ? '2'
                       : message.level == spdlog::level::err    ? '3'
                       : message.level == spdlog::level::warn   ? '4'
                                                                : '6';
    for (const char c : {'<', level, '>'}) to.push_back(c);
  }
  std::unique_ptr<custom_flag_formatter> clone() const override {
    return std::make_unique<JournalLevel>();
  }
};

}  // namespace

std::shared_ptr<spdlog::logger> make_log() {
  auto formatter = std::make_unique<spdlog::pattern_formatter>();
  const bool journal = getenv("JOURNAL_STREAM") != nullptr;
  formatter->add_flag<JournalLevel>('*').set_pattern(journal ? "%*%v" : "%Y-%m-%dT%T.%e%z %l: %v");
  auto sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
  auto log = std::make_shared<spdlog::logger>("mailglass", std::move(sink));
  log->set_formatter(std::move(formatter));
  log->flush_on(spdlog::level::info);
  return log;
}

void log_block(spdlog::logger& log, const std::vector<std::string>& lines) {
  for (const std::string& line : lines) log.info("{}", line);
}

}  // namespace mailglass::app
