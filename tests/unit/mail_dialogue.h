// SPDX-License-Identifier: BSD-3-Clause
// A mail dialogue as a test writes it, and what the whole pipeline makes of it:
//
//   const Reading r = Dialogue().s("220 ESMTP\r\n").c("QUIT\r\n").s("221 bye\r\n").read();
//   EXPECT_EQ(r.get("smtp", "/smtp/banner"), "ESMTP");
//
// Every `read` also checks what must hold after any dialogue: all frames and records are accounted
// for, all pools are empty, every line is JSON, and the same octets cut into segments of one octet
// and of five give the same events.
#pragma once

#include <gtest/gtest.h>
#include <rapidjson/document.h>
#include <rapidjson/pointer.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "report/metrics.h"
#include "tests/support/normal_form.h"
#include "tests/support/talk.h"

namespace mailglass::test {

using tally::Count;
using tally::Direction;

inline std::string json_text(const rapidjson::Value& value) {
  if (value.IsString()) return {value.GetString(), value.GetStringLength()};
  rapidjson::StringBuffer out;
  rapidjson::Writer<rapidjson::StringBuffer> writer(out);
  value.Accept(writer);
  return out.GetString();
}

// What the inspector has said.
class Reading {
 public:
  explicit Reading(std::shared_ptr<Inspection> inspection) : inspection_(std::move(inspection)) {
    for (const std::string& line : inspection_->eve()) {
      documents_.emplace_back();
      documents_.back().Parse(line.data(), line.size());
      EXPECT_FALSE(documents_.back().HasParseError()) << line;
      eve_ += line + "\n";
    }
  }

  std::uint64_t count(Count c) const { return inspection_->count(c); }
  const Inspection& inspection() const { return *inspection_; }
  const std::string& eve() const { return eve_; }
  std::string transcript() const { return inspection_->transcript(); }

  std::vector<const rapidjson::Document*> of_type(std::string_view type) const {
    std::vector<const rapidjson::Document*> found;
    for (const auto& d : documents_) {
      if (type == d["event_type"].GetString()) found.push_back(&d);
    }
    return found;
  }

  // The value at `pointer` (RFC 6901) of the nth event of a type; "" when there is none.
  std::string get(std::string_view type, const char* pointer, std::size_t nth = 0) const {
    const auto events = of_type(type);
    if (nth >= events.size()) return {};
    const rapidjson::Value* value = rapidjson::Pointer(pointer).Get(*events[nth]);
    return value == nullptr ? std::string() : json_text(*value);
  }

  // One value of every event of a type, joined by blanks.
  std::string all(std::string_view type, const char* pointer) const {
    std::string joined;
    for (std::size_t i = 0; i < of_type(type).size(); ++i) {
      if (i != 0) joined += ' ';
      joined += get(type, pointer, i);
    }
    return joined;
  }
  std::string anomalies() const { return all("anomaly", "/anomaly/event"); }

  std::string metrics() const {
    report::Metrics all;
    all.add(&inspection_->counters());
    return report::render_metrics(all);
  }

  bool says(std::string_view text) const {
    return eve_.find(text) != std::string::npos || transcript().find(text) != std::string::npos;
  }

  // The events without what depends on how the octets were cut into segments.
  std::vector<std::string> normal_form() const {
    return test::normal_form(inspection_->eve(), Forget::packets);
  }

 private:
  std::shared_ptr<Inspection> inspection_;
  std::vector<rapidjson::Document> documents_;
  std::string eve_;
};

class Dialogue {
 public:
  explicit Dialogue(unsigned port = 25) : port_(port) {}

  Dialogue& s(std::string_view octets) { return add(Direction::to_client, octets, true); }
  Dialogue& c(std::string_view octets) { return add(Direction::to_server, octets, true); }
  // Octets that were sent and not captured.
  Dialogue& lost_s(std::string_view octets) { return add(Direction::to_client, octets, false); }
  Dialogue& lost_c(std::string_view octets) { return add(Direction::to_server, octets, false); }

  Dialogue& midstream() { return handshake_ = false, *this; }
  Dialogue& cut_off() { return farewell_ = false, *this; }
  Dialogue& only(Direction seen) { return only_ = seen, one_sided_ = true, *this; }
  Dialogue& policy(mail::CredentialPolicy p) { return options_.credentials.policy = p, *this; }
  Dialogue& limits(const pipelines::MailLimits& l) { return options_.limits = l, *this; }
  // For dialogues that would take too long in single octets.
  Dialogue& whole_only() { return whole_only_ = true, *this; }

