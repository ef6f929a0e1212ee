// SPDX-License-Identifier: BSD-3-Clause
// A TCP conversation written as a test wants it said:
//
//   Talk talk;
//   talk.handshake().server("220 mail.example.org ESMTP\r\n").client("QUIT\r\n")
//       .server("221 bye\r\n").farewell();
//   inspection.take(talk.frames());
//
// Sequence and acknowledgement numbers, times (1 ms a segment) and checksums are kept right; tests
// reorder, drop or repeat the frames they get.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tests/support/inspection.h"

namespace mailglass::test {

class Talk {
 public:
  explicit Talk(unsigned server_port = 25, unsigned client_port = 40000);

  Talk& base(std::uint32_t client_isn, std::uint32_t server_isn);  // before any segment
  Talk& addresses(const std::string& client, const std::string& server);
  Talk& segment_size(std::size_t octets);  // payloads are cut into segments of at most this

  Talk& handshake();
  Talk& client(std::string_view octets);
  Talk& server(std::string_view octets);
  Talk& client_ack();
  Talk& server_ack();
  Talk& farewell();  // FIN both ways
  Talk& client_reset();
  Talk& wait(std::int64_t microseconds);

  // Octets sent but not captured.
  Talk& lose_client(std::string_view octets);
  Talk& lose_server(std::string_view octets);

  const std::vector<TimedFrame>& frames() const { return frames_; }

 private:
  struct End {
    std::string address;
    unsigned port;
    std::uint32_t seq;  // the next number
  };
  Talk& say(End& from, End& to, std::string_view octets, bool captured);
  void send(End& from, End& to, unsigned flags, std::string_view payload, bool captured = true);

  End client_, server_;
  std::size_t segment_size_ = 1448;
  Tick now_{1'767'225'600'000'000};  // 2026-01-01
  std::vector<TimedFrame> frames_;
};

}  // namespace mailglass::test
