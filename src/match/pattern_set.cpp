// SPDX-License-Identifier: BSD-3-Clause
// Start-up only: reads files, allocates, throws. The data path sees the compiled result.
#include "match/pattern_set.h"

#include <cctype>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <new>
#include <span>
#include <string_view>

#include "match/databases.h"
#include "match/hints.h"
#include "match/scanner.h"
#include "tally/counters.h"

namespace mailglass::match {
namespace {

using Names = std::span<const std::string_view>;

constexpr std::string_view kSmtpVerbs[] = {
#define SMTP_VERB(id, word) word,
#include "tally/counters.def"
};
constexpr std::string_view kPop3Verbs[] = {
#define POP3_VERB(id, word) word,
#include "tally/counters.def"
};
#define X(name) #name,
constexpr std::string_view kProtocolHints[] = {MAILGLASS_PROTOCOL_HINTS(X)};
constexpr std::string_view kSmtpReplyHints[] = {MAILGLASS_SMTP_REPLY_HINTS(X)};
constexpr std::string_view kPop3ReplyHints[] = {MAILGLASS_POP3_REPLY_HINTS(X)};
#undef X

// Meanings are collected in a 32-bit set.
static_assert(std::size(kSmtpVerbs) <= 32 && std::size(kPop3Verbs) <= 32);

struct Source {
  std::string_view name;
  Names names;
};
constexpr Source kSources[kFiles] = {
    {"protocol.patterns", kProtocolHints},      {"smtp-commands.patterns", kSmtpVerbs},
    {"smtp-replies.patterns", kSmtpReplyHints}, {"pop3-commands.patterns", kPop3Verbs},
    {"pop3-replies.patterns", kPop3ReplyHints},
};

struct Row {
  unsigned line;
  std::uint8_t meaning;
  std::string expression;
  unsigned flags;
};

[[noreturn]] void fail(const std::filesystem::path& file, unsigned line, const std::string& what) {
  throw PatternError(file.string() + ":" + std::to_string(line) + ": " + what);
}

// NAME /EXPRESSION/FLAGS
Row parse_row(const std::filesystem::path& file, unsigned number, std::string_view text,
              Names names) {
  const std::size_t name_end = text.find_first_of(" \t");
  const std::size_t open = text.find('/');
  const std::size_t close = text.rfind('/');
  if (name_end == std::string_view::npos || open == std::string_view::npos || open == close ||
      text.find_first_not_of(" \t", name_end) != open) {
    fail(file, number, "expected NAME /EXPRESSION/FLAGS");
  }
  Row row{number, 0, std::string(text.substr(open + 1, close - open - 1)), HS_FLAG_SINGLEMATCH};
  const std::string_view name = text.substr(0, name_end);
  while (row.meaning < names.size() && names[row.meaning] != name) ++row.meaning;
  if (row.meaning == names.size()) {
    fail(file, number, "'" + std::string(name) + "' is not a name this file can give");
  }
  for (const char flag : text.substr(close + 1)) {
    if (flag != 'i') fail(file, number, std::string("unknown flag '") + flag + "'");
    row.flags |= HS_FLAG_CASELESS;
  }
  if (row.expression.empty()) fail(file, number, "the expression is empty");
  return row;
}

std::vector<Row> read_rows(const std::filesystem::path& file, Names names) {
  std::ifstream in(file);
  if (!in) throw PatternError(file.string() + ": " + std::strerror(errno));
  std::vector<Row> rows;
  std::string text;
  for (unsigned number = 1; std::getline(in, text); ++number) {
    while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back()))) text.pop_back();
    if (text.empty() || text.front() == '#') continue;
    rows.push_back(parse_row(file, number, text, names));
  }
  if (rows.empty()) throw PatternError(file.string() + ": no pattern in it");
  return rows;
}

Database compile(const std::filesystem::path& file, const std::vector<Row>& rows) {
  Database database;
  std::vector<const char*> expressions;
  std::vector<unsigned> flags, ids;
  for (const Row& row : rows) {
    ids.push_back(static_cast<unsigned>(expressions.size()));
    expressions.push_back(row.expression.c_str());
    flags.push_back(row.flags);
    database.meaning.push_back(row.meaning);
  }
  hs_compile_error_t* error = nullptr;
  const hs_error_t result = hs_compile_multi(expressions.data(), flags.data(), ids.data(),
                                             static_cast<unsigned>(rows.size()), HS_MODE_BLOCK,
                                             nullptr, &database.compiled, &error);
  if (result == HS_SUCCESS) {
    for (const Row& row : rows) {
      database.plain.add(row.expression, (row.flags & HS_FLAG_CASELESS) != 0);
    }
    return database;
  }
  const std::string message = error->message;
  const int which = error->expression;
  hs_free_compile_error(error);
  if (which < 0) throw PatternError(file.string() + ": " + message);
  fail(file, rows[static_cast<std::size_t>(which)].line, message);
}

}  // namespace

PatternSet::PatternSet() : databases_(std::make_unique<Databases>()) {}
PatternSet::~PatternSet() = default;

std::shared_ptr<const PatternSet> PatternSet::load(const std::filesystem::path& folder) {
  if (hs_valid_platform() != HS_SUCCESS) {
    throw PatternError("this CPU lacks the instructions Hyperscan needs (SSSE3)");
  }
  std::shared_ptr<PatternSet> set(new PatternSet);
  for (std::size_t i = 0; i < kFiles; ++i) {
    const std::filesystem::path file = folder / kSources[i].name;
    Database& database = set->databases_->file[i];
    database = compile(file, read_rows(file, kSources[i].names));
    if (hs_alloc_scratch(database.compiled, &set->databases_->prototype) != HS_SUCCESS) {
      throw PatternError(file.string() + ": no memory for its scratch space");
    }
  }
  return set;
}

Scanner::Scanner(const PatternSet& patterns) : databases_(&patterns.databases()) {
  if (hs_clone_scratch(databases_->prototype, &scratch_) != HS_SUCCESS) throw std::bad_alloc();
}

Scanner::~Scanner() { hs_free_scratch(scratch_); }

}  // namespace mailglass::match
