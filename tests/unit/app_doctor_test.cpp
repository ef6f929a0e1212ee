// SPDX-License-Identifier: BSD-3-Clause
// Each row of the doctor's table: what makes it speak, and that a little less does not.
#include <gtest/gtest.h>

#include <set>

#include "app/findings.h"
#include "app/picture.h"

namespace mailglass::app {
namespace {

TEST(AppPicture, ReadsTheExpositionFormat) {
  const Picture p(
      "# HELP a_total Text.\n# TYPE a_total counter\n"
      "a_total{x=\"1\",y=\"q\\\"u\\\\o\\nte\"} 3\na_total{x=\"2\",y=\"b\"} 4.5e1\nb 7 1700000000\n"
      "broken{x=\"1\nbroken2{x=} 3\n{\nno_value \nlate_total +Inf\n\nc{} 1\n");
  EXPECT_EQ(p.sum("a_total"), 48);
  EXPECT_EQ(p.sum("a_total", {{"x", "2"}}), 45);
  EXPECT_EQ(p.sum("a_total", {{"x", "3"}}), 0);
  EXPECT_EQ(p.all("a_total", {{"x", "1"}}).front()->label("y"), "q\"u\\o\nte");
  EXPECT_EQ(p.sum("b"), 7);
  EXPECT_EQ(p.sum("c"), 1);
  EXPECT_EQ(p.sum("broken") + p.sum("broken2") + p.sum("no_value"), 0);
  EXPECT_EQ(p.by("a_total", "x"), (std::map<std::string, double>{{"1", 3}, {"2", 45}}));
  EXPECT_TRUE(Picture("").empty());
  EXPECT_EQ(Picture("# c\na 1\n\nb{x=\"y\"} 2\n").bad_line(), 0u);
  EXPECT_EQ(Picture("# c\na 1\nmailglass_b NaN\n").bad_line(), 3u);
  EXPECT_EQ(Picture("exposer_latencies{quantile=\"0.5\"} Nan\na 1 1732700000\n").bad_line(), 0u);
  EXPECT_EQ(Picture("a 1x\n").bad_line(), 1u);
  EXPECT_EQ(Picture("a 1\nb{x=\"y\"}\n").bad_line(), 2u);
  EXPECT_EQ(Picture("a 1\nb 23").bad_line(), 2u) << "perhaps of 234";
  EXPECT_TRUE(Picture("\\\"{\n\"").empty());
  (void)Picture("a{b=\"\\");
}

// A sensor where all is well. Later lines add to it.
const std::string kWell =
    "mailglass_build_info 1\nmailglass_frames_total 100000\nmailglass_segments_total 95000\n"
    "mailglass_drops_total{reason=\"udp\"} 4100\nmailglass_drops_total{reason=\"tcp_short\"} 900\n"
    "mailglass_drops_total{reason=\"link_unknown\"} 0\n"
    "mailglass_port_link_up{port=\"0\",device=\"net_x\"} 1\n"
    "mailglass_port_rx_frames_total{port=\"0\",device=\"net_x\"} 100000\n"
    "mailglass_port_rx_missed_total{port=\"0\",device=\"net_x\"} 0\n"
    "mailglass_flows_closed_total{reason=\"fin\"} 1000\n"
    "mailglass_sessions_total{protocol=\"smtp\"} 500\n"
    "mailglass_tls_sessions_total{begun=\"starttls\"} 400\n"
    "mailglass_stream_octets_total{kind=\"delivered\"} 1000000\n"
    "mailglass_eve_events_total{type=\"smtp\"} 500\n"
    "mailglass_worker_cycles_total{state=\"busy\"} 50\n"
    "mailglass_worker_cycles_total{state=\"idle\"} 50\n";

std::string well_without(const std::string& begin) {
  std::string text = kWell;
  for (std::size_t at; (at = text.find("\n" + begin)) != text.npos;) {
    text.erase(at, text.find('\n', at + 1) - at);
  }
  return text;
}

struct Case {
  const char* check;
  std::string picture;
  const char* says;     // a part of the sentence
  std::string no_more;  // a picture in which it says nothing
};

const Case kCases[] = {
    {"link_down",
     well_without("mailglass_port_link_up") +
         "mailglass_port_link_up{port=\"0\",device=\"net_x\"} 0\n",
     "port 0 (net_x) has no link", kWell},
    {"no_frames", "mailglass_build_info 1\nmailglass_frames_total 0\n",
     "Not a single frame has arrived", "mailglass_frames_total 1\n"},
    {"nic_missed", kWell + "mailglass_port_rx_missed_total{port=\"0\",device=\"net_x\"} 25000\n",
     "port 0 (net_x) missed 25000 frames (20 % of what came)", kWell},
    {"no_mbuf", kWell + "mailglass_port_rx_no_mbuf_total{port=\"0\",device=\"net_x\"} 7\n",
     "port 0 (net_x) lost 7 frames because no packet buffer was free: raise run.memory_mib", kWell},
    {"port_errors", kWell + "mailglass_port_rx_errors_total{port=\"1\",device=\"y\"} 3\n",
     "port 1 (y) received 3 damaged frames", kWell},
    {"send_errors", kWell + "mailglass_port_tx_errors_total{port=\"1\",device=\"y\"} 9\n",
     "port 1 (y) took 9 frames and did not send them", kWell},
    {"link_down",
     well_without("mailglass_port_link_up") +
         "mailglass_port_link_up{port=\"0\",device=\"net_x\"} 0\n"
         "mailglass_port_gone{port=\"0\",device=\"net_x\"} 1\n",
     "port 0 (net_x) has lost its interface", kWell},
    {"imbalance",
     "mailglass_frames_total{worker=\"0\"} 90000\nmailglass_frames_total{worker=\"1\"} 5000\n"
     "mailglass_frames_total{worker=\"2\"} 5000\n",
     "Worker 0 of 3 gets 90 % of all frames",
     "mailglass_frames_total{worker=\"0\"} 60000\nmailglass_frames_total{worker=\"1\"} 40000\n"
     "mailglass_frames_total{worker=\"2\"} 40000\n"},
    {"distribution_full", kWell + "mailglass_distributed_total{fate=\"ring_full\"} 12\n",
     "12 frames were lost between workers",
     kWell + "mailglass_distributed_total{fate=\"sent\"} 12\n"},
    {"busy",
     "mailglass_worker_cycles_total{state=\"busy\",worker=\"1\"} 95\n"
     "mailglass_worker_cycles_total{state=\"idle\",worker=\"1\"} 5\n",
     "Worker 1 was busy 95 % of its time", kWell},
    {"stalls", kWell + "mailglass_worker_stalls_total{worker=\"1\"} 2\n",
     "Worker 1 stood still for a second or more, 2 times",
     kWell + "mailglass_worker_stalls_total{worker=\"1\"} 0\n"},
    {"bridge_losses", kWell + "mailglass_drops_total{reason=\"shed_overload\"} 44\n",
     "44 frames were forwarded without inspection", kWell},
    {"bridge_losses", kWell + "mailglass_bridged_total{fate=\"tx_dropped\"} 45\n",
     "45 frames could not be forwarded", kWell},
    {"bridge_losses", kWell + "mailglass_bridged_total{fate=\"link_down\"} 46\n",
     "46 frames could not be forwarded because the other port had no link", kWell},
    {"bridge_losses", kWell + "mailglass_bridged_total{fate=\"too_long\"} 47\n",
     "47 frames could not be forwarded because they were longer", kWell},
    {"bridge_checksums",
     kWell + "mailglass_bridged_total{fate=\"forwarded\"} 9000\n"
             "mailglass_checksums_total{result=\"offloaded\"} 10000\n",
     "11 % of the segments (10000) were forwarded without a checksum",
     kWell + "mailglass_checksums_total{result=\"offloaded\"} 10000\n"},
    {"bridge_checksums",
     kWell + "mailglass_bridged_total{fate=\"forwarded\"} 9000\n"
             "mailglass_checksums_total{result=\"offloaded\"} 10000\n",
     "ethtool -K IFACE tx off",
     kWell + "mailglass_bridged_total{fate=\"forwarded\"} 9000\n"
             "mailglass_checksums_total{result=\"offloaded\"} 9000\n"},
    {"no_tcp",
     "mailglass_frames_total 1000\nmailglass_segments_total 3\n"
     "mailglass_drops_total{reason=\"udp\"} 900\nmailglass_drops_total{reason=\"icmp\"} 97\n",
     "Of 1000 frames 0.3 % are TCP; most end as udp (900)",
     "mailglass_frames_total 9\nmailglass_segments_total 0\n"},
    {"encapsulated", kWell + "mailglass_drops_total{reason=\"vlan_too_many\"} 6000\n",
     "6 % of all frames are seen but not decoded (vlan_too_many, 6000): mirror from a point",
     kWell + "mailglass_drops_total{reason=\"vlan_too_many\"} 4000\n"},
    {"encapsulated", kWell + "mailglass_drops_total{reason=\"tunnel_unknown\"} 60000\n",
     "60 % of all frames are seen but not decoded (tunnel_unknown, 60000): check wire.vxlan_port",
     kWell},
    {"truncated", kWell + "mailglass_drops_total{reason=\"ip_short\"} 1000\n",
     "1.9 % of all frames (1900) are cut: capture with a snap length of 0",
     well_without("mailglass_drops_total{reason=\"tcp_short\"}")},
    {"truncated", kWell + "mailglass_checksums_total{result=\"unverifiable\"} 2100\n",
     "3 % of all frames (3000) are cut",
     well_without("mailglass_drops_total{reason=\"tcp_short\"}") +
         "mailglass_checksums_total{result=\"offloaded\"} 2100\n"},
    {"checksums", kWell + "mailglass_drops_total{reason=\"tcp_checksum\"} 95000\n",
     "50 % of the segments (95000) have a wrong checksum",
     kWell + "mailglass_drops_total{reason=\"tcp_checksum\"} 900\n"},
    {"one_direction",
     kWell + "mailglass_flows_oneside_total{seen=\"client\"} 700\n"
             "mailglass_flows_oneside_total{seen=\"server\"} 100\n",
     "Of 1000 flows 80 % were seen in one direction only, mostly the client's",
     kWell + "mailglass_flows_oneside_total{seen=\"client\"} 90\n"},
    {"one_direction",
     kWell + "mailglass_smtp_commands_total{verb=\"EHLO\"} 20\n"
             "mailglass_smtp_replies_total{class=\"2xx\"} 1\n",
     "20 commands and 1 replies were seen: mail comes in one direction only, the client's",
     kWell + "mailglass_smtp_commands_total{verb=\"EHLO\"} 20\n"
             "mailglass_smtp_replies_total{class=\"2xx\"} 2\n"},
    {"one_direction",
     kWell + "mailglass_pop3_commands_total{verb=\"USER\"} 0\n"
             "mailglass_pop3_replies_total{status=\"ok\"} 10\n",
     "only, the server's",
     kWell + "mailglass_pop3_commands_total{verb=\"USER\"} 0\n"
             "mailglass_pop3_replies_total{status=\"ok\"} 9\n"},
    {"missing", kWell + "mailglass_stream_octets_total{kind=\"missing\"} 20000\n",
     "2 % of the octets of mail never arrived here",
     kWell + "mailglass_stream_octets_total{kind=\"missing\"} 500\n"},
    {"tables_full", kWell + "mailglass_pool_refused_total{pool=\"mail_blocks\"} 9\n",
     "The pool of mail_blocks was full 9 times: raise mail.blocks", kWell},
    {"no_mail",
     "mailglass_frames_total 1000\nmailglass_segments_total 1000\n"
     "mailglass_probes_failed_total 50\n",
     "1000 TCP segments and not one mail session (50 flows spoke something else)", kWell},
    {"encrypted", kWell + "mailglass_tls_sessions_total{begun=\"implicit\"} 9000\n",
     "99 % of the mail sessions are in TLS", kWell},
    {"records_lost", kWell + "mailglass_events_total{fate=\"dropped_ring_full\"} 6\n",
     "6 records were lost because the reporter was behind",
     kWell + "mailglass_events_total{fate=\"emitted\"} 6\n"},
    {"lines_lost", kWell + "mailglass_eve_lines_total{sink=\"file\",fate=\"dropped\"} 6\n",
     "6 events never reached the event file: check that its disk has room",
     kWell + "mailglass_eve_lines_total{sink=\"file\",fate=\"written\"} 6\n"},
    {"lines_lost", kWell + "mailglass_eve_lines_total{sink=\"socket\",fate=\"dropped\"} 6\n",
     "6 events never reached the Unix socket", kWell},
    {"no_sink", well_without("mailglass_eve_events_total"),
     "500 mail sessions have ended, but no event was rendered", kWell},
    {"no_sink", well_without("mailglass_eve_events_total") + "mailglass_reporter_sessions 499\n",
     "1 mail sessions have ended",
     well_without("mailglass_eve_events_total") + "mailglass_reporter_sessions 500\n"},
    {"no_sink", well_without("mailglass_eve_events_total"), "eve.file",
     "mailglass_sessions_total{protocol=\"smtp\"} 5\nmailglass_eve_events_total 0\n"},
    {"reload_failed", kWell + "mailglass_config_last_reload_successful 0\n",
     "The last reload failed", kWell + "mailglass_config_last_reload_successful 1\n"},
};

std::vector<std::string> found(const std::string& text, const char* check) {
  std::vector<std::string> sentences;
  for (const Finding& finding : diagnose(Picture(text))) {
    if (finding.check == check) sentences.push_back(finding.sentence);
  }
  return sentences;
}

TEST(AppDoctor, FindsNothingWhereAllIsWell) {
  for (const Finding& finding : diagnose(Picture(kWell))) {
    ADD_FAILURE() << finding.check << ": " << finding.sentence;
  }
}

TEST(AppDoctor, EachCheckSpeaksWhenItShouldAndOnlyThen) {
  std::set<std::string_view> tested;
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.check);
    tested.insert(c.check);
    const auto said = found(c.picture, c.check);
    ASSERT_EQ(said.size(), 1u);
    EXPECT_NE(said[0].find(c.says), std::string::npos) << said[0];
    EXPECT_EQ(said[0].back(), '.');
    EXPECT_EQ(said[0].find('\n'), std::string::npos);
    EXPECT_TRUE(found(c.no_more, c.check).empty()) << found(c.no_more, c.check)[0];
  }
  for (const auto checks : {checks_of_ports(), checks_of_mail()}) {
    for (const Check& check : checks) EXPECT_TRUE(tested.contains(check.name)) << check.name;
  }
}

// A pool that fills up, whichever it is, has a key that makes it larger.
TEST(AppDoctor, NamesEveryPool) {
  constexpr std::pair<std::string_view, std::string_view> kRows[] = {
#define COUNT(id, family, value) {#family, value},
#include "tally/counters.def"
  };
  std::size_t pools = 0;
  for (const auto& [family, pool] : kRows) {
    if (family != "pool_refused") continue;
    ++pools;
    const std::string row = "mailglass_pool_refused_total{pool=\"" + std::string(pool) + "\"} 9\n";
    EXPECT_EQ(found(kWell + row, "tables_full").size(), 1u) << pool;
  }
  EXPECT_GE(pools, 8u);
}

}  // namespace
}  // namespace mailglass::app
