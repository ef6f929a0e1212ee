// SPDX-License-Identifier: BSD-3-Clause
// What a file is, told from its first octets, in libmagic's words.
#pragma once

#include <string>
#include <string_view>

struct magic_set;

namespace mailglass::report {

class FileTypes {
 public:
  FileTypes() = default;
  ~FileTypes();
  FileTypes(const FileTypes&) = delete;
  FileTypes& operator=(const FileTypes&) = delete;

  // "PDF document, version 1.4". Empty when there are no octets or no database. The database is
  // loaded when first asked for.
  std::string of(std::string_view first_octets);

 private:
  magic_set* database_ = nullptr;
  bool tried_ = false;
};

}  // namespace mailglass::report
