// SPDX-License-Identifier: BSD-3-Clause
// Overlaps in every arrangement: all sequences of three segments over five octets, each saying
// something else, against a book of who said what first.
#include "tests/unit/stream_rig.h"

namespace mailglass::test {
namespace {

constexpr std::size_t kOctets = 5;

struct Part {
  std::size_t begin, end;
};

std::vector<Part> all_parts() {
  std::vector<Part> parts;
  for (std::size_t begin = 0; begin < kOctets; ++begin) {
    for (std::size_t end = begin + 1; end <= kOctets; ++end) parts.push_back({begin, end});
  }
  return parts;
}

// The first copy of each octet, and whether a segment came that says otherwise.
struct Book {
  std::string said = std::string(kOctets, '?');

  std::size_t next() const { return std::min(said.find('?'), kOctets); }

  bool contradicts(const Part& part, char letter) {
    bool differs = false;
    for (std::size_t at = part.begin; at < part.end; ++at) {
      if (said[at] == '?') {
        said[at] = letter;
      } else if (said[at] != letter) {
        differs = true;
      }
    }
    return differs;
  }
};

std::string letters_of(std::string told) {
  std::erase_if(told, [](char c) { return c == '!' || c == '>'; });
  return told;
}

// `same`: the second and third segments say the same, so that not every overlap is a conflict.
void expect_the_book(const Part (&parts)[3], bool same) {
  Rig rig;
  rig.handshake();
  Book book;
  const char letters[] = {'a', 'b', same ? 'b' : 'c'};
  for (std::size_t i = 0; i < 3; ++i) {
    const std::uint64_t before = rig.count(Count::stream_conflict);
    const bool expected = book.contradicts(parts[i], letters[i]);
    rig.client(parts[i].begin, std::string(parts[i].end - parts[i].begin, letters[i]));
    ASSERT_EQ(rig.count(Count::stream_conflict) != before, expected);
    ASSERT_EQ(letters_of(rig.told()), book.said.substr(0, book.next()));
  }
  rig.client(0, std::string(kOctets, 'z'));
  book.contradicts({0, kOctets}, 'z');
  ASSERT_EQ(letters_of(rig.finish()), book.said);
  ASSERT_EQ(rig.count(Count::stream_not_compared), 0u);
}

TEST(OverlapModel, ThreeSegmentsInEveryArrangement) {
  for (const Part& one : all_parts()) {
    for (const Part& two : all_parts()) {
      for (const Part& three : all_parts()) {
        for (const bool same : {false, true}) {
          SCOPED_TRACE(::testing::Message()
                       << one.begin << '-' << one.end << ' ' << two.begin << '-' << two.end << ' '
                       << three.begin << '-' << three.end << (same ? " same" : ""));
          expect_the_book({one, two, three}, same);
          if (::testing::Test::HasFailure()) return;
        }
      }
    }
  }
}

}  // namespace
}  // namespace mailglass::test
