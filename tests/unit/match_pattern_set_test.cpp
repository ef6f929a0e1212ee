// SPDX-License-Identifier: BSD-3-Clause
// Pattern files are the operator's to edit: what is wrong with one is said with its file and line.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include "match/pattern_set.h"

namespace mailglass::test {
namespace {

namespace fs = std::filesystem;
using match::PatternError;
using match::PatternSet;

constexpr const char* kFiles[] = {"protocol.patterns", "smtp-commands.patterns",
                                  "smtp-replies.patterns", "pop3-commands.patterns",
                                  "pop3-replies.patterns"};

// A copy of the shipped files that a test may spoil.
class PatternFiles : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = fs::temp_directory_path() / "mailglass-patterns-XXXXXX";
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
    for (const char* file : kFiles) fs::copy(fs::path(MAILGLASS_PATTERNS) / file, folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  void write(const std::string& file, const std::string& text) {
    std::ofstream(folder_ / file) << text;
  }

  // What loading complains of, "" when it does not.
  std::string complaint() {
    try {
      PatternSet::load(folder_);
    } catch (const PatternError& error) {
      return error.what();
    }
    return "";
  }

  std::string path(const std::string& file) { return (folder_ / file).string(); }

  fs::path folder_;
};

TEST_F(PatternFiles, ShippedOnesLoad) { EXPECT_EQ(complaint(), ""); }

TEST_F(PatternFiles, CommentsBlankLinesTabsAndCrlfAreFine) {
  write("pop3-commands.patterns", "# a comment\r\n\r\nUSER\t/^USER\\b/i\r\n   \nunknown   /^X/\n");
  EXPECT_EQ(complaint(), "");
}

TEST_F(PatternFiles, ExpressionMayHoldSlashes) {
  write("pop3-commands.patterns", "USER /^a\\/b/c/i\n");
  EXPECT_EQ(complaint(), "");
}

TEST_F(PatternFiles, EachMissingOneIsNamed) {
  for (const char* file : kFiles) {
    fs::rename(folder_ / file, folder_ / "away");
    EXPECT_EQ(complaint(), path(file) + ": No such file or directory");
    fs::rename(folder_ / "away", folder_ / file);
  }
}

TEST_F(PatternFiles, EachEmptyOneIsNamed) {
  for (const char* file : kFiles) {
    fs::rename(folder_ / file, folder_ / "away");
    for (const char* nothing : {"", "\n\n", "# only this\n"}) {
      write(file, nothing);
      EXPECT_EQ(complaint(), path(file) + ": no pattern in it");
    }
    fs::rename(folder_ / "away", folder_ / file);
  }
}

TEST_F(PatternFiles, FolderInPlaceOfAFileIsNoPattern) {
  fs::remove(folder_ / "protocol.patterns");
  fs::create_directory(folder_ / "protocol.patterns");
  EXPECT_EQ(complaint().substr(0, path("protocol.patterns").size() + 2),
            path("protocol.patterns") + ": ");
}

TEST_F(PatternFiles, FaultsAreNamedWithTheirLine) {
  struct Row {
    const char* text;
    unsigned line;
    const char* what;
  };
  for (const Row& row : {
           Row{"HELO /^HELO/\nFETCH /^FETCH/\n", 2, "'FETCH' is not a name this file can give"},
           Row{"helo /^HELO/\n", 1, "'helo' is not a name this file can give"},
           Row{"HEL /^HELO/\n", 1, "'HEL' is not a name this file can give"},
           Row{" HELO /^HELO/\n", 1, "expected NAME /EXPRESSION/FLAGS"},
           Row{"# c\n\nHELO /^HELO/x\n", 3, "unknown flag 'x'"},
           Row{"HELO /^HELO/ii i\n", 1, "unknown flag ' '"},
           Row{"HELO //\n", 1, "the expression is empty"},
           Row{"HELO\n", 1, "expected NAME /EXPRESSION/FLAGS"},
           Row{"HELO /^HELO\n", 1, "expected NAME /EXPRESSION/FLAGS"},
           Row{"HELO ^HELO/i\n", 1, "expected NAME /EXPRESSION/FLAGS"},
           Row{"HELO x /^HELO/i\n", 1, "expected NAME /EXPRESSION/FLAGS"},
           Row{"/^HELO/i\n", 1, "expected NAME /EXPRESSION/FLAGS"},
           Row{"/^HELO /i\n", 1, "expected NAME /EXPRESSION/FLAGS"},
       }) {
    write("smtp-commands.patterns", row.text);
    EXPECT_EQ(complaint(),
              path("smtp-commands.patterns") + ":" + std::to_string(row.line) + ": " + row.what)
        << row.text;
  }
}

TEST_F(PatternFiles, ExpressionsThatDoNotCompileAreNamedWithTheirLine) {
  for (const char* bad : {"(", "[a", "a{2", "(?=x)", "a**", "\\1"}) {
    write("smtp-replies.patterns", "# c\nreply /^[0-9]/\nenhanced /" + std::string(bad) + "/i\n");
    const std::string said = complaint(), where = path("smtp-replies.patterns") + ":3: ";
    if (said.empty()) continue;  // "a{2" is a literal to PCRE
    EXPECT_EQ(said.substr(0, where.size()), where) << bad;
    EXPECT_GT(said.size(), where.size()) << "and why";
  }
  write("smtp-replies.patterns", "reply /(/\n");
  EXPECT_NE(complaint(), "");
}

// Each file has names of its own.
TEST_F(PatternFiles, NamesOfAnotherFileAreRefused) {
  write("pop3-commands.patterns", "HELO /^HELO/\n");
  EXPECT_EQ(complaint(),
            path("pop3-commands.patterns") + ":1: 'HELO' is not a name this file can give");
}

}  // namespace
}  // namespace mailglass::test
