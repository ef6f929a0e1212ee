// SPDX-License-Identifier: BSD-3-Clause
// What a file is, told from its first octets, in libmagic's words.
#pragma once

#include <string>
#include <string_view>
#include <vector>

struct magic_set;

namespace mailglass::report {

class FileTypes {
 public:
  FileTypes() = default;
  ~FileTypes();
  FileTypes(const FileTypes&) = delete;
  FileTypes& operator=(const FileTypes&) = delete;

  // "PDF document, version 1.4". Empty when there are no octets or no database. The database is
  // loaded when first asked for. Valid until the next call.
  std::string_view of(std::string_view first_octets);

 private:
  // libmagic takes a quarter of a millisecond for what it does not know, and the same logo or the
  // same leaflet comes with every second message: its last answers are kept.
  struct Answer {
    std::string octets, name;
  };
  static constexpr std::size_t kAnswers = 256;

  void ask(Answer& answer, std::string_view octets);

  magic_set* database_ = nullptr;
  bool tried_ = false;
  std::vector<Answer> answers_;
};

}  // namespace mailglass::report
