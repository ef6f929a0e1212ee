// SPDX-License-Identifier: BSD-3-Clause
#include "report/file_type.h"

#include <magic.h>

#include "report/utf8.h"

namespace mailglass::report {

FileTypes::~FileTypes() {
  if (database_ != nullptr) magic_close(database_);
}

std::string FileTypes::of(std::string_view first_octets) {
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
  const char* name = magic_buffer(database_, first_octets.data(), first_octets.size());
  std::string text;
  if (name != nullptr) append_text(text, name);
  return text;
}

}  // namespace mailglass::report
