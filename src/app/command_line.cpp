// SPDX-License-Identifier: BSD-3-Clause
#include "app/command_line.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>

#include "app/config.h"
#include "app/installation.h"
#include "app/suggestion.h"
#include "nic/frame_pool.h"

namespace mailglass::app {
namespace {

constexpr const char* kFooter =
    "Exit status: 0 done; 1 the run failed, what was inspected before is written;\n"
    "2 bad usage or configuration. One sentence on standard error says what and where.";

void define_read(CLI::App& read, ReadOptions& options, std::string& policy) {
  read.add_option(
          "CAPTURE", options.captures,
          "pcap or pcapng files, read in turn as one stream of packets; - for standard input")
      ->required()
      ->type_name("");
  read.add_option("--eve", options.eve, "Write events here, one JSON object a line")
      ->type_name("FILE|-");
  read.add_option("--metrics", options.metrics, "Write the metrics here at the end")
      ->type_name("FILE|-");
  read.add_option("--serve", options.serve,
                  "Serve http://ADDRESS:PORT/metrics, after reading too, until interrupted")
      ->type_name("ADDRESS:PORT");
  read.add_option("--credentials", policy, "What becomes of passwords (redact)")
      ->type_name("redact|hash|reveal");
  read.add_option("--excerpt", options.excerpt,
                  "Show this many octets of a plain text's beginning in the transcript (0)")
      ->type_name("OCTETS")
      ->check(CLI::Range(0u, 2048u));
  read.add_flag("--quiet,-q", options.quiet, "No transcript, no summary, no progress");
  read.add_option("--config", options.config, "Configuration")->type_name("FILE");
  read.add_option("--patterns", options.patterns, "The command grammar, if not the installed one")
      ->type_name("FOLDER");
  read.add_option("--burst", options.burst, "Frames taken at a time")
      ->check(CLI::Range(std::size_t{1}, nic::kMaxBurst))
      ->group("");  // hidden: for tests, which compare
  read.add_flag("--driver", options.driver, "Read pcap files, too, through DPDK's pcap driver");
}

void define_check(CLI::App& check, CheckOptions& options) {
  check.add_option("--config", options.config, "Configuration")->type_name("FILE");
  check.add_flag("--defaults", options.defaults, "Print the default configuration, with comments");
  check.add_flag("--table", options.table, "Print the keys as a Markdown table")->group("");
}

void define_doctor(CLI::App& doctor, DoctorOptions& options) {
  doctor.add_option("--config", options.config, "Ask the service that runs with it")
      ->type_name("FILE");
  doctor.add_option("--metrics", options.metrics, "Ask there, or what `read --metrics` wrote")
      ->type_name("URL|FILE|-");
  doctor.footer(
      "Exit status: 0 nothing was found; 1 each finding is a line on standard output;\n"
      "2 bad usage or configuration, or no metrics there.");
}

// "--evee=x" -> "; did you mean --eve?", with the options of the subcommand in use.
std::string near_option(const CLI::App& command, std::string word) {
  word.erase(std::min(word.find('='), word.size()));
  std::vector<std::string> names;
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  return suggestion(word, names);
}

const CLI::App& command_in_use(const CLI::App& app) {
  const auto used = app.get_subcommands();
  return used.empty() ? app : *used.front();
}

[[noreturn]] void refuse(const CLI::App& app, const CLI::ParseError& error) {
  const CLI::App& command = command_in_use(app);
  const std::string name = &command == &app ? "mailglass" : "mailglass " + command.get_name();
  std::string what = error.what();
  if (const auto extra = app.remaining(true); !extra.empty()) {
    const std::string& word = extra.front();
    const bool option = word.starts_with("-") && word != "-";
    std::string hint;
    if (option) {
      hint = near_option(command, word);
    } else if (&command == &app) {
      hint = suggestion(word, std::vector<std::string>{"read", "run", "check", "doctor"});
    }
    what = "unknown " +
           std::string(option             ? "option "
                       : &command == &app ? "command "
                                          : "argument ") +
           word + hint;
  } else if (dynamic_cast<const CLI::RequiredError*>(&error) != nullptr && &command == &app) {
    what = "a command is missing: read, run, check or doctor";
  }
  std::replace(what.begin(), what.end(), '\n', ' ');
  if (what.starts_with(": ")) what.erase(0, 2);  // CLI11 forgets a hidden option's name
  throw UsageError(what + " (see " + name + " --help)");
}

void check_read(ReadOptions& options, const std::string& policy) {
  if (!policy.empty()) {
    mail::CredentialPolicy parsed;
    if (!parse_policy(policy, parsed)) {
      throw UsageError("--credentials is redact, hash or reveal, not " + policy);
    }
    options.credentials = parsed;
  }
  if (!options.serve.empty() && !is_socket_address(options.serve)) {
    throw UsageError("--serve takes ADDRESS:PORT, such as 127.0.0.1:9465, not " + options.serve);
  }
  if (options.eve == "-" && options.metrics == "-") {
    throw UsageError("--eve and --metrics cannot both go to standard output");
  }
  if (std::count(options.captures.begin(), options.captures.end(), "-") > 1) {
    throw UsageError("standard input (-) can be read only once");
  }
}

}  // namespace

CommandLine parse_command_line(int argc, const char* const* argv) {
  CommandLine line;
  std::string policy;
  CLI::App app("Inspects SMTP and POP3 traffic.", "mailglass");
  app.footer(kFooter);
  app.set_version_flag("--version", std::string("mailglass ") + kVersion);
  app.require_subcommand(1);
  CLI::App& read = *app.add_subcommand("read", "Inspect captures: transcript, events and metrics");
  CLI::App& run = *app.add_subcommand("run", "Inspect live traffic");
  CLI::App& check = *app.add_subcommand("check", "Say what is wrong with a configuration");
  define_read(read, line.read, policy);
  run.add_option("--config", line.run_config, "Configuration")->required()->type_name("FILE");
  define_check(check, line.check);
  CLI::App& doctor = *app.add_subcommand("doctor", "Say why there are no mail events, or too few");
  for (CLI::App* command : {&read, &run, &check}) command->footer(kFooter);
  define_doctor(doctor, line.doctor);

  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    line.command = CommandLine::Command::print;
    line.text = command_in_use(app).help(&command_in_use(app) == &app ? "" : "mailglass");
    return line;
  } catch (const CLI::CallForVersion& version) {
    line.command = CommandLine::Command::print;
    line.text = std::string(version.what()) + '\n';
    return line;
  } catch (const CLI::ParseError& error) {
    refuse(app, error);
  }
  check_read(line.read, policy);
  line.command = read.parsed()     ? CommandLine::Command::read
                 : run.parsed()    ? CommandLine::Command::run
                 : doctor.parsed() ? CommandLine::Command::doctor
                                   : CommandLine::Command::check;
  if (doctor.parsed() && line.doctor.config.empty() == line.doctor.metrics.empty()) {
    throw UsageError(line.doctor.config.empty()
                         ? "--config or --metrics is required (see mailglass doctor --help)"
                         : "--config and --metrics ask two places: give one of them");
  }
  const CheckOptions& asked = line.check;
  if (check.parsed() && asked.config.empty() && !asked.defaults && !asked.table) {
    throw UsageError("--config is required (see mailglass check --help)");
  }
  return line;
}

}  // namespace mailglass::app
