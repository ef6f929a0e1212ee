// SPDX-License-Identifier: BSD-3-Clause
#include "app/command_line.h"

#include <gtest/gtest.h>

#include "app/progress.h"
#include "app/suggestion.h"

namespace mailglass::app {
namespace {

CommandLine parse(std::vector<const char*> words) {
  words.insert(words.begin(), "mailglass");
  return parse_command_line(static_cast<int>(words.size()), words.data());
}

std::string error_of(const std::vector<const char*>& words) {
  try {
    (void)parse(words);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}

TEST(AppCommandLine, Read) {
  const CommandLine line = parse({"read", "a.pcap", "-", "--eve", "-", "--metrics", "m", "--serve",
                                  "127.0.0.1:80", "--credentials", "hash", "--quiet", "--config",
                                  "c", "--burst", "7", "--patterns", "p"});
  EXPECT_EQ(line.command, CommandLine::Command::read);
  EXPECT_EQ(line.read.captures, (std::vector<std::string>{"a.pcap", "-"}));
  EXPECT_EQ(line.read.eve, "-");
  EXPECT_EQ(line.read.metrics, "m");
  EXPECT_EQ(line.read.serve, "127.0.0.1:80");
  EXPECT_EQ(line.read.credentials, mail::CredentialPolicy::hash);
  EXPECT_TRUE(line.read.quiet);
  EXPECT_EQ(line.read.config, "c");
  EXPECT_EQ(line.read.patterns, "p");
  EXPECT_EQ(line.read.burst, 7u);
}

TEST(AppCommandLine, OptionsMayStandBeforeCaptures) {
  EXPECT_EQ(parse({"read", "--eve=x", "a", "b"}).read.captures.size(), 2u);
  EXPECT_EQ(parse({"read", "--", "--odd.pcap"}).read.captures.front(), "--odd.pcap");
}

TEST(AppCommandLine, RunAndCheck) {
  EXPECT_EQ(parse({"run", "--config", "c"}).run_config, "c");
  EXPECT_EQ(parse({"check", "--config", "c"}).check.config, "c");
  EXPECT_TRUE(parse({"check", "--defaults"}).check.defaults);
}

TEST(AppCommandLine, HelpAndVersionAreNoErrors) {
  for (const std::vector<const char*>& words :
       {std::vector<const char*>{"--help"}, {"--version"}, {"read", "--help"}, {"run", "-h"}}) {
    const CommandLine line = parse(words);
    EXPECT_EQ(line.command, CommandLine::Command::print);
    EXPECT_FALSE(line.text.empty());
  }
  EXPECT_TRUE(parse({"--version"}).text.starts_with("mailglass "));
  EXPECT_NE(parse({"read", "--help"}).text.find("mailglass read"), std::string::npos);
}

TEST(AppCommandLine, AMistakeIsOneSentenceWithAHint) {
  EXPECT_EQ(error_of({"read", "--evee", "x", "y"}),
            "unknown option --evee; did you mean --eve? (see mailglass read --help)");
  EXPECT_EQ(error_of({"raed", "x"}),
            "unknown command raed; did you mean read? (see mailglass --help)");
  EXPECT_EQ(error_of({"check", "stray", "--defaults"}),
            "unknown argument stray (see mailglass check --help)");
  EXPECT_EQ(error_of({}),
            "a command is missing: read, run, check or doctor (see mailglass --help)");
  for (const std::vector<const char*>& words : {std::vector<const char*>{"read"},
                                                {"read", "--eve"},
                                                {"read", "--burst", "0", "x"},
                                                {"read", "--burst", "65", "x"},
                                                {"read", "--credentials", "show", "x"},
                                                {"read", "--serve", "9465", "x"},
                                                {"read", "--eve", "-", "--metrics", "-", "x"},
                                                {"read", "-", "-"},
                                                {"run"},
                                                {"check"},
                                                {"read", "x", "--quiett"}}) {
    const std::string error = error_of(words);
    EXPECT_FALSE(error.empty()) << words.back();
    EXPECT_EQ(error.find('\n'), std::string::npos) << error;
  }
}

TEST(AppSuggestion, FindsTheNearestWithinAThird) {
  const std::vector<std::string> words = {"flow.flows", "flow.idle_seconds", "eve.file"};
  EXPECT_EQ(suggestion("flow.flow", words), "; did you mean flow.flows?");
  EXPECT_EQ(suggestion("lfow.flows", words), "; did you mean flow.flows?");
  EXPECT_EQ(suggestion("eve.flie", words), "; did you mean eve.file?");
  EXPECT_EQ(suggestion("metrics.port", words), "");
  EXPECT_EQ(suggestion(std::string(100000, 'x'), words), "");
  EXPECT_EQ(suggestion("x", {}), "");
}

TEST(AppProgress, SaysPercentOrOctets) {
  using std::chrono::seconds;
  EXPECT_EQ(describe_progress(430, 1000, seconds(1)), "43 %, 430 B/s");
  EXPECT_EQ(describe_progress(2'000'000'000, 1'000'000'000, seconds(2)), "99 %, 1.0 GB/s");
  EXPECT_EQ(describe_progress(12'345'678, 0, seconds(1)), "12 MB, 12 MB/s");
  EXPECT_EQ(describe_progress(0, 0, seconds(0)), "0 B, 0 B/s");
}

}  // namespace
}  // namespace mailglass::app
