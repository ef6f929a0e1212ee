// SPDX-License-Identifier: BSD-3-Clause
// How much text the wire can make the reporter keep: so much a session, so much in all.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "report/utf8.h"

namespace mailglass::report {

// What one part of a session (an envelope, an answer) keeps, and whether anything was cut.
struct Kept {
  std::size_t octets = 0;
  bool truncated = false;
};

struct Budget {
  std::size_t limit = 0;
  std::size_t used = 0;
};

class Allowance {
 public:
  static constexpr std::size_t kStringOctets = 4096;  // of any one string

  Allowance(Budget& book, std::size_t session_limit) : book_(&book), session_{session_limit} {}
  ~Allowance() { book_->used -= session_.used; }
  Allowance(const Allowance&) = delete;
  Allowance& operator=(const Allowance&) = delete;

  // Room for `octets` more. False, and `kept` truncated, when session or book have none left.
  bool take(Kept& kept, std::size_t octets) {
    if (session_.used + octets > session_.limit || book_->used + octets > book_->limit) {
      kept.truncated = true;
      return false;
    }
    session_.used += octets;
    book_->used += octets;
    kept.octets += octets;
    return true;
  }
  void give_back(Kept& kept) {
    session_.used -= kept.octets;
    book_->used -= kept.octets;
    kept = {};
  }

  // Keeps octets of the wire as UTF-8.
  void keep(Kept& kept, std::string& to, std::string_view octets) {
    std::string text;
    append_text(text, octets);
    keep_text(kept, to, std::move(text));
  }
  void keep_text(Kept& kept, std::string& to, std::string&& utf8) {
    if (utf8.size() > kStringOctets) {
      utf8.resize(clip(utf8, kStringOctets).size());
      kept.truncated = true;
    }
    if (!inside(to)) {
      session_.used -= to.size();
      book_->used -= to.size();
      kept.octets -= to.size();
    }
    to.clear();
    if (inside(utf8) || take(kept, utf8.size())) to = std::move(utf8);
  }

 private:
  // Short strings live inside the object that holds them, and that is charged for by its size.
  static bool inside(const std::string& s) { return s.size() < 16; }

  Budget* book_;
  Budget session_;
};

}  // namespace mailglass::report
