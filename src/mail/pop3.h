// SPDX-License-Identifier: BSD-3-Clause
// One POP3 session (RFC 1939, RFC 2449, RFC 2595, RFC 5034): the client's side in pop3_client.cpp,
// the server's in pop3_server.cpp.
#pragma once

#include "mail/auth.h"
#include "mail/line_watch.h"
#include "mail/message.h"
#include "mail/pending.h"

namespace mailglass::mail {

class Pop3 {
 public:
  // Leaves in `octets` what stands behind the change to TLS.
  void data(Turn& turn, tally::Direction direction, Bytes& octets);
  void gap(Turn& turn, tally::Direction direction, std::uint64_t octets);
  void close(Turn& turn, tally::CloseReason reason);

  bool encrypted() const { return encrypted_; }
  std::uint32_t commands() const { return commands_; }
  std::uint32_t transactions() const { return 0; }

 private:
  // What the server's octets are.
  enum class Mode : std::uint8_t {
    status,   // the line that begins with +OK, -ERR or +
    listing,  // lines of a multi-line answer, up to the lone dot
    message,  // the same, holding a message: RETR, TOP
  };

  // client side
  void client_data(Turn& turn, Bytes& rest);
  void client_line(Turn& turn, const Line& line);
  void command(Turn& turn, const Line& line, tally::Pop3Verb verb);
  std::string_view take_command(Turn& turn, const Line& line, std::string_view argument,
                                tally::Pop3Verb verb);
  std::string_view begin_auth(Turn& turn, const Line& line, std::string_view argument);
  void auth_line(Turn& turn, const Line& line);
  void try_login(Turn& turn);
  // False: the number of its words is wrong.
  bool judge(Turn& turn, tally::Pop3Verb verb, std::string_view argument, bool waiting);
  void unknown_command(Turn& turn, const Line& line);
  bool behind_stls(Turn& turn, Bytes rest);
  void expect(Turn& turn, const Pending& asked);
  void catch_up(Turn& turn);
  void seal(Turn& turn);

  // server side
  void server_data(Turn& turn, Bytes& rest);
  void status_line(Turn& turn, const Line& line);
  void stray_line(Turn& turn, const Line& line);
  Pending take_pending(Turn& turn, tally::Reply& record, bool& known);
  void answer_login(Turn& turn, const Pending& asked, bool ok, bool challenge,
                    std::string_view text);
  void begin_multi_line(const Pending& asked, std::uint64_t declared);
  void note_mailbox(Turn& turn, const Pending& asked, const tally::Reply& reply, bool ok);
  void no_reply(Turn& turn, const Line& line);
  void note_capability(Turn& turn, const Line& line);
  void listing_line(Turn& turn, const Line& line);
  void take_message(Turn& turn, Bytes& rest);
  void flush_listing(Turn& turn);
  void end_multi_line(Turn& turn, bool complete);

  PendingQueue pending_;
  Gather line_[2];
  LineWatch watch_[2];
  MessageReader message_;
  Login login_;
  tally::Mailbox mailbox_;
  Pending answered_;  // the command whose multi-line answer is under way
  std::uint64_t listing_octets_ = 0;
  std::uint64_t lost_octets_ = 0;  // in the gap just passed
  std::uint64_t ok_octets_ = 0;    // what the last answer declares, if it is clear about it
  std::uint32_t listing_lines_ = 0;
  std::uint32_t commands_ = 0;
  std::uint16_t listed_ = 0;  // octets of the context's scratch filled with listing lines
  bool listed_cut_ = false;   // a line among them is not whole
  Mode mode_ = Mode::status;
  bool resync_[2] = {};
  bool damaged_ = false;
  bool answers_lost_ = false;  // of the server just now: its next octets say what they are
  bool overflow_told_ = false;
  bool ok_seen_ = false;  // the last line was an +OK, not the banner's
  bool banner_seen_ = false;
  bool challenged_ = false;
  bool login_tried_ = false;
  bool login_typed_ = false;  // as no command of ours: lines that are none may be its rest
  bool authenticated_ = false;
  bool capabilities_ = false;  // CAPA was answered
  bool pipelining_ = false;    // and PIPELINING was among them
  bool stls_offered_ = false;
  bool stls_asked_ = false;
  bool encrypted_ = false;
  bool early_told_ = false;
  bool pipelining_told_ = false;
  bool order_told_ = false;
  bool roles_told_[2] = {};  // by Direction: one side has spoken as the other should
};

}  // namespace mailglass::mail
