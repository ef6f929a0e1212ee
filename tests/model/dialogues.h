// SPDX-License-Identifier: BSD-3-Clause
// The dialogues that the model tests put out of order, cut up and repeat, and the means to do so.
#pragma once

#include <gtest/gtest.h>

#include <functional>

#include "tests/support/normal_form.h"
#include "tests/support/talk.h"
#include "tests/support/wire_rig.h"

namespace mailglass::test {

using tally::Count;
using tally::Level;
using Frames = std::vector<TimedFrame>;
using Dialogue = std::function<void(Talk&)>;

// Two messages in one session. Whatever belongs to the first says alpha, to the second beta.
inline void two_messages(Talk& talk) {
  talk.server("220 mail.example.org ESMTP Postfix\r\n")
      .client("EHLO client.example.com\r\n")
      .server("250-mail.example.org\r\n250-PIPELINING\r\n250-SIZE 1000000\r\n250 8BITMIME\r\n")
      .client("MAIL FROM:<sender-alpha@example.com>\r\n")
      .server("250 2.1.0 Ok\r\n")
      .client("RCPT TO:<recipient-alpha@example.org>\r\n")
      .server("250 2.1.5 Ok\r\n")
      .client("DATA\r\n")
      .server("354 End data with <CR><LF>.<CR><LF>\r\n")
      .client(
          "Subject: alpha\r\nMessage-ID: <alpha@example.com>\r\n\r\nText of alpha.\r\n"
          "..a dot\r\n.\r\n")
      .server("250 2.0.0 Ok: queued as ALPHA1\r\n")
      .client(
          "MAIL FROM:<sender-beta@example.com>\r\nRCPT TO:<recipient-beta@example.org>\r\n"
          "DATA\r\n")
      .server("250 2.1.0 Ok\r\n250 2.1.5 Ok\r\n354 End data with <CR><LF>.<CR><LF>\r\n")
      .client("Subject: beta\r\nMessage-ID: <beta@example.com>\r\n\r\nText of beta.\r\n.\r\n")
      .server("250 2.0.0 Ok: queued as BETA2\r\n")
      .client("QUIT\r\n")
      .server("221 2.0.0 Bye\r\n");
}

inline void mailbox(Talk& talk) {
  talk.server("+OK POP3 ready <1896.697170952@mail.example.org>\r\n")
      .client("USER frida\r\n")
      .server("+OK\r\n")
      .client("PASS secret\r\n")
      .server("+OK 2 messages\r\n")
      .client("STAT\r\nLIST\r\n")
      .server("+OK 2 320\r\n+OK 2 messages\r\n1 120\r\n2 200\r\n.\r\n")
      .client("RETR 1\r\n")
      .server(
          "+OK 120 octets\r\nSubject: alpha\r\nFrom: A <a@example.com>\r\n\r\nHello\r\n..\r\n.\r\n")
      .client("DELE 1\r\n")
      .server("+OK deleted\r\n")
      .client("QUIT\r\n")
      .server("+OK bye\r\n");
}

struct Spoken {
  unsigned server_port;
  Dialogue words;
};
inline const Spoken kSmtp{25, two_messages};
inline const Spoken kPop3{110, mailbox};

// With handshake and farewell.
inline Talk spoken(const Spoken& spoken, std::size_t segment_size = 1448,
                   std::uint32_t client_isn = 1000, std::uint32_t server_isn = 5000) {
  Talk talk(spoken.server_port);
  talk.base(client_isn, server_isn).segment_size(segment_size).handshake();
  spoken.words(talk);
  talk.farewell();
  return talk;
}

// What one run said, after the checks that hold for every run.
inline std::vector<std::string> events_of(const Frames& frames,
                                          const Inspection::Options& options = {}) {
  Inspection inspection(options);
  inspection.take(frames);
  inspection.finish();
  EXPECT_EQ(balance(inspection.counters()), "");
  for (const Level level : {Level::flows_used, Level::sessions_used, Level::holds_used,
                            Level::blocks_used, Level::mail_blocks_used}) {
    EXPECT_EQ(inspection.counters().get(level), 0u)
        << "not given back: " << static_cast<int>(level);
  }
  return inspection.eve();
}

// Times follow arrival, as they do where frames were reordered on their way to us.
inline void restamp(Frames& frames) {
  Tick now{1'767'225'600'000'000};
  for (TimedFrame& frame : frames) frame.time = {now.us += 1000};
}

inline wire::Segment segment_of(const TimedFrame& frame) {
  wire::Segment segment;
  const Frame plain{frame.octets, frame.time};
  WireRig rig;
  EXPECT_EQ(rig.decode(wire::LinkType::kEthernet, plain, segment), tally::Drop::none);
  return segment;
}

}  // namespace mailglass::test
