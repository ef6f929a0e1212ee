// SPDX-License-Identifier: BSD-3-Clause
#include "match/scanner.h"

#include <algorithm>
#include <cassert>

#include "match/databases.h"

namespace mailglass::match {
namespace {

struct Matches {
  const Database* database;
  unsigned first = ~0u;  // the matching row that stands first in its file
  std::uint32_t meanings = 0;
};

int collect(unsigned id, unsigned long long, unsigned long long, unsigned, void* context) {
  auto* matches = static_cast<Matches*>(context);
  matches->first = std::min(matches->first, id);
  matches->meanings |= 1u << matches->database->meaning[id];
  return 0;
}

Matches scan(const PatternSet::Databases& databases, File file, Bytes line, hs_scratch_t* scratch) {
  const Database& database = databases.file[static_cast<std::size_t>(file)];
  Matches matches{&database};
  line = line.first(std::min(line.size(), Scanner::kMaxScan));
  if (const std::optional<std::uint64_t> rows = database.plain.ask(line)) {
    for (std::uint64_t rest = *rows; rest != 0; rest &= rest - 1) {
      collect(static_cast<unsigned>(std::countr_zero(rest)), 0, 0, 0, &matches);
    }
    return matches;
  }
  const auto length = static_cast<unsigned>(line.size());
  [[maybe_unused]] const hs_error_t error =
      hs_scan(database.compiled, reinterpret_cast<const char*>(line.data()), length, 0, scratch,
              collect, &matches);
  assert(error == HS_SUCCESS);
  return matches;
}

template <typename Hint>
Hints<Hint> hints_of(const Matches& matches) {
  Hints<Hint> hints;
  for (std::uint32_t rest = matches.meanings; rest != 0; rest &= rest - 1) {
    hints.add(static_cast<Hint>(__builtin_ctz(rest)));
  }
  return hints;
}

template <typename Verb>
Verb verb_of(const Matches& matches) {
  if (matches.first == ~0u) return Verb::unknown;
  return static_cast<Verb>(matches.database->meaning[matches.first]);
}

}  // namespace

Hints<ProtocolHint> Scanner::protocol(Bytes line) const {
  return hints_of<ProtocolHint>(scan(*databases_, File::protocol, line, scratch_));
}

tally::SmtpVerb Scanner::smtp_verb(Bytes line) const {
  return verb_of<tally::SmtpVerb>(scan(*databases_, File::smtp_commands, line, scratch_));
}

tally::Pop3Verb Scanner::pop3_verb(Bytes line) const {
  return verb_of<tally::Pop3Verb>(scan(*databases_, File::pop3_commands, line, scratch_));
}

Hints<SmtpReplyHint> Scanner::smtp_reply(Bytes line) const {
  return hints_of<SmtpReplyHint>(scan(*databases_, File::smtp_replies, line, scratch_));
}

Hints<Pop3ReplyHint> Scanner::pop3_reply(Bytes line) const {
  return hints_of<Pop3ReplyHint>(scan(*databases_, File::pop3_replies, line, scratch_));
}

}  // namespace mailglass::match
