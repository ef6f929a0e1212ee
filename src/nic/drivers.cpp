// SPDX-License-Identifier: BSD-3-Clause
#include "nic/drivers.h"

#include <rte_config.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string_view>

namespace mailglass::nic {
namespace {

namespace fs = std::filesystem;

// Each driver of a library has such a text in it, put there by DPDK's build.
constexpr std::string_view kMark = "PMD_INFO_STRING= {\"name\"";

void add_drivers(const fs::path& library, std::set<std::string>& names) {
  std::ifstream file(library, std::ios::binary);
  const std::string octets{std::istreambuf_iterator<char>(file), {}};
  for (auto at = octets.find(kMark); at != octets.npos; at = octets.find(kMark, at)) {
    at += kMark.size();
    const auto begin = octets.find('"', at) + 1;  // what stands between is a colon and blanks
    const auto end = octets.find('"', begin);
    if (begin == 0 || end == octets.npos) return;
    names.insert(octets.substr(begin, end - begin));
  }
}

}  // namespace

std::vector<std::string> installed_drivers() {
  std::set<fs::path> libraries;  // each has several names
  std::set<std::string> names;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(RTE_EAL_PMD_PATH, ignored)) {
    if (!entry.path().filename().string().starts_with("librte_net_")) continue;
    const fs::path library = fs::canonical(entry.path(), ignored);
    if (libraries.insert(library).second) add_drivers(library, names);
  }
  return {names.begin(), names.end()};
}

}  // namespace mailglass::nic
