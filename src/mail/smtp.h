// SPDX-License-Identifier: BSD-3-Clause
// One SMTP or LMTP session (RFC 5321, RFC 2033): the client's commands in smtp_client.cpp, AUTH in
// smtp_auth.cpp, messages in smtp_content.cpp, the form of replies in smtp_reply.cpp, what they
// mean in smtp_server.cpp, transactions in smtp_transaction.cpp.
#pragma once

#include "mail/auth.h"
#include "mail/line_watch.h"
#include "mail/message.h"
#include "mail/pending.h"
#include "mail/recipient_set.h"
#include "mail/smtp_order.h"

namespace mailglass::mail {

// RFC 5321 section 4.2.1: the second digit says of what, the first whether.
constexpr bool positive(std::uint16_t code) { return code >= 200 && code < 300; }

// One mail transaction (RFC 5321 section 3.3), from MAIL to the reply that decides it. It is
// reported once its outcome is known and none of its commands waits for a reply any more.
struct SmtpTransaction {
  std::uint32_t tx = 0;
  std::uint32_t recipients = 0, accepted = 0, refused = 0;
  RecipientSet accepted_set;      // LMTP
  std::uint32_t replies_due = 0;  // LMTP: after the end of data
  std::uint32_t delivered = 0;
  std::uint64_t size_declared = 0;  // MAIL's SIZE
  tally::Outcome outcome = tally::Outcome::incomplete;
  bool open = false;
  bool begun = false;     // MAIL was accepted
  bool sent = false;      // its content was transferred, or began to be
  bool complete = false;  // to its end
  bool left = false;      // RSET or a greeting was sent: what follows is not of it
  bool decided = false;
  bool content_refused = false;  // for want of a recipient: it may still stand
  bool pipelined = false;
  bool binary = false;         // MAIL's BODY=BINARYMIME
  bool declared_8bit = false;  // BODY= or SMTPUTF8 was said
};

class Smtp {
 public:
  // Leaves in `octets` what stands behind the change to TLS.
  void data(Turn& turn, tally::Direction direction, Bytes& octets);
  void gap(Turn& turn, tally::Direction direction, std::uint64_t octets);
  void close(Turn& turn, tally::CloseReason reason);

  // A PROXY header of version 1 stands before the client's octets. A server that does not speak
  // that protocol refuses it as an unknown command: one reply more than there are commands.
  void follow_header() { header_in_doubt_ = true; }

  // TURN or ATRN was accepted, and octets are left unread: from here `data` and `gap` are told the
  // directions the other way round.
  bool turn_due() const { return turn_due_; }
  void turn_round(Turn& turn);

  bool encrypted() const { return encrypted_; }
  std::uint32_t commands() const { return commands_; }
  std::uint32_t transactions() const { return transactions_; }

 private:
  // What the client's octets are.
  enum class Mode : std::uint8_t {
    command,     // command lines, or lines of an AUTH exchange
    data_asked,  // behind DATA, not answered yet
    content,     // the message, up to the lone dot
    chunk,       // the octets of a BDAT chunk
  };

  struct ReplyHead {
    std::uint16_t code = 0;
    std::uint16_t lines = 0;
    std::uint16_t enhanced[3] = {};
    bool truncated = false;
  };
  struct ReplyView : ReplyHead {
    std::string_view text;  // the lines without codes, joined by LF
  };

  // client side
  void client_data(Turn& turn, Bytes& rest);
  bool begins_with_command(Turn& turn, Bytes rest) const;
  bool behind_starttls(Turn& turn, Bytes rest);
  void client_line(Turn& turn, const Line& line);
  void command(Turn& turn, const Line& line, tally::SmtpVerb verb);
  void auth_line(Turn& turn, const Line& line);
  std::string_view take_command(Turn& turn, const Line& line, std::string_view argument,
                                Pending& asked);
  void judge(Turn& turn, tally::SmtpVerb verb, std::string_view argument);
  void unknown_command(Turn& turn, const Line& line);
  std::string_view begin_auth(Turn& turn, const Line& line, std::string_view argument);
  void begin_bdat(Turn& turn, std::string_view argument, Pending& pending);
  void begin_message(Turn& turn, tally::Transfer transfer, std::uint32_t tx, std::uint32_t command);
  void take_content(Turn& turn, Bytes& rest);
  void take_chunk(Turn& turn, Bytes& rest);
  void end_content(Turn& turn, bool complete);
  void check_size(Turn& turn);
  void expect(Turn& turn, const Pending& pending);
  void expect_content(Turn& turn, std::uint32_t command);
  void gap_in_content(Turn& turn, std::uint64_t octets);
  void drop_answered(Turn& turn);
  void seal(Turn& turn);

