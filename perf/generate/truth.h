// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <cstdint>
#include <fstream>
#include <map>
#include <string>
#include <string_view>

#include "json.h"
#include "options.h"
#include "pcap.h"
#include "record.h"

namespace mailglass::generate {

// What the capture holds: the sums of the session records, which are what the dialogues meant to
// say. Nothing is read back from packets.
class Truth {
 public:
  explicit Truth(const Options& options);

  void add(const SessionRecord& record);
  void add_flood_syn() { ++flood_syns_; }
  // The file of --truth; throws std::runtime_error when a file cannot be written.
  void write(const PacketWriter& capture);

 private:
  struct Messages {
    std::uint64_t count = 0;
    std::uint64_t octets = 0;
    std::uint64_t attachments = 0;
    void add(const MessageRecord& message);
    void write(JsonWriter& json, std::string_view key) const;
  };

  using Counts = std::map<std::string, std::uint64_t>;
  struct Logins {
    std::uint64_t accepted = 0;
    std::uint64_t rejected = 0;
  };
  using LoginsByMechanism = std::map<std::string, Logins>;

  void add_smtp(const Transaction& transaction);
  void write_session(const SessionRecord& record);
  void write_options(JsonWriter& json) const;
  void write_capture(JsonWriter& json, const PacketWriter& capture) const;
  void write_smtp(JsonWriter& json) const;
  void write_pop3(JsonWriter& json) const;
  static void write_logins(JsonWriter& json, const LoginsByMechanism& logins);

  const Options& options_;
  std::ofstream per_session_;
  std::array<std::uint64_t, kProtocols> sessions_{};
  std::array<std::uint64_t, kProtocols> packets_{};
  std::array<Counts, kProtocols> commands_;
  std::array<Counts, kProtocols> replies_;
  std::array<LoginsByMechanism, kProtocols> logins_;
  std::uint64_t flood_syns_ = 0;
  Wear wear_;

  std::uint64_t transactions_accepted_ = 0;
  std::uint64_t transactions_without_recipient_ = 0;
  std::uint64_t transactions_refused_ = 0;
  std::uint64_t recipients_accepted_ = 0;
  std::uint64_t recipients_rejected_ = 0;
  Messages messages_accepted_;
  Messages messages_refused_;
  Messages retrieved_;
  std::uint64_t deleted_ = 0;
};

}  // namespace mailglass::generate
