// SPDX-License-Identifier: BSD-3-Clause
#include "nic/dpdk_log.h"

#include <sys/types.h>

#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "nic/eal.h"

namespace mailglass::nic {
namespace {

std::mutex complaint_mutex;
std::string first, last;  // of the lines said, guarded by complaint_mutex

ssize_t keep_lines(void*, const char* text, std::size_t size) {
  const std::lock_guard lock(complaint_mutex);
  std::string_view said(text, size);
  while (!said.empty() && (said.back() == '\n' || said.back() == ' ')) said.remove_suffix(1);
  if (first.empty()) first.assign(said.substr(0, said.find('\n')));
  if (const auto line = said.rfind('\n'); line != said.npos) said.remove_prefix(line + 1);
  if (!said.empty()) last.assign(said);
  return static_cast<ssize_t>(size);
}

// "EAL: FATAL: Cannot init memory" and "eth_pcap_x(): Couldn't open ...": the prefix says where in
// DPDK, which the reader of one sentence need not know.
std::string without_prefix(std::string said) {
  for (const std::string_view prefix : {"EAL: ", "FATAL: ", "eth_pcap: ", "pcap: ", "ETHDEV: "}) {
    if (std::string_view(said).starts_with(prefix)) said.erase(0, prefix.size());
  }
  const auto function = said.find("(): ");
  if (function != said.npos && said.find(' ') > function) said.erase(0, function + 4);
  return said;
}

}  // namespace

std::FILE* dpdk_log_stream() {
  static std::FILE* const stream = [] {
    cookie_io_functions_t functions{};
    functions.write = keep_lines;
    std::FILE* opened = fopencookie(nullptr, "w", functions);
    if (opened != nullptr) setvbuf(opened, nullptr, _IOLBF, 1024);
    return opened;
  }();
  return stream;
}

std::string take_dpdk_complaint() {
  const std::lock_guard lock(complaint_mutex);
  first.clear();
  return without_prefix(std::exchange(last, {}));
}

std::string take_first_dpdk_complaint() {
  const std::lock_guard lock(complaint_mutex);
  last.clear();
  return without_prefix(std::exchange(first, {}));
}

}  // namespace mailglass::nic
