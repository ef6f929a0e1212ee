// SPDX-License-Identifier: BSD-3-Clause
#include "nic/link_type.h"

#include <string_view>

namespace mailglass::nic {
namespace {

struct Name {
  std::uint32_t number;
  std::string_view name;
};

constexpr Name kNames[] = {
    {0, "NULL"},
    {1, "ETHERNET"},
    {6, "IEEE802_5"},
    {7, "ARCNET_BSD"},
    {8, "SLIP"},
    {9, "PPP"},
    {10, "FDDI"},
    {50, "PPP_HDLC"},
    {51, "PPP_ETHER"},
    {100, "ATM_RFC1483"},
    {101, "RAW"},
    {104, "C_HDLC"},
    {105, "IEEE802_11"},
    {107, "FRELAY"},
    {108, "LOOP"},
    {113, "LINUX_SLL"},
    {114, "LTALK"},
    {117, "PFLOG"},
    {119, "IEEE802_11_PRISM"},
    {122, "IP_OVER_FC"},
    {123, "SUNATM"},
    {127, "IEEE802_11_RADIOTAP"},
    {139, "MTP2_WITH_PHDR"},
    {140, "MTP2"},
    {141, "MTP3"},
    {142, "SCCP"},
    {143, "DOCSIS"},
    {144, "LINUX_IRDA"},
    {147, "USER0"},
    {163, "IEEE802_11_AVS"},
    {166, "PPP_PPPD"},
    {177, "LINUX_LAPD"},
    {187, "BLUETOOTH_HCI_H4"},
    {189, "USB_LINUX"},
    {192, "PPI"},
    {195, "IEEE802_15_4_WITHFCS"},
    {197, "ERF"},
    {201, "BLUETOOTH_HCI_H4_WITH_PHDR"},
    {204, "PPP_WITH_DIR"},
    {220, "USB_LINUX_MMAPPED"},
    {225, "IPNET"},
    {227, "CAN_SOCKETCAN"},
    {228, "IPV4"},
    {229, "IPV6"},
    {230, "IEEE802_15_4_NOFCS"},
    {231, "DBUS"},
    {239, "NFLOG"},
    {240, "NETANALYZER"},
    {242, "IPOIB"},
    {247, "INFINIBAND"},
    {249, "USBPCAP"},
    {251, "BLUETOOTH_LE_LL"},
    {252, "WIRESHARK_UPPER_PDU"},
    {253, "NETLINK"},
    {256, "BLUETOOTH_LE_LL_WITH_PHDR"},
    {266, "USB_DARWIN"},
    {271, "VSOCK"},
    {274, "ETHERNET_MPACKET"},
    {276, "LINUX_SLL2"},
};

}  // namespace

std::optional<wire::LinkType> link_of(std::uint32_t number) {
  switch (number) {
    case 0:
      return wire::LinkType::kNull;
    case 1:
      return wire::LinkType::kEthernet;
    // 12 and 14 are what DLT_RAW is called in memory on Linux and OpenBSD: tools that never knew
    // the registry write it into files.
    case 12:
    case 14:
    case 101:
    case 228:
    case 229:
      return wire::LinkType::kRaw;
    case 108:
      return wire::LinkType::kLoop;
    case 113:
      return wire::LinkType::kLinuxSll;
    case 276:
      return wire::LinkType::kLinuxSll2;
    default:
      return std::nullopt;
  }
}

std::string link_name(std::uint32_t number) {
  const std::string digits = std::to_string(number);
  for (const Name& known : kNames) {
    if (known.number == number) return "LINKTYPE_" + std::string(known.name) + " (" + digits + ")";
  }
  return "link type " + digits;
}

std::string refuse_link(std::uint32_t number) {
  return link_name(number) +
         " is not supported: Ethernet, Linux cooked, raw IP and BSD loopback are";
}

}  // namespace mailglass::nic
