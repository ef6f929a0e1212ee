// SPDX-License-Identifier: BSD-3-Clause
// Frames for tests, with correct lengths and checksums unless a test asks for wrong ones:
//
//   const auto frame = Packet().vlan(7).ipv4("192.0.2.1", "192.0.2.2").tcp(40000, 25)
//                          .seq(1000).flags(kPsh | kAck).payload("QUIT\r\n").frame();
//
// Ethernet unless another link layer is named. Every call may come in any order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mailglass::test {

using Octets = std::vector<std::uint8_t>;

// "45 00 # a comment up to the end of the line" -> 0x45, 0x00
Octets from_hex(std::string_view text);

class Packet {
 public:
  // Link layer.
  Packet& ethernet();
  Packet& linux_sll();
  Packet& linux_sll2();
  Packet& raw();
  Packet& null(std::uint32_t family = 0);  // little-endian; 0: the IP version's own (2 or 30)
  Packet& null_big_endian(std::uint32_t family = 0);
  Packet& loop(std::uint32_t family = 0);
  Packet& macs(const std::string& source, const std::string& destination);
  Packet& vlan(unsigned vid, unsigned tpid = 0x8100, unsigned priority = 0);  // outer first
  Packet& ether_type(unsigned type);            // instead of the IP version's own
  Packet& shim(unsigned type, Octets headers);  // this EtherType, and headers before the IP header

  // Network layer.
  Packet& ipv4(const std::string& source, const std::string& destination);
  Packet& ipv6(const std::string& source, const std::string& destination);
  Packet& ip_version(unsigned nibble);
  Packet& ip_options(Octets options);                   // IPv4; a multiple of 4
  Packet& header_length(unsigned words);                // IPv4
  Packet& ip_length(unsigned octets);                   // IPv4 total length, IPv6 payload length
  Packet& fragment(unsigned offset_octets, bool more);  // IPv4; IPv6 takes an extension
  Packet& identification(unsigned id);                  // IPv4
  Packet& ip_checksum(unsigned value);                  // IPv4, instead of the right one
  Packet& protocol(unsigned number);  // instead of TCP, or the last extension's next header
  // IPv6: `after_next` is the header without its first octet; protocols before TCP, outer first.
  Packet& extension(unsigned number, Octets after_next);

  // TCP.
  Packet& tcp(unsigned source_port, unsigned destination_port);
  Packet& seq(std::uint32_t number);
  Packet& ack(std::uint32_t number);  // sets the flag too
  Packet& flags(unsigned bits);
  Packet& window(unsigned octets);
  Packet& tcp_options(Octets options);  // a multiple of 4
  Packet& data_offset(unsigned words);
  Packet& payload(std::string_view text);
  Packet& tcp_checksum(unsigned value);  // instead of the right one
  Packet& unfinished();                  // the pseudo header's sum alone, as offloading leaves it
  // Instead of TCP: these octets, of this protocol.
  Packet& carry(unsigned protocol, Octets content);

  // The frame as a whole.
  Packet& pad_to(std::size_t octets);  // Ethernet padding behind the packet
  Packet& snap(std::size_t octets);    // cut as a capture's snap length does

  Packet reversed() const;  // the same with MACs, addresses and ports exchanged

  Octets frame() const;
  Octets segment() const;      // what stands behind the IP headers
  std::size_t ip_at() const;   // offset of the IP header in the frame
  std::size_t tcp_at() const;  // offset of what follows the IP headers

 private:
  enum class Link { kEthernet, kSll, kSll2, kRaw, kNull, kNullBigEndian, kLoop };
  struct Tag {
    unsigned tpid, control;
  };
  struct Extension {
    unsigned number;
    Octets after_next;
  };

  Packet& link(Link kind, std::uint32_t family = 0);
  Packet& addresses(bool ipv6, const std::string& source, const std::string& destination);
  Octets link_header() const;
  Octets ip_header(std::size_t behind) const;
  unsigned pseudo_sum(std::size_t segment) const;
  Octets extension_chain() const;

  Link link_ = Link::kEthernet;
  std::uint32_t family_ = 0;
  Octets source_mac_ = {0x02, 0, 0, 0, 0, 1};
  Octets destination_mac_ = {0x02, 0, 0, 0, 0, 2};
  std::vector<Tag> tags_;
  std::optional<unsigned> ether_type_;
  Octets shim_;

  bool ipv6_ = false;
  Octets source_ = {192, 0, 2, 1};  // RFC 5737
  Octets destination_ = {192, 0, 2, 2};
  std::optional<unsigned> version_, header_words_, ip_length_, protocol_;
  Octets ip_options_;
  unsigned fragment_ = 0x4000;  // don't fragment
  unsigned identification_ = 1;
  std::optional<unsigned> ip_checksum_, tcp_checksum_;
  bool unfinished_ = false;
  std::optional<Octets> content_;
  std::vector<Extension> extensions_;

  unsigned source_port_ = 40000, destination_port_ = 25;
  std::uint32_t seq_ = 0, ack_ = 0;
  unsigned flags_ = 0x10;
  unsigned window_ = 0xffff;
  std::optional<unsigned> data_offset_;
  Octets tcp_options_;
  std::string payload_;

  std::size_t pad_to_ = 0;
  std::optional<std::size_t> snap_;
};

}  // namespace mailglass::test
