// SPDX-License-Identifier: BSD-3-Clause
#include "report/file_type.h"

#include <magic.h>

#include <functional>

#include "report/utf8.h"

namespace mailglass::report {

FileTypes::~FileTypes() {
  if (database_ != nullptr) magic_close(database_);
}

std::string_view FileTypes::of(std::string_view first_octets) {
  if (first_octets.empty()) return {};
  if (!tried_) {
    tried_ = true;
    // Nothing is unpacked or executed for the sake of a name.
    database_ = magic_open(MAGIC_NO_CHECK_COMPRESS | MAGIC_NO_CHECK_ELF | MAGIC_NO_CHECK_TOKENS);
    if (database_ != nullptr && magic_load(database_, nullptr) != 0) {
      magic_close(database_);
      database_ = nullptr;
    }
  }
  if (database_ == nullptr) return {};
  answers_.resize(kAnswers);
  Answer& answer = answers_[std::hash<std::string_view>()(first_octets) % kAnswers];
  if (answer.octets != first_octets) ask(answer, first_octets);
  return answer.name;
}

void FileTypes::ask(Answer& answer, std::string_view octets) {
  const char* name = magic_buffer(database_, octets.data(), octets.size());
  answer.octets = octets;
  answer.name.clear();
  if (name != nullptr) append_text(answer.name, name);
}

}  // namespace mailglass::report
