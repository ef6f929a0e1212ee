// SPDX-License-Identifier: BSD-3-Clause
// No file is read and written, or written by two: known before anything is opened for writing,
// since opening an output empties it.
#pragma once

#include <filesystem>
#include <map>
#include <string>

namespace mailglass::app {

class Files {
 public:
  // `what` completes the sentence "NAME: is ...". "-" is standard input.
  void will_be_read(const std::string& name, const std::string& what);
  void all_will_be_read(const std::filesystem::path& folder, const std::string& what);

  // What the file is already, in the words of who said so; "" if nothing. Two may write into a pipe
  // or a terminal. "-" is standard output.
  std::string will_be_written(const std::string& name, const std::string& what);

 private:
  std::map<std::string, std::string> read_, written_;  // what, by which file it is
};

}  // namespace mailglass::app
