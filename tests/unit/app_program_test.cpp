// SPDX-License-Identifier: BSD-3-Clause
// The program as its users meet it when something is wrong: exit status, one sentence, and all
// that could be inspected still written. MAILGLASS_PROGRAM names the program.
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "nic_capture_builder.h"

namespace mailglass::app {
namespace {

using test::pcap;
using test::write_file;

std::string content(const std::filesystem::path& file) {
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

class AppProgram : public testing::Test {
 protected:
  struct Ran {
    int status;
    std::string out, err;
  };

  void SetUp() override {
    const char* const program = getenv("MAILGLASS_PROGRAM");
    if (program == nullptr) GTEST_SKIP() << "SKIPPED: MAILGLASS_PROGRAM names no program";
    program_ = program;
    std::string pattern = std::filesystem::temp_directory_path() / "program-test-XXXXXX";
    folder_ = mkdtemp(pattern.data());
    good_ = write_file(path("good.pcap"), pcap({std::string(60, 'x'), std::string(70, 'y')}));
  }
  void TearDown() override {
    if (!folder_.empty()) std::filesystem::remove_all(folder_);
  }
  std::string path(const std::string& name) const { return folder_ / name; }

  // Through a shell, for its redirections.
  Ran run(const std::string& arguments) {
    const std::string out = path("out"), err = path("err");
    const std::string command =
        "'" + program_ + "' " + arguments + " >'" + out + "' 2>'" + err + "'";
    const int status = system(command.c_str());
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, content(out), content(err)};
  }

  static void expect_sentence(const Ran& ran, int status, const std::string& part) {
    EXPECT_EQ(ran.status, status) << ran.err;
    EXPECT_TRUE(ran.err.starts_with("mailglass: ")) << ran.err;
    EXPECT_EQ(std::count(ran.err.begin(), ran.err.end(), '\n'), 1) << ran.err;
    EXPECT_NE(ran.err.find(part), std::string::npos) << ran.err << "\nlacks " << part;
  }
  static void expect_inspected(const Ran& ran, const std::string& frames) {
    EXPECT_NE(ran.out.find("Summary"), std::string::npos);
    std::istringstream lines(ran.out);
    for (std::string line; std::getline(lines, line);) {
      std::istringstream words(line);
      std::string first, second, third;
      words >> first >> second >> third;
      if (first == "frames" && third.empty()) {
        EXPECT_EQ(second, frames);
        return;
      }
    }
    ADD_FAILURE() << "no row of frames in\n" << ran.out;
  }

  std::string program_;
  std::filesystem::path folder_;
  std::string good_;
};

TEST_F(AppProgram, AGoodCaptureSaysNothingOnStandardError) {
  const Ran ran = run("read " + good_);
  EXPECT_EQ(ran.status, 0);
  EXPECT_EQ(ran.err, "");
  expect_inspected(ran, "2");
  EXPECT_EQ(run("read --quiet " + good_).out, "");
}

TEST_F(AppProgram, WhatCannotBeReadIsNamedBeforeAnythingIsRead) {
  const std::string empty = write_file(path("empty"), ""), text = write_file(path("text"), "text");
  const std::string wifi = write_file(path("wifi"), pcap({}, {.link = 105}));
  const std::pair<std::string, std::string> kBad[] = {
      {path("none"), "No such file or directory"},
      {empty, "is empty"},
      {text, "is text"},
      {wifi, "LINKTYPE_IEEE802_11 (105) is not supported"},
      {folder_, "is a directory"},
      {"- </dev/null", "standard input: is empty"},
  };
  for (const auto& [name, says] : kBad) {
    const Ran ran = run("read " + (name.front() == '-' ? name : good_ + " " + name));
    if (name.front() == '-') {  // a stream can't be looked at beforehand
      EXPECT_EQ(ran.status, 1);
      EXPECT_NE(ran.err.find(says), std::string::npos) << ran.err;
      continue;
    }
    expect_sentence(ran, 1, name + ": " + says);
    EXPECT_EQ(ran.out, "");
  }
}

TEST_F(AppProgram, AnUnreadableFolderIsNamed) {
  if (geteuid() == 0) GTEST_SKIP() << "SKIPPED: root may read everything";
  const std::string locked = path("locked");
  std::filesystem::create_directory(locked);
  std::filesystem::permissions(locked, std::filesystem::perms::none);
  expect_sentence(run("read " + locked + "/x.pcap"), 1, locked + "/x.pcap: Permission denied");
  std::filesystem::permissions(locked, std::filesystem::perms::owner_all);
}

TEST_F(AppProgram, BeforeAndBehindACutEverythingIsInspected) {
  const std::string whole = pcap({std::string(60, 'x'), std::string(70, 'y')});
  const std::string cut = write_file(path("cut.pcap"), whole.substr(0, whole.size() - 1));
  const Ran ran = run("read " + cut + " " + good_);
  expect_sentence(ran, 1, cut + ": ends inside frame 2");
  expect_inspected(ran, "3");
}

// Each of these would have destroyed the capture, or written two outputs over one another.
TEST_F(AppProgram, WhatIsReadIsNotWrittenAndNoFileIsWrittenTwice) {
  const std::string before = content(good_), link = path("link"), events = path("events");
  std::filesystem::create_symlink(good_, link);
  const std::string config = write_file(path("own.toml"), "[eve]\nfile = \"" + good_ + "\"\n");
  const std::string kBad[][2] = {
      {good_ + " --eve " + good_, "--eve " + good_ + ": is a capture to be read"},
      {good_ + " --quiet --metrics " + good_, "--metrics " + good_ + ": is a capture to be read"},
      {good_ + " --driver --eve " + link, "--eve " + link + ": is a capture to be read"},
      {link + " --eve " + folder_.string() + "/./good.pcap", "is a capture to be read"},
      {good_ + " --config " + config, "eve.file " + good_ + ": is a capture to be read"},
      {"- --eve " + good_ + " <" + good_, "--eve " + good_ + ": is a capture to be read"},
      {good_ + " --eve /dev/stdin <" + good_, "--eve /dev/stdin: is a capture to be read"},
      {good_ + " --eve " + events + " --metrics " + folder_.string() + "/./events",
       "/./events: is where events go, too"},
      {good_ + " --config " + config + " --eve " + config, "is the configuration"},
      {good_ + " --eve " + path("out"), "is standard output, too"},
  };
  for (const auto& [arguments, says] : kBad) {
    SCOPED_TRACE(arguments);
    const Ran ran = run("read " + arguments);
    expect_sentence(ran, 2, says);
    EXPECT_EQ(ran.out, "");
    EXPECT_EQ(content(good_), before);
    EXPECT_FALSE(std::filesystem::exists(events));
  }
  const Ran appended = run("read " + good_ + " >>" + good_ + " 2>" + path("err") + " #");
  expect_sentence(appended, 2, "standard output: is a capture to be read");
  EXPECT_EQ(content(good_), before);
  const std::string kept = write_file(path("kept"), "kept\n");
  run("read -q --eve /dev/stdout " + good_ + " >>" + kept + " 2>" + path("err") + " #");
  EXPECT_TRUE(content(kept).starts_with("kept\n{"));
  const std::string pipe = path("pipe");
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  expect_sentence(run("read " + pipe + " --eve " + pipe + " <>" + pipe), 2,
                  "--eve " + pipe + ": is a capture to be read");
  // What holds nothing can be written twice, and a file that was there is written over.
  EXPECT_EQ(run("read --eve /dev/null --metrics /dev/null " + good_).status, 0);
  write_file(events, "old");
  EXPECT_EQ(run("read --eve " + events + " " + good_).status, 0);
  EXPECT_TRUE(content(events).starts_with("{"));
}

TEST_F(AppProgram, WhatWasWrittenBeforeStaysWhereNothingCanBeRead) {
  const std::string events = write_file(path("events"), "old\n");
  const std::string metrics = write_file(path("metrics"), "old\n");
  const std::string both = "--eve " + events + " --metrics " + metrics + " ";
  const std::pair<std::string, int> kBad[] = {
      {both + "- </dev/null", 1},
      {both + path("none"), 1},
      {both + "--serve 192.0.2.1:9465 " + good_, 1},
      {"--eve " + events + " --metrics " + path("no/where") + " " + good_, 1},
  };
  for (const auto& [arguments, status] : kBad) {
    SCOPED_TRACE(arguments);
    const Ran ran = run("read " + arguments);
    expect_sentence(ran, status, "");
    EXPECT_EQ(ran.out, "") << "no summary of nothing";
    EXPECT_EQ(content(events), "old\n");
    EXPECT_EQ(content(metrics), "old\n");
  }
  const std::string header = write_file(path("header"), std::string(content(good_)).substr(0, 24));
  EXPECT_EQ(run("read " + both + header).status, 0) << "a capture of no frames is read";
  EXPECT_TRUE(content(events).starts_with("{"));
  EXPECT_TRUE(content(metrics).starts_with("#"));
}

TEST_F(AppProgram, AFullDiskIsNamedOnceAndTheRestIsWritten) {
  // No events are needed: what a full disk refuses may be the last flush.
  const Ran metrics = run("read --metrics /dev/full " + good_);
  expect_sentence(metrics, 1, "/dev/full: No space left on device");
  expect_inspected(metrics, "2");
  const Ran missing = run("read --eve " + path("none") + "/e.json " + good_);
  expect_sentence(missing, 1, path("none") + "/e.json: No such file or directory");
  EXPECT_EQ(missing.out, "");
}

TEST_F(AppProgram, UsageAndConfigurationAreStatusTwo) {
  const std::string config = write_file(path("c.toml"), "[flow]\nflowz = 3\n");
  expect_sentence(run("read --evee x " + good_), 2, "did you mean --eve?");
  expect_sentence(run("read"), 2, "CAPTURE is required");
  expect_sentence(run(""), 2, "a command is missing");
  expect_sentence(run("read --config " + config + " " + good_), 2,
                  "c.toml:2: unknown key flow.flowz; did you mean flow.flows?");
  expect_sentence(run("check --config " + config), 2, "c.toml:2: unknown key flow.flowz");
  expect_sentence(run("check --config " + path("none")), 2, "none: No such file or directory");
  expect_sentence(run("doctor --config " + config), 2, "doctor --metrics http://ADDRESS:PORT");
  expect_sentence(run("doctor --metrics https://x"), 2, "https://x: is not asked over TLS");
  expect_sentence(run("doctor --config a --metrics b"), 2, "give one of them");
  const std::string cut = write_file(path("cut"), "mailglass_build_info 1\nmailglass_frames_to");
  expect_sentence(run("doctor --metrics " + cut), 2, "cut:2: no line of metrics");
  const Ran piped = run("read -q --metrics - " + good_ + " | " + program_ + " doctor --metrics -");
  EXPECT_TRUE(piped.out.starts_with("nothing found: 2 frames")) << piped.out << piped.err;
  expect_sentence(run("read --patterns " + folder_.string() + " " + good_), 2, folder_);
  const std::string orders =
      write_file(path("orders.toml"), "[flow]\nidle_seconds = 9\nopening_seconds = 10\n");
  expect_sentence(run("check --config " + orders), 2,
                  "orders.toml:3: flow.opening_seconds is 10, more than flow.idle_seconds");
  const std::string large =
      write_file(path("large.toml"),
                 "[stream]\nholds = 1048576\nblocks = 1048576\nhistory_mib = 1024\n"
                 "[flow]\nflows = 67108864\n[mail]\nsessions = 16777216\n");
  expect_sentence(run("check --config " + large), 2, "do not fit the machine's");
  const std::string fine = write_file(path("fine.toml"), "[flow]\nflows = 4096\n");
  EXPECT_EQ(run("check --config " + fine).status, 0);
  expect_sentence(run("run --config " + fine), 2, "there is no [[port]]");
  const std::string mistyped = write_file(path("m.toml"), "[[port]]\ndevice = \"net_mmif0\"\n");
  for (const char* command : {"check", "run"}) {
    expect_sentence(run(command + (" --config " + mistyped)), 2,
                    "m.toml:2: port.device \"net_mmif0\" is of no driver that DPDK has here; did "
                    "you mean net_memif?");
  }
}

TEST_F(AppProgram, ReadsStandardInputAndFifosAsItReadsFiles) {
  const std::string expected = run("read " + good_ + " --metrics -").out;
  const auto same = [&](const std::string& arguments) {
    const Ran ran = run(arguments);
    EXPECT_EQ(ran.status, 0) << ran.err;
    expect_inspected(ran, "2");
  };
  same("read - <" + good_);
  EXPECT_EQ(run("read - --metrics - <" + good_).out, expected);
}

TEST_F(AppProgram, AClosedStandardOutputIsAFailedWrite) {
  const std::string command = "'" + program_ + "' read " + good_ + " >&- 2>'" + path("err") + "'";
  const int status = system(command.c_str());
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 1);
  EXPECT_EQ(content(path("err")), "mailglass: standard output: Bad file descriptor\n");
}

TEST_F(AppProgram, AnInterruptEndsAStreamAndKeepsWhatCame) {
  const std::string out = path("out"), err = path("err");
  // Interrupted once it has all its threads and had time to read; a sanitizer's start is slow.
  const std::string fifo = path("fifo");
  const std::string command = "mkfifo " + fifo + "; '" + program_ + "' read - <" + fifo + " >" +
                              out + " 2>" + err + " & P=$!; exec 3>" + fifo + "; cat " + good_ +
                              " >&3; n=0; while [ $(ls /proc/$P/task | wc -l) -lt 4 ] && " +
                              "[ $n -lt 300 ]; do sleep 0.1; n=$((n+1)); done; sleep 2; " +
                              "kill -INT $P; wait $P";
  const int status = system(command.c_str());
  const Ran ran{WIFEXITED(status) ? WEXITSTATUS(status) : -1, content(out), content(err)};
  expect_sentence(ran, 1, "interrupted");
  expect_inspected(ran, "2");
}

// The worker's lcore floats over the CPUs the process may use, however few.
TEST_F(AppProgram, OneCpuWillDo) {
  const std::string taskset = "taskset -c 0 '" + program_ + "' read -q " + good_;
  if (system("command -v taskset >/dev/null") != 0) GTEST_SKIP() << "SKIPPED: no taskset";
  EXPECT_EQ(system(taskset.c_str()), 0);
}

}  // namespace
}  // namespace mailglass::app
