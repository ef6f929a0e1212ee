// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "corpus.h"
#include "options.h"
#include "payload.h"
#include "random.h"
#include "record.h"

namespace mailglass::generate {

enum class Side { kClient, kServer };
constexpr Side other(Side side) { return side == Side::kClient ? Side::kServer : Side::kClient; }

// One side talks, after having heard the other and thought for `think_us` microseconds.
struct Turn {
  Side from;
  std::uint64_t think_us;
  Payload payload;
};

// A whole conversation, written down before the first packet. The tap is beside the server: what
// the client says comes a round trip later, what the server says only after its own thinking.
class Script {
 public:
  explicit Script(Random& random);

  void client(Payload payload);
  void server(Payload payload);
  void client(std::string text) { client(Payload(std::move(text))); }
  void server(std::string text) { server(Payload(std::move(text))); }

  std::uint64_t round_trip_us() const { return round_trip_us_; }
  const std::vector<Turn>& turns() const { return turns_; }

  Side closes_first = Side::kServer;

 private:
  Random random_;
  std::uint64_t round_trip_us_;
  std::vector<Turn> turns_;
};

// What a dialogue has to know of its surroundings.
struct Scene {
  const Options& options;
  const Corpus& corpus;
  std::uint64_t time_us;
  std::string_view client_address;
};

// Each fills in the record while it writes the script; `record.protocol` and the ports are set.
Script smtp_dialogue(const Scene& scene, Random& random, SessionRecord& record);
Script pop3_dialogue(const Scene& scene, Random& random, SessionRecord& record);
Script http_dialogue(const Scene& scene, Random& random);
Script tls_dialogue(const Scene& scene, Random& random);

inline constexpr std::uint16_t kSubmissionPort = 587;

}  // namespace mailglass::generate
