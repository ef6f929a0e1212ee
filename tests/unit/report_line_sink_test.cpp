// SPDX-License-Identifier: BSD-3-Clause
#include "report/line_sink.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <system_error>

#include "tests/unit/report_script.h"

namespace mailglass::report {
namespace {

using testing::TemporaryFile;

TEST(LineSink, WritesWholeLines) {
  TemporaryFile file;
  {
    LineSink sink = LineSink::open(file.path());
    sink.write("one");
    sink.write("");
    sink.write_block("two\nthree\n");
    EXPECT_EQ(sink.written(), 0u);  // still in the buffer
    sink.flush();
    EXPECT_EQ(sink.written(), 4u);
    sink.write("four");
    LineSink moved = std::move(sink);
    moved.write("five");
  }
  EXPECT_EQ(file.text(), "one\n\ntwo\nthree\nfour\nfive\n");
}

TEST(LineSink, SaysWhichFileCannotBeOpenedAndWhy) {
  try {
    LineSink::open("/nowhere/eve.json");
    FAIL() << "opened a file in a directory that does not exist";
  } catch (const std::system_error& error) {
    EXPECT_STREQ(error.what(), "/nowhere/eve.json: No such file or directory");
  }
}

TEST(LineSink, AFullDiskIsRememberedAndCounted) {
  LineSink sink = LineSink::open("/dev/full");
  sink.write("one");
  sink.write("two");
  EXPECT_EQ(sink.failure(), "");
  sink.flush();
  EXPECT_EQ(sink.failure(), "/dev/full: No space left on device");
  EXPECT_EQ(sink.written(), 0u);
  EXPECT_EQ(sink.dropped(), 2u);
}

// A limit on the file's size cuts one line in two: it counts as dropped, and what is written after
// the limit is lifted begins on a line of its own.
TEST(LineSink, GoesOnAfterAFailureWithoutMixingLines) {
  TemporaryFile file;
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto ignored = std::signal(SIGXFSZ, SIG_IGN);
  LineSink sink = LineSink::open(file.path());
  rlimit tight = before;
  tight.rlim_cur = 10;
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &tight), 0);
  sink.write("12345");
  sink.write("abcdefgh");
  sink.write("never");
  sink.flush();
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
  std::signal(SIGXFSZ, ignored);
  EXPECT_EQ(sink.failure(), file.path() + ": File too large");
  EXPECT_EQ(sink.written(), 1u);
  EXPECT_EQ(sink.dropped(), 2u);
  sink.write("again");
  sink.flush();
  EXPECT_EQ(sink.written(), 2u);
  EXPECT_EQ(file.text(), "12345\nabcd\nagain\n");
}

}  // namespace
}  // namespace mailglass::report