  // server side
  void server_data(Turn& turn, Bytes& rest);
  void server_line(Turn& turn, const Line& line);
  void reply_line(Turn& turn, const Line& line, match::Hints<match::SmtpReplyHint> hints);
  void reply(Turn& turn, const ReplyView& reply);
  void no_reply(Turn& turn, const Line& line);
  void forget_reply(Turn& turn);
  bool may_be_secret(Turn& turn, const Line& line);
  bool hides_text(Turn& turn, const Pending& asked, std::uint16_t code,
                  std::string_view text) const;
  void reply_in_content(Turn& turn, const ReplyView& reply);
  Pending take_pending(Turn& turn, std::uint16_t code, bool& known);
  bool answers_header(Turn& turn, std::uint16_t code);
  void unsolicited(Turn& turn, const ReplyView& reply);
  void refused(Turn& turn, const ReplyView& reply, std::uint32_t tx);
  void answer(Turn& turn, const ReplyView& reply, const Pending& asked);
  void answer_mail(Turn& turn, const ReplyView& reply, const Pending& asked);
  void answer_greeting(Turn& turn, const ReplyView& reply, const Pending& asked);
  void answer_recipient(Turn& turn, const ReplyView& reply, const Pending& asked);
  void remember_recipient(Turn& turn, SmtpTransaction& t, std::uint32_t ordinal);
  void answer_data(Turn& turn, const ReplyView& reply, const Pending& asked);
  void answer_auth(Turn& turn, const ReplyView& reply, const Pending& asked);
  void answer_starttls(Turn& turn, const ReplyView& reply);

  // transactions
  void begin_transaction(Turn& turn, std::string_view argument);
  SmtpTransaction* transaction(std::uint32_t tx);
  void decide(Turn& turn, SmtpTransaction& t, tally::Outcome outcome);
  void settle(Turn& turn, SmtpTransaction& t);
  void reset(Turn& turn, SmtpTransaction& t, tally::Outcome outcome);
  void reset_all(Turn& turn, tally::Outcome outcome);
  void finish_transaction(Turn& turn, SmtpTransaction& t);

  PendingQueue pending_;
  SmtpTransaction current_, previous_;
  Gather line_[2];  // by Direction: a line cut by the end of a chunk
  Gather reply_;    // the text of a reply so far
  LineWatch watch_[2];
  SmtpOrder order_;
  MessageReader message_;
  Login login_;
  std::uint64_t chunk_left_ = 0;
  std::uint32_t commands_ = 0;
  std::uint32_t transactions_ = 0;
  std::uint64_t reply_size_ = 0;                    // SIZE in the reply so far
  match::Hints<match::SmtpReplyHint> reply_hints_;  // of its lines
  ReplyHead head_;                                  // of the reply so far
  Mode mode_ = Mode::command;
  bool resync_[2] = {};         // by Direction: octets were lost, the next line may be half a line
  bool damaged_ = false;        // octets of either side were lost at some time
  bool replies_lost_ = false;   // of the server just now: no whole reply has been seen since
  bool refusals_lost_ = false;  // octets of the server were lost at some time
  bool early_told_ = false;
  bool overflow_told_ = false;
  bool blocklist_told_ = false;
  bool refused_early_ = false;  // the message was answered before its end
  bool banner_seen_ = false;
  bool header_in_doubt_ = false;
  bool chunk_last_ = false;
  bool challenged_ = false;  // the client's next line answers a 334
  bool auth_seen_ = false;
  bool login_typed_ = false;  // as no command of ours: lines that are none may be its rest
  bool starttls_offered_ = false;
  bool starttls_asked_ = false;
  bool encrypted_ = false;
  bool turn_due_ = false;
  bool turned_ = false;      // the banner to come is not the connection's first word
  bool roles_told_[2] = {};  // by Direction: one side has spoken as the other should
};

}  // namespace mailglass::mail
