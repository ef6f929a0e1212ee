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

// As of DPDK 22.11; later ones have more. What a driver says of itself has no blanks in between.
struct Arguments {
  std::string_view driver;
  std::vector<std::string> keys;
};
const Arguments kArguments[] = {
    {"net_af_packet", {"iface", "qpairs", "blocksz", "framesz", "framecnt", "qdisc_bypass"}},
    {"net_af_xdp",
     {"iface", "start_queue", "queue_count", "shared_umem", "xdp_prog", "busy_budget",
      "force_copy"}},
    {"net_memif",
     {"id", "role", "bsize", "rsize", "socket", "socket-abstract", "mac", "zero-copy", "secret"}},
    {"net_null", {"size", "copy", "no-rx"}},
    {"net_pcap",
     {"rx_pcap", "tx_pcap", "rx_iface", "rx_iface_in", "tx_iface", "iface", "phy_mac",
      "infinite_rx"}},
    {"net_tap", {"iface", "mac", "remote", "persist"}},
};

}  // namespace

std::vector<std::string> known_arguments(std::string_view device) {
  for (const Arguments& of : kArguments) {
    if (device.starts_with(of.driver)) return of.keys;
  }
  return {};
}

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
