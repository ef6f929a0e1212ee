// SPDX-License-Identifier: BSD-3-Clause
#include "app/commands.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <memory>
#include <new>
#include <system_error>

#include "app/findings.h"
#include "app/installation.h"
#include "app/interrupt.h"
#include "app/memory_plan.h"
#include "app/picture.h"
#include "app/privileges.h"
#include "app/reading.h"
#include "app/service.h"
#include "match/pattern_set.h"
#include "report/scrape.h"

namespace mailglass::app {
namespace {

constexpr int kDone = 0, kFailed = 1, kUsage = 2;

// A core dump would hold the mail and the secrets that were in memory. Only who has secrets
// revealed anyway gets one.
void keep_secrets_out_of_core_dumps(const Config& config) {
  if (config.credentials.policy != mail::CredentialPolicy::reveal) {
    forbid_core_dumps();
  }
}

// Started with a standard stream closed, the next file opened would become that stream, and be
// written into. A descriptor that fails every use takes the place.
void fill_standard_streams() {
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (fcntl(fd, F_GETFD) >= 0) continue;
    (void)!open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);  // the lowest free: fd
  }
}

// Where the service of a configuration can be asked from its own machine.
std::string metrics_url(const Config& config, const std::string& name) {
  std::string address = config.metrics_address;
  if (address.empty())
    throw ConfigError(name + ": metrics.address is empty: there is nobody to ask");
  if (address.starts_with("0.0.0.0:")) address.replace(0, 7, "127.0.0.1");
  if (address.starts_with("[::]:")) address.replace(0, 4, "[::1]");
  return "http://" + address + "/metrics";
}

// What a broken file says of its service does not matter: that one goes on with what it has.
Config load_for_doctor(const std::string& config_file) {
  try {
    return load_config(config_file);
  } catch (const ConfigError& error) {
    throw ConfigError(std::string(error.what()) +
                      "; doctor --metrics http://ADDRESS:PORT/metrics asks without the file");
  }
}

int dispatch(const CommandLine& line) {
  switch (line.command) {
    case CommandLine::Command::read:
      return read_command(line.read);
    case CommandLine::Command::run:
      return run_command(line.run_config);
    case CommandLine::Command::check:
      return check_command(line.check);
    case CommandLine::Command::doctor:
      return doctor_command(line.doctor);
    case CommandLine::Command::print:
      break;
  }
  fmt::print("{}", line.text);
  return kDone;
}

}  // namespace

void complain(const std::string& sentence) { fmt::print(stderr, "mailglass: {}\n", sentence); }

int read_command(const ReadOptions& options) {
  Config config = options.config.empty() ? Config{} : load_config(options.config);
  if (options.credentials) config.credentials.policy = *options.credentials;
  if (options.excerpt) config.limits.mail.excerpt_octets = *options.excerpt;
  ensure_key(config);
  keep_secrets_out_of_core_dumps(config);

  Reading reading(options, config);
  const auto troubles = reading.run();
  for (const std::string& trouble : troubles) complain(trouble);
  return troubles.empty() ? kDone : kFailed;
}

int check_command(const CheckOptions& options) {
  if (options.defaults) fmt::print("{}", default_config_text());
  if (options.table) fmt::print("{}", settings_table());
  if (options.config.empty()) return kDone;
  const Config config = load_config(options.config);
  refuse(missing_here(config), config, options.config);
  match::PatternSet::load(patterns_folder(config.patterns_folder));
  fmt::print("{}: nothing is wrong\n{}", options.config, describe_memory(config));
  return kDone;
}

int run_command(const std::string& config_file) {
  hold_signals({SIGHUP, SIGUSR1});  // one that comes now is answered once the service is at work
  Config config = load_config(config_file);
  if (config.ports.empty()) {
    throw ConfigError(config_file +
                      ": there is no [[port]]: `run` needs at least one, such as "
                      "device = \"net_af_packet0,iface=eth1\"");
  }
  refuse(missing_here(config), config, config_file);
  ensure_key(config);
  config.limits.hash_seed = random_seed();
  keep_secrets_out_of_core_dumps(config);
  std::unique_ptr<Service> service;
  try {
    service = std::make_unique<Service>(config, config_file);
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception& error) {  // what is asked for is not to be had here
    complain(error.what());
    return kUsage;
  }
  return service->run() ? kDone : kFailed;
}

int doctor_command(const DoctorOptions& options) {
  const std::string where = options.metrics.empty()
                                ? metrics_url(load_for_doctor(options.config), options.config)
                                : options.metrics;
  std::string text;
  try {
    text = report::fetch_metrics(where);
  } catch (const std::exception& error) {
    complain(error.what());
    return kUsage;
  }
  const Picture picture(text);
  if (picture.all("mailglass_build_info").empty()) {
    throw UsageError(where + ": no metrics of mailglass");
  }
  if (picture.bad_line() != 0) {
    throw UsageError(where + ":" + std::to_string(picture.bad_line()) +
                     ": no line of metrics: the text was cut or changed");
  }
  const auto findings = diagnose(picture);
  for (const Finding& finding : findings) fmt::print("{}: {}\n", finding.check, finding.sentence);
  if (!findings.empty()) return kFailed;
  fmt::print(
      "nothing found: {:.0f} frames, {:.0f} TCP segments, {:.0f} mail sessions, {:.0f} "
      "events\n",
      picture.sum("mailglass_frames_total"), picture.sum("mailglass_segments_total"),
      picture.sum("mailglass_sessions_total"), picture.sum("mailglass_eve_events_total"));
  return kDone;
}

int run_program(int argc, const char* const* argv) {
  fill_standard_streams();
  // A reader that went away is a failed write like any other, said and counted once.
  signal(SIGPIPE, SIG_IGN);
  try {
    return dispatch(parse_command_line(argc, argv));
  } catch (const UsageError& error) {
    complain(error.what());
    return kUsage;
  } catch (const ConfigError& error) {
    complain(error.what());
    return kUsage;
  } catch (const match::PatternError& error) {
    complain(error.what());
    return kUsage;
  } catch (const std::bad_alloc&) {
    complain("not enough memory: lower flow.flows, mail.sessions or mail.blocks");
  } catch (const std::exception& error) {
    complain(error.what());
  } catch (...) {
    complain("an unknown error ended the program");
  }
  return kFailed;
}

}  // namespace mailglass::app
