// SPDX-License-Identifier: BSD-3-Clause
// What a worker tells the reporter: small binary records, one for each step of a dialogue. The
// worker keeps no text of its own between steps; the reporter puts steps together into EVE events
// and transcripts (src/report). A record is a MailEvent head, one body, and up to kMaxTexts texts.
//
// Order: within a session records come in the order things happened on the wire as the two streams
// were delivered. `opened` is first, `closed` is last, both exactly once unless the ring was full;
// a session that lost a record says so in the `lost` flag of the next one that got through.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "base/address.h"
#include "base/tick.h"
#include "base/tunnel.h"
#include "tally/counters.h"

namespace mailglass::tally {

enum class Protocol : std::uint8_t { unknown, smtp, lmtp, pop3 };
enum class Direction : std::uint8_t { to_server, to_client };

constexpr Direction opposite(Direction d) {
  return d == Direction::to_server ? Direction::to_client : Direction::to_server;
}

enum class EventKind : std::uint8_t {
  opened,       // Opened                        a session was recognised
  proxied,      // Proxied                       a PROXY header stood before the client's octets
  command,      // Command   argument, verb      a command line of the client, secrets replaced
  reply,        // Reply     text, queue_id      a whole reply, and the command it answers
  answer,       // Answer    lines               POP3: some lines of a multi-line answer
  answer_end,   // AnswerEnd                     POP3: the multi-line answer is complete
  header,       // Header    name, value         one header field of a message, still folded
  body,         // BodyExcerpt text              the front of a text body, where policy allows
  part,         // Part      first, md5, sha1, sha256   the end of an attachment
  url,          // Url       url                 one in a text part of a message
  message,      // Message                       the end of a message's transfer
  transaction,  // Transaction                   the end of an SMTP mail transaction
  login,        // Login     mechanism, user, authzid, secret, text, domain, workstation
  mailbox,      // Mailbox                       POP3: what a session that ends in order has done
  gap,          // Gap                           octets of a stream that were never seen
  anomaly,      // AnomalySeen detail
  encrypted,    // Encrypted                     what follows is TLS
  tls_message,  // TlsMessage parts              a message of its handshake that is sent in clear
  tls_end,      // TlsEnd                        the rest of the session is opaque
  closed,       // Closed                        the flow ended
};

struct MailEvent {
  std::uint32_t size = 0;  // of the whole record, a multiple of 8
  EventKind kind{};
  Protocol protocol{};
  std::uint8_t lost = 0;  // records of this session lost just before this one (255: or more)
  std::uint8_t texts = 0;
  std::uint64_t session = 0;  // the flow id: stable for a capture, below 2^53
  Tick time;                  // of the packet that completed the step
};

// The innermost tunnel around a flow.
struct TunnelPath {
  TunnelType type = TunnelType::none;
  bool has_id = false;
  bool has_ends = false;
  std::uint32_t id = 0;
  // Those on the client's and on the server's side; of a mirror, the switch and the collector.
  Address ends[2];
};

struct Opened {
  static constexpr auto kKind = EventKind::opened;
  Address client, server;
  std::uint16_t client_port = 0, server_port = 0;
  std::uint16_t vlan[3] = {};
  std::uint8_t vlans = 0;
  bool ipv6 = false;
  bool has_ether = false;
  bool midstream = false;  // no SYN was seen
  MacAddress client_mac{}, server_mac{};
  TunnelPath tunnel;
  Tick start;                      // of the flow's first segment
  std::uint32_t syn_ack_us = 0;    // SYN to SYN-ACK; 0 where one of them was not seen
  std::uint32_t handshake_us = 0;  // SYN to the client's ACK; 0 likewise
};

// What a load balancer says of the connection behind it (the PROXY protocol).
struct Proxied {
  static constexpr auto kKind = EventKind::proxied;
  Address source, destination;
  std::uint16_t source_port = 0, destination_port = 0;
  std::uint8_t version = 0;  // 1 or 2
  bool ipv6 = false;
  bool local = false;  // it names nobody: a health check, or another kind of address
};

struct Command {
  static constexpr auto kKind = EventKind::command;
  std::uint32_t index = 0;    // 1 for the session's first command
  std::uint32_t tx = 0;       // SMTP transaction it belongs to, 1 for the first; 0 outside
  std::uint32_t octets = 0;   // of the line with its end
  std::uint8_t verb = 0;      // SmtpVerb or Pop3Verb
  bool pipelined = false;     // sent before the previous command was answered
  bool continuation = false;  // a client line inside AUTH, not a command
  bool truncated = false;     // the texts hold less than was sent
};

// What a reply answers, where the command's verb alone does not say.
enum class Phase : std::uint8_t {
  banner,       // the server's greeting
  command,      // the command line
  content,      // the end of a message (DATA's second reply; LMTP: one for each recipient)
  unsolicited,  // no command was outstanding
};

struct Reply {
  static constexpr auto kKind = EventKind::reply;
  std::uint32_t command = 0;  // Command::index it answers; 0 for banner and unsolicited
  std::uint32_t tx = 0;
  std::uint32_t latency_us = 0;
  std::uint16_t recipient = 0;  // RCPT, and LMTP content: ordinal of the recipient, 1 first
  std::uint16_t lines = 1;
  std::uint16_t code = 0;  // SMTP: 0..999. POP3: 1 for +OK, 2 for -ERR, 3 for "+ ", 0 for others
  std::uint16_t enhanced[3] = {};  // RFC 3463 class.subject.detail; class 0: none
  Phase phase{};
  std::uint8_t verb = 0;  // of the command answered
  bool has_latency = false;
  bool multi_line = false;  // POP3: `answer` records and an `answer_end` follow
  bool truncated = false;
  // Sizes a POP3 answer states: STAT messages and octets, RETR and LIST n octets.
  bool has_numbers = false;
  std::uint64_t number[2] = {};
};

struct Answer {
  static constexpr auto kKind = EventKind::answer;
  std::uint32_t command = 0;
  std::uint8_t verb = 0;
  bool truncated = false;
};

struct AnswerEnd {
  static constexpr auto kKind = EventKind::answer_end;
  std::uint32_t command = 0;
  std::uint32_t lines = 0;
  std::uint64_t octets = 0;
  std::uint8_t verb = 0;
};

struct Header {
  static constexpr auto kKind = EventKind::header;
  std::uint32_t tx = 0;
  std::uint32_t part = 0;  // 0: the message's own header; 1: that of its first part
  std::uint8_t depth = 0;
  bool truncated = false;
};

// RFC 2045 section 6, and what was common before it.
enum class Encoding : std::uint8_t {
  seven_bit,
  eight_bit,
  binary,
  base64,
  quoted_printable,
  uuencode,
  other,
};

// The end of an attachment: a part, or a message's one body, that has a file name or is said to be
// an attachment. Its Content-Type and Content-Disposition were `header` records of the same part.
struct Part {
  static constexpr auto kKind = EventKind::part;
  std::uint64_t octets = 0;  // as transferred
  std::uint64_t size = 0;    // decoded
  std::uint32_t tx = 0;
  std::uint32_t command = 0;  // RETR and TOP: the command's index
  std::uint32_t part = 0;     // Header::part
  std::uint8_t depth = 0;
  Encoding encoding{};
  bool complete = false;  // its end was seen, and all octets before it
  bool gap = false;       // some of its octets were lost
};
constexpr std::size_t kFirstOctets = 512;  // of an attachment, decoded: at most so many in text 0

struct Url {
  static constexpr auto kKind = EventKind::url;
  std::uint32_t tx = 0;
  std::uint32_t command = 0;  // RETR and TOP: the command's index
  bool truncated = false;
};

// The first octets (at most 256) of a message's text/plain body, for transcripts. Sent before the
// `message` record, and only where the configuration says that message text may be shown.
struct BodyExcerpt {
  static constexpr auto kKind = EventKind::body;
  std::uint32_t tx = 0;
  std::uint32_t command = 0;  // RETR and TOP: the command's index
  bool truncated = false;     // the body is longer
};

// Before the reply to QUIT: only then deletions take effect (RFC 1939 section 6).
struct Mailbox {
  static constexpr auto kKind = EventKind::mailbox;
  std::uint64_t messages = 0;  // in the mailbox when the session began; 0 where nobody asked
  std::uint64_t retrieved = 0, deleted = 0;
  std::uint64_t octets = 0;  // retrieved
  bool drained = false;      // all were retrieved and deleted
};

enum class Transfer : std::uint8_t { data, bdat, retr, top };

struct Message {
  static constexpr auto kKind = EventKind::message;
  std::uint64_t octets = 0;  // as transferred, dots unstuffed, without the terminating line
  std::uint64_t octets_declared = 0;  // RETR: what +OK declared
  std::uint64_t bytes_missing = 0;
  std::uint32_t tx = 0;
  std::uint32_t command = 0;  // RETR and TOP: the command's index
  std::uint32_t lines = 0;
  std::uint32_t chunks = 0;  // BDAT
  std::uint32_t parts = 0;   // at any depth
  std::uint8_t depth = 0;    // of the deepest part; 1 inside one multipart
  Transfer transfer{};
  bool complete = false;  // its end was seen
};

enum class Outcome : std::uint8_t { accepted, rejected, aborted, reset, incomplete };

struct Transaction {
  static constexpr auto kKind = EventKind::transaction;
  std::uint32_t tx = 0;
  std::uint32_t recipients = 0;
  std::uint32_t accepted = 0;
  Outcome outcome{};
  bool pipelined = false;
};

// In the order of the login counters (counters.h).
enum class LoginOutcome : std::uint8_t { unknown, success, failure };

// Texts: mechanism as sent ("USER/PASS" and "APOP" for POP3's own), user, authzid, the secret
// (under `reveal`) or its keyed hash (under `hash`), the server's text, and NTLM's domain and
// workstation.
struct Login {
  static constexpr auto kKind = EventKind::login;
  std::uint32_t latency_us = 0;
  std::uint16_t code = 0;
  LoginOutcome outcome{};
  bool exposed = false;      // the secret could be read off the wire
  bool tls_offered = false;  // the server had offered STARTTLS or STLS
  bool hashed = false;       // text 3 is the hash
};

struct Gap {
  static constexpr auto kKind = EventKind::gap;
  std::uint64_t octets = 0;
  Direction direction{};
};

struct AnomalySeen {
  static constexpr auto kKind = EventKind::anomaly;
  Anomaly event{};
  Direction direction{};
  std::uint32_t tx = 0;
};

struct Encrypted {
  static constexpr auto kKind = EventKind::encrypted;
  bool implicit = false;  // from the first octet on (RFC 8314), not after STARTTLS or STLS
};

// The client's hello, the server's hello, the server's certificate (RFC 8446 section 4) without
// their headers. Texts: their octets, to be joined; of a certificate message the first entry only.
struct TlsMessage {
  static constexpr auto kKind = EventKind::tls_message;
  std::uint32_t octets = 0;  // as declared
  std::uint8_t type = 0;     // HandshakeType
  Direction direction{};
  bool truncated = false;  // the texts hold less than is wanted
};

struct TlsEnd {
  static constexpr auto kKind = EventKind::tls_end;
  std::uint16_t version = 0;  // the server's choice, as on the wire; 0: its hello was not seen
};

enum class CloseReason : std::uint8_t { fin, rst, timeout, evicted, reused, end };

struct Closed {
  static constexpr auto kKind = EventKind::closed;
  Tick end;                      // of the flow's last segment
  std::uint64_t octets[2] = {};  // of whole frames on the wire, by Direction
  std::uint32_t segments[2] = {};
  std::uint64_t bytes_missing[2] = {};
  std::uint32_t retransmitted = 0, out_of_order = 0;
  std::uint32_t commands = 0, transactions = 0;
  CloseReason reason{};
  bool established = false;  // the handshake, or data both ways, was seen
  bool oneside_to_server = false, oneside_to_client = false;  // only this direction was seen
};

constexpr std::size_t kMaxTexts = 7;
constexpr std::size_t kMaxTextOctets = 4096;  // longer texts are cut by the writer, and flagged

}  // namespace mailglass::tally
