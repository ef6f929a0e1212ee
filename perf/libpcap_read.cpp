// SPDX-License-Identifier: BSD-3-Clause
// What reading a capture costs any program that leaves it to libpcap: every packet is counted and
// nothing else is done with it. perf/compare takes this off everybody's account.
#include <pcap/pcap.h>

#include <cstdint>
#include <cstdio>

int main(int argc, char** argv) {
  if (argc != 2) return std::fputs("usage: libpcap-read CAPTURE\n", stderr), 2;
  char reason[PCAP_ERRBUF_SIZE] = "";
  pcap_t* capture = pcap_open_offline(argv[1], reason);
  if (capture == nullptr) return std::fprintf(stderr, "libpcap-read: %s\n", reason), 1;
  std::uint64_t octets = 0;
  const auto count = [](std::uint8_t* total, const pcap_pkthdr* packet, const std::uint8_t*) {
    *reinterpret_cast<std::uint64_t*>(total) += packet->caplen;
  };
  const int end = pcap_loop(capture, 0, count, reinterpret_cast<std::uint8_t*>(&octets));
  if (end != 0) std::fprintf(stderr, "libpcap-read: %s\n", pcap_geterr(capture));
  pcap_close(capture);
  std::printf("%llu octets\n", static_cast<unsigned long long>(octets));
  return end == 0 ? 0 : 1;
}
