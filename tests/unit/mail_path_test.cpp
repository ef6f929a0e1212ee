// SPDX-License-Identifier: BSD-3-Clause
// Whole sessions in tunnels and in fragments: the same dialogue, and where it ran.
#include <gtest/gtest.h>

#include <functional>

#include "tests/support/talk.h"
#include "tests/support/tunnels.h"

namespace mailglass::test {
namespace {

using tally::Count;

Talk talk(const std::string& name) {
  Talk talk;
  talk.handshake()
      .server("220 mx.example ESMTP\r\n")
      .client("EHLO " + name + "\r\n")
      .server("250 mx.example\r\n")
      .client("QUIT\r\n")
      .server("221 bye\r\n")
      .farewell();
  return talk;
}

using Wrap = std::function<std::vector<Octets>(const Octets& frame, bool from_client)>;

void take(Inspection& inspection, const Talk& talk, const Wrap& wrap) {
  const Octets first = talk.frames().front().octets;
  for (const TimedFrame& frame : talk.frames()) {
    const bool from_client = std::equal(first.begin() + 26, first.begin() + 30,
                                        frame.octets.begin() + 26);  // the source address
    for (const Octets& octets : wrap(frame.octets, from_client)) {
      inspection.take({octets, frame.time});
    }
  }
}

Packet outer(bool from_client) {
  const Packet there = Packet().ipv4("198.51.100.1", "198.51.100.2");
  return from_client ? there : there.reversed();
}

std::string smtp_event(const Wrap& wrap) {
  Inspection inspection;
  take(inspection, talk("client.example"), wrap);
  inspection.finish();
  EXPECT_EQ(balance(inspection.counters()), "");
  EXPECT_EQ(inspection.count(Count::flows_opened), 1u);
  const auto events = inspection.eve_of_type("smtp");
  EXPECT_EQ(events.size(), 1u);
  return events.empty() ? "" : events[0];
}

TEST(MailPath, TheEventSaysWhichTunnel) {
  const std::string vxlan_event = smtp_event([](const Octets& frame, bool from_client) {
    return std::vector<Octets>{
        outer(from_client).vlan(30).vlan(20).vlan(10).carry(17, vxlan(42, frame)).frame()};
  });
  EXPECT_NE(vxlan_event.find(R"("tunnel":{"type":"vxlan","src_ip":"198.51.100.1",)"
                             R"("dest_ip":"198.51.100.2","id":42})"),
            std::string::npos)
      << vxlan_event;
  EXPECT_NE(vxlan_event.find(R"("vlan":[30,20,10])"), std::string::npos) << vxlan_event;
  EXPECT_NE(vxlan_event.find(R"("helo":"client.example")"), std::string::npos);

  const std::string labelled = smtp_event([](const Octets& frame, bool from_client) {
    const Octets ip(frame.begin() + 14, frame.end());
    Octets out(frame.begin(), frame.begin() + 12);
    return std::vector<Octets>{
        joined({out, word(0x8847, 2), labels({from_client ? 100u : 200u}), ip})};
  });
  EXPECT_NE(labelled.find(R"("tunnel":{"type":"mpls","id":200})"), std::string::npos) << labelled;

  const std::string bare =
      smtp_event([](const Octets& frame, bool) { return std::vector<Octets>{frame}; });
  EXPECT_EQ(bare.find("tunnel"), std::string::npos);
}

TEST(MailPath, TenantsWithTheSameAddressesAreTwoSessions) {
  Inspection inspection;
  const Talk one = talk("one.example"), two = talk("two.example");
  for (std::size_t i = 0; i < one.frames().size(); ++i) {
    inspection.take(
        {outer(true).carry(17, vxlan(1, one.frames()[i].octets)).frame(), one.frames()[i].time});
    inspection.take(
        {outer(true).carry(17, vxlan(2, two.frames()[i].octets)).frame(), two.frames()[i].time});
  }
  inspection.finish();
  EXPECT_EQ(inspection.count(Count::flows_opened), 2u);
  EXPECT_EQ(inspection.eve_of_type("smtp").size(), 2u);
  EXPECT_EQ(inspection.count(Count::stream_conflict), 0u);
}

TEST(MailPath, ASessionInFragmentsIsTheSameSession) {
  const auto in_fragments = [id = 0u](const Octets& frame, bool from_client) mutable {
    const Packet around = outer(from_client);
    const Octets content = vxlan(42, frame);
    std::vector<Octets> parts;
    ++id;
    for (std::size_t at = 0; at < content.size(); at += 48) {
      const std::size_t to = std::min(content.size(), at + 48);
      const Octets part(content.begin() + static_cast<std::ptrdiff_t>(at),
                        content.begin() + static_cast<std::ptrdiff_t>(to));
      parts.push_back(Packet(around)
                          .carry(17, part)
                          .fragment(static_cast<unsigned>(at), to != content.size())
                          .identification(id)
                          .frame());
    }
    std::swap(parts.front(), parts.back());
    return parts;
  };
  const std::string whole = smtp_event([](const Octets& frame, bool from_client) {
    return std::vector<Octets>{outer(from_client).carry(17, vxlan(42, frame)).frame()};
  });
  EXPECT_EQ(smtp_event(in_fragments), whole);
}

}  // namespace
}  // namespace mailglass::test