  Reading read() const {
    Reading reading = read_cut(1448);
    if (whole_only_) return reading;
    for (const std::size_t size : {std::size_t{5}, std::size_t{1}}) {
      const Reading cut = read_cut(size);
      const auto whole = reading.normal_form(), parts = cut.normal_form();
      EXPECT_EQ(whole.size(), parts.size()) << "in segments of " << size;
      for (std::size_t i = 0; i < std::min(whole.size(), parts.size()); ++i) {
        EXPECT_EQ(whole[i], parts[i]) << "in segments of " << size;
      }
    }
    return reading;
  }

  Reading read_cut(std::size_t segment_size) const {
    auto inspection = std::make_shared<Inspection>(options_);
    inspection->take(frames(segment_size));
    inspection->finish();
    check(*inspection);
    Reading reading(inspection);
    if (options_.credentials.policy != mail::CredentialPolicy::reveal) expect_no_password(reading);
    return reading;
  }

  // Whatever the dialogue: what follows PASS or AUTH is in no output.
  void expect_no_password(const Reading& reading) const {
    std::string client;
    for (const Step& step : steps_) {
      if (step.from == Direction::to_server) client += step.octets;
    }
    for (std::size_t at = 0; at < client.size();) {
      const std::size_t end = std::min(client.find('\n', at), client.size());
      std::string_view line = std::string_view(client).substr(at, end - at);
      at = end + 1;
      if (line.ends_with('\r')) line.remove_suffix(1);
      const bool pass = line.starts_with("PASS "), auth = line.starts_with("AUTH ");
      if (!pass && !auth) continue;
      const std::size_t secret = line.find(' ', pass ? 4 : 5);
      if (secret == std::string_view::npos || line.size() - secret < 10) continue;
      const std::string_view hidden = line.substr(secret + 1);
      EXPECT_FALSE(reading.says(hidden)) << line;
      EXPECT_EQ(reading.metrics().find(hidden), std::string::npos) << line;
    }
  }

  std::vector<TimedFrame> frames(std::size_t segment_size) const {
    Talk talk(port_);
    talk.segment_size(segment_size);
    if (handshake_) talk.handshake();
    for (const Step& step : steps_) {
      const bool server = step.from == Direction::to_client;
      if (step.captured) {
        server ? talk.server(step.octets) : talk.client(step.octets);
      } else {
        server ? talk.lose_server(step.octets) : talk.lose_client(step.octets);
      }
    }
    if (farewell_) talk.farewell();
    std::vector<TimedFrame> seen = talk.frames();
    if (one_sided_) std::erase_if(seen, [this](const TimedFrame& f) { return !is_seen(f); });
    return seen;
  }

  static void check(const Inspection& inspection) {
    const tally::Counters& counters = inspection.counters();
    EXPECT_EQ(balance(counters), "");
    EXPECT_EQ(counters.get(tally::Level::flows_used), 0u);
    EXPECT_EQ(counters.get(tally::Level::sessions_used), 0u);
    EXPECT_EQ(counters.get(tally::Level::holds_used), 0u);
    EXPECT_EQ(counters.get(tally::Level::blocks_used), 0u);
    EXPECT_EQ(counters.get(tally::Level::mail_blocks_used), 0u);
    EXPECT_EQ(counters.get(Count::events_emitted),
              inspection.records() + counters.get(Count::events_dropped));
    EXPECT_EQ(counters.get(Count::events_dropped), 0u);
  }

 private:
  struct Step {
    Direction from;
    std::string octets;
    bool captured;
  };

  Dialogue& add(Direction from, std::string_view octets, bool captured) {
    steps_.push_back({from, std::string(octets), captured});
    return *this;
  }

  bool is_seen(const TimedFrame& frame) const {  // Ethernet, IPv4 without options
    const unsigned source = unsigned{frame.octets[34]} << 8 | frame.octets[35];
    return (source == port_) == (only_ == Direction::to_client);
  }

  unsigned port_;
  std::vector<Step> steps_;
  Inspection::Options options_;
  bool handshake_ = true, farewell_ = true, one_sided_ = false, whole_only_ = false;
  Direction only_{};
};

}  // namespace mailglass::test
