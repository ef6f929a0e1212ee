// SPDX-License-Identifier: BSD-3-Clause
#include "nic/record_walker.h"

#include <gtest/gtest.h>

#include <cstring>

#include "nic_capture_builder.h"

namespace mailglass::nic {
namespace {

using test::kNanoseconds;
using test::Octets;
using test::Order;
using test::pcap;
using test::Pcapng;

RecordWalker walked(std::string_view capture, std::size_t piece = 1 << 20) {
  RecordWalker walker;
  for (std::size_t at = 0; at < capture.size(); at += piece) {
    walker.take(as_bytes(capture.substr(at, piece)));
  }
  walker.end();
  return walker;
}

const std::vector<std::string> kFrames = {std::string(60, 'a'), "", std::string(1500, 'b')};

TEST(NicRecordWalker, ReadsEveryKindOfPcapHeader) {
  for (const Order order : {Order::little, Order::big}) {
    for (const std::uint32_t magic : {test::kMicroseconds, kNanoseconds}) {
      const RecordWalker walker = walked(pcap(kFrames, {order, magic, 113}));
      EXPECT_EQ(walker.fault(), "");
      EXPECT_EQ(walker.format(), CaptureFormat::pcap);
      EXPECT_EQ(walker.link(), wire::LinkType::kLinuxSll);
      EXPECT_EQ(walker.frames(), 3u);
    }
  }
}

TEST(NicRecordWalker, KuznetzovsRecordsHaveALongerHead) {
  std::string capture = pcap({}, {Order::little, 0xa1b2cd34});
  capture += Octets(Order::little).u32(1).u32(2).u32(5).u32(5).u32(7).u32(8).text("hello").str();
  const RecordWalker walker = walked(capture);
  EXPECT_EQ(walker.fault(), "");
  EXPECT_EQ(walker.frames(), 1u);
}

TEST(NicRecordWalker, TheLengthOfAFrameCheckSequenceIsNoLinkType) {
  EXPECT_EQ(walked(pcap({}, {.link = 0x24000001})).link(), wire::LinkType::kEthernet);
}

TEST(NicRecordWalker, ReadsSectionsAndForeignBlocksOfPcapng) {
  for (const Order order : {Order::little, Order::big}) {
    Pcapng capture(order);
    capture.interface(276).frame("one").block(5, "statistics").frame("two!");
    capture.section().interface(276).simple("three", 5).block(0xbad, std::string(70000, 'x'));
    const RecordWalker walker = walked(capture.str());
    EXPECT_EQ(walker.fault(), "");
    EXPECT_EQ(walker.format(), CaptureFormat::pcapng);
    EXPECT_EQ(walker.link(), wire::LinkType::kLinuxSll2);
    EXPECT_EQ(walker.frames(), 3u);
  }
}

TEST(NicRecordWalker, PiecesOfAnySizeSayTheSame) {
  const std::string captures[] = {
      pcap(kFrames), pcap(kFrames) + "xyz",
      Pcapng().interface(1).frame("abcde").interface(1, 96).frame("f", 1).str(),
      Pcapng().interface(1).frame("abcde").interface(101).str()};
  for (const std::string& capture : captures) {
    const RecordWalker whole = walked(capture);
    for (std::size_t piece = 1; piece < 64; ++piece) {
      const RecordWalker pieces = walked(capture, piece);
      EXPECT_EQ(pieces.fault(), whole.fault());
      EXPECT_EQ(pieces.frames(), whole.frames());
      EXPECT_EQ(pieces.link(), whole.link());
      EXPECT_EQ(pieces.uneven(), whole.uneven());
    }
  }
}

// Cut anywhere, a capture is either whole up to the cut or said to end inside something, and the
// frames counted are those that end before the cut.
template <typename Build>
void expect_every_cut_is_named(Build build) {
  const std::string full = build(3);
  std::vector<std::size_t> ends;  // of 0, 1, 2, 3 frames
  for (unsigned n = 0; n <= 3; ++n) ends.push_back(build(n).size());
  for (std::size_t cut = 0; cut <= full.size(); ++cut) {
    const RecordWalker walker = walked(full.substr(0, cut));
    std::size_t frames = 0;
    while (frames < 3 && ends[frames + 1] <= cut) ++frames;
    EXPECT_EQ(walker.frames(), frames) << cut;
    const bool at_seam = cut >= ends[0] && ends[frames] == cut;
    EXPECT_EQ(walker.fault().empty(), at_seam) << cut << ": " << walker.fault();
    EXPECT_EQ(walker.refused(), cut < ends[0]) << cut;
    if (!at_seam && cut > ends[0]) {
      EXPECT_NE(walker.fault().find("octet " + std::to_string(ends[frames])), std::string::npos)
          << walker.fault();
    }
  }
}

TEST(NicRecordWalker, EveryCutOfAPcapIsNamed) {
  expect_every_cut_is_named([](unsigned n) {
    return pcap(std::vector<std::string>(kFrames.begin(), kFrames.begin() + n));
  });
}

TEST(NicRecordWalker, EveryCutOfAPcapngIsNamed) {
  // Of a pcapng cut inside its first interface the link type may be known; what counts is whether
  // it was refused, so the cuts are tried behind the interface.
  const std::string start = Pcapng().interface(1).str();
  for (unsigned n = 0; n <= 3; ++n) {
    Pcapng capture;
    capture.interface(1);
    for (unsigned i = 0; i < n; ++i) capture.frame(kFrames[i]);
    const std::string& full = capture.str();
    EXPECT_EQ(walked(full).frames(), n);
    for (std::size_t cut = start.size() + 1; cut < full.size(); ++cut) {
      const RecordWalker walker = walked(full.substr(0, cut));
      EXPECT_LT(walker.frames(), n);
      EXPECT_FALSE(walker.refused());
    }
  }
}

TEST(NicRecordWalker, NamesWhatIsNoCapture) {
  const std::pair<std::string, std::string> kFiles[] = {
      {"", "is empty"},
      {"\x1f\x8b\x08\x00", "is compressed with gzip"},
      {"\xfd"
       "7zXZ",
       "is compressed with xz"},
      {"\x28\xb5\x2f\xfd", "is compressed with zstd"},
      {"Received: from a", "is text"},
      {"hi", "is text"},
      {std::string("\0\0\0\0", 4), "is not a pcap"},
      {"snoop", "is a snoop capture"},
  };
  for (const auto& [content, says] : kFiles) {
    const RecordWalker walker = walked(content);
    EXPECT_TRUE(walker.refused()) << says;
    EXPECT_TRUE(walker.fault().starts_with(says)) << walker.fault();
  }
}

TEST(NicRecordWalker, RefusesLinkTypesByName) {
  const RecordWalker wifi = walked(pcap({}, {.link = 105}));
  EXPECT_TRUE(wifi.refused());
  EXPECT_EQ(wifi.fault(),
            "LINKTYPE_IEEE802_11 (105) is not supported: Ethernet, Linux cooked, raw IP and BSD "
            "loopback are");
  EXPECT_TRUE(walked(pcap({}, {.link = 9999})).fault().starts_with("link type 9999 is not"));
}

TEST(NicRecordWalker, RefusesAMixOfLinkTypes) {
  const RecordWalker walker =
      walked(Pcapng().interface(1).frame("a").interface(101).frame("b", 1).str());
  EXPECT_TRUE(walker.refused());
  EXPECT_EQ(walker.fault(),
            "mixes LINKTYPE_ETHERNET (1) and LINKTYPE_RAW (101): only one link type a capture is "
            "supported");
}

TEST(NicRecordWalker, LengthsThatCannotBeAreDamage) {
  const Octets head = Octets(Order::little).u32(0).u32(0).u32(262145).u32(262145);
  EXPECT_EQ(walked(pcap({"a"}) + head.str()).fault(),
            "is damaged at octet 41 (frame 2): it claims to hold 262145 octets");
  const std::string good = Pcapng().interface(1).frame("a").str();
  const std::string bad[] = {
      Octets(Order::little).u32(6).u32(8).text("xxxxxxxx").str(),    // shorter than its head
      Octets(Order::little).u32(5).u32(13).text("xxxxxxxx").str(),   // not a multiple of four
      Octets(Order::little).u32(5).u32(1 << 25).text("xxxx").str(),  // absurd
      Octets(Order::little).u32(5).u32(12).u32(16).str(),            // two lengths
      Octets(Order::little).u32(6).u32(32).u32(1).u32(0).u32(0).u32(0).u32(0).str(),  // interface
      Octets(Order::little).u32(6).u32(32).u32(0).u32(0).u32(0).u32(1).u32(1).str(),  // too long
  };
  for (const std::string& block : bad) {
    const RecordWalker walker = walked(good + block);
    EXPECT_TRUE(walker.fault().starts_with("is damaged at octet " + std::to_string(good.size())))
        << walker.fault();
    EXPECT_FALSE(walker.refused());
    EXPECT_EQ(walker.frames(), 1u);
  }
}

// However the octets are cut up, evening out changes the same ones: the snapshot lengths, and the
// length of a simple packet that its interface's snapshot length had cut.
TEST(NicRecordWalker, EvensOutSnapshotLengthsInAnyPieces) {
  for (const Order order : {Order::little, Order::big}) {
    const auto build = [order](std::uint32_t first, std::uint32_t second, std::uint32_t simple) {
      Pcapng capture(order);
      capture.interface(1, first).interface(1, second);
      return capture.frame("abc", 1).simple("12345678", simple).str();
    };
    const std::string uneven = build(8, 96, 1500), even = build(0, 0, 8);
    for (std::size_t piece = 1; piece < 80; ++piece) {
      std::string octets = uneven;
      RecordWalker walker;
      auto* const data = reinterpret_cast<std::uint8_t*>(octets.data());
      for (std::size_t at = 0; at < octets.size(); at += piece) {
        walker.take_and_even({data + at, std::min(piece, octets.size() - at)});
      }
      walker.end();
      EXPECT_EQ(walker.fault(), "");
      EXPECT_TRUE(walker.uneven());
      EXPECT_EQ(octets, even);
    }
  }
}

TEST(NicRecordWalker, SeekingOverFramesCountsTheSame) {
  const std::string capture = pcap(kFrames);
  RecordWalker walker;
  std::size_t at = 0;
  while (at < capture.size()) {
    walker.take(as_bytes(std::string_view(capture).substr(at, 1)));
    ++at;
    const auto jump = walker.skippable();
    walker.skipped(jump);
    at += jump;
  }
  walker.end();
  EXPECT_EQ(walker.fault(), "");
  EXPECT_EQ(walker.frames(), 3u);
}

}  // namespace
}  // namespace mailglass::nic
