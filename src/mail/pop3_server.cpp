// SPDX-License-Identifier: BSD-3-Clause
#include <limits>

#include "mail/pop3.h"
#include "mail/words.h"

namespace mailglass::mail {

using match::Pop3ReplyHint;
using tally::Anomaly;
using tally::Count;
using tally::Direction;
using tally::Latency;
using tally::LoginOutcome;
using tally::Phase;
using tally::Pop3Verb;
using tally::Transfer;

namespace {

constexpr std::uint32_t kMaxStatusLine = 512;  // RFC 2449 section 4

Latency latency_row(Pop3Verb verb, Phase phase) {
  if (phase == Phase::banner) return Latency::pop3_banner;
  switch (verb) {
    case Pop3Verb::USER:
    case Pop3Verb::PASS:
    case Pop3Verb::APOP:
    case Pop3Verb::AUTH:
      return Latency::pop3_login;
    case Pop3Verb::STAT:
    case Pop3Verb::LIST:
    case Pop3Verb::UIDL:
      return Latency::pop3_list;
    case Pop3Verb::RETR:
    case Pop3Verb::TOP:
      return Latency::pop3_retr;
    default:
      return Latency::pop3_other;
  }
}

// Whether a positive answer goes on to a lone dot (RFC 1939 section 3). LIST and UIDL do without
// an argument, AUTH and LANG when they ask for a list.
bool is_multi_line(Pop3Verb verb, bool has_argument) {
  switch (verb) {
    case Pop3Verb::RETR:
    case Pop3Verb::TOP:
    case Pop3Verb::CAPA:
    case Pop3Verb::XTND:
      return true;
    case Pop3Verb::LIST:
    case Pop3Verb::UIDL:
    case Pop3Verb::AUTH:
    case Pop3Verb::LANG:
      return !has_argument;
    default:
      return false;
  }
}

// The numbers of "+OK 3 17395", "+OK 1 14417", "+OK 14417 octets": at most two, at the front.
void read_numbers(std::string_view text, tally::Reply& record) {
  text = trim(text);
  if (!take_number(text, record.number[0])) return;
  if (!text.empty() && text.front() != ' ') return;
  record.has_numbers = true;
  text = trim(text);
  take_number(text, record.number[1]);
}

// What "+OK 14417 octets" declares; 0 where nothing so clear is said.
std::uint64_t octets_declared(std::string_view text) {
  std::uint64_t octets = 0;
  text = trim(text);
  if (!take_number(text, octets) || !starts_with_word(trim(text), "octets")) return 0;
  return octets;
}

}  // namespace

void Pop3::server_data(Turn& turn, Bytes& rest) {
  Gather& partial = line_[static_cast<int>(Direction::to_client)];
  Line line;
  // An answer never begins so: STLS was accepted where we could not see it.
  const bool in_the_dark = turn.in_the_dark(Direction::to_server, damaged_);
  if (mode_ != Mode::status) answers_lost_ = false;
  while (!rest.empty() && !encrypted_) {
    if (mode_ == Mode::message) {
      take_message(turn, rest);
      continue;
    }
    if (in_the_dark && mode_ == Mode::status && partial.empty() && rest.front() == kTlsHandshake) {
      return seal(turn);
    }
    if (!take_line(partial, turn.blocks(), turn.counters(), rest, line)) break;
    if (mode_ == Mode::listing) {
      listing_line(turn, line);
    } else {
      status_line(turn, line);
    }
    partial.clear(turn.blocks());
  }
  if (mode_ == Mode::listing) flush_listing(turn);
}

void Pop3::status_line(Turn& turn, const Line& line) {
  constexpr int kSide = static_cast<int>(Direction::to_client);
  const auto hints = turn.context.scanner.pop3_reply(line.text);
  const bool ok = hints.has(Pop3ReplyHint::ok);
  const bool challenge = hints.has(Pop3ReplyHint::challenge);
  if (!ok && !challenge && !hints.has(Pop3ReplyHint::err)) return stray_line(turn, line);
  resync_[kSide] = answers_lost_ = false;
  watch_[kSide].look(turn, Direction::to_client, line, kMaxStatusLine);
  turn.counters().add(ok          ? Count::pop3_replies_ok
                      : challenge ? Count::pop3_replies_other
                                  : Count::pop3_replies_err);
  std::string_view text = as_text(line.text);
  text = tail(text, challenge ? 1 : ok ? 3 : 4);
  if (text.starts_with(' ')) text.remove_prefix(1);
  ok_octets_ = ok ? octets_declared(text) : 0;

  tally::Reply record;
  record.code = ok ? 1 : challenge ? 3 : 2;
  record.truncated = line.truncated;
  bool known = false;
  const Pending asked = take_pending(turn, record, known);
  ok_seen_ = ok && record.phase != Phase::banner;
  const auto verb = static_cast<Pop3Verb>(asked.verb);
  const bool to_command = known && record.phase == Phase::command;
  if (to_command && ok) read_numbers(text, record);
  record.multi_line = to_command && ok && is_multi_line(verb, asked.argument);
  if (to_command) note_mailbox(turn, asked, record, ok);
  // Servers repeat what they did not understand; and prove themselves.
  const bool reveal = turn.context.credentials.policy == CredentialPolicy::reveal;
  const bool unseen = turn.in_the_dark(Direction::to_server, damaged_);
  login_typed_ = login_typed_ || challenge;
  const bool may_betray =
      (challenge ? login_.proof_follows() || !asked.argument : asked.secret && !ok) ||
      login_.betrayed_by(turn, text) || login_.proves(text) ||
      (unseen && !ok && (may_repeat_login(text) || may_quote_secret(text)));
  if (may_betray && !reveal) text = kRedacted;
  turn.say(record, {text});
  if (challenge && record.phase == Phase::unsolicited && damaged_) {
    login_tried_ = challenged_ = true;
    if (!login_.open()) login_.begin(turn, {}, commands_, stls_offered_);
    login_.challenge(text);
  }
  if (!to_command) return;
  if (record.multi_line) return begin_multi_line(asked, ok_octets_);
  answer_login(turn, asked, ok, challenge, text);
  if (verb != Pop3Verb::STLS) return;
  stls_asked_ = false;
  turn.counters().add(ok ? Count::pop3_stls_accepted : Count::pop3_stls_refused);
  if (ok) return seal(turn);
  turn.anomaly(Anomaly::starttls_refused, Direction::to_client);
}

// What becomes of the mailbox. STAT does not count messages marked as deleted.
void Pop3::note_mailbox(Turn& turn, const Pending& asked, const tally::Reply& reply, bool ok) {
  if (!ok) return;
  switch (static_cast<Pop3Verb>(asked.verb)) {
    case Pop3Verb::STAT:
      if (reply.has_numbers) mailbox_.messages = reply.number[0] + mailbox_.deleted;
      break;
    case Pop3Verb::DELE:
      ++mailbox_.deleted;
      break;
    case Pop3Verb::RSET:
      mailbox_.deleted = 0;
      break;
    case Pop3Verb::QUIT:
      if (!authenticated_) break;
      mailbox_.drained = mailbox_.messages != 0 && mailbox_.deleted >= mailbox_.messages &&
                         mailbox_.retrieved >= mailbox_.messages;
      turn.counters().add(mailbox_.drained ? Count::pop3_mailboxes_drained
                                           : Count::pop3_mailboxes_kept);
      turn.counters().add(Count::pop3_deletions, mailbox_.deleted);
      turn.say(mailbox_);
      break;
    default:
      break;
  }
}

// A line that begins no answer.
void Pop3::no_reply(Turn& turn, const Line& line) {
  bool& told = roles_told_[static_cast<int>(Direction::to_client)];
  if (turn.context.scanner.pop3_verb(line.text) == Pop3Verb::unknown) {
    turn.anomaly(Anomaly::pop3_invalid_reply, Direction::to_client);
  } else if (!told) {
    told = true;
    turn.anomaly(Anomaly::server_sends_commands, Direction::to_client);
  }
}

// The command that is answered, and what the record says of it.
Pending Pop3::take_pending(Turn& turn, tally::Reply& record, bool& known) {
  Pending asked;
  if (!banner_seen_ && !turn.flow.midstream) {  // commands sent before it wait for what follows it
    record.phase = asked.phase = Phase::banner;
    asked.time = turn.flow.detail().connected();
    known = turn.flow.detail().handshake_us != 0;
  } else if (!pending_.empty()) {
    asked = pending_.pop(turn.blocks(), known);
    record.phase = Phase::unsolicited;  // unless the command is known
  } else {
    record.phase = Phase::unsolicited;
    if (turn.seen(Direction::to_server) && !turn.flow.midstream && !damaged_) {
      turn.anomaly(Anomaly::pop3_reply_without_command, Direction::to_client);
    }
  }
  banner_seen_ = true;
  if (!known) return asked;
  record.command = asked.index;
  record.phase = asked.phase;
  record.verb = asked.verb;
  record.has_latency = true;
  record.latency_us = static_cast<std::uint32_t>(std::min<std::uint64_t>(
      turn.time.since(asked.time), std::numeric_limits<std::uint32_t>::max()));
  const auto verb = static_cast<Pop3Verb>(asked.verb);
  turn.counters().observe(latency_row(verb, asked.phase), record.latency_us);
  return asked;
}

// A line where an answer should begin. It may be of an answer of many lines whose first was lost,
// or that answers a command no one captured; else it is the rest of a line, or nonsense.
void Pop3::stray_line(Turn& turn, const Line& line) {
  bool& resync = resync_[static_cast<int>(Direction::to_client)];
  const Pending* oldest = pending_.oldest(turn.blocks());
  Pending asked;
  if (!turn.seen(Direction::to_server) && ok_seen_) {
    const Pop3Verb verb = ok_octets_ != 0 ? Pop3Verb::RETR : Pop3Verb::unknown;
    asked.verb = static_cast<std::uint8_t>(verb);
    begin_multi_line(asked, ok_octets_);
  } else if (resync && oldest != nullptr &&
             is_multi_line(static_cast<Pop3Verb>(oldest->verb), oldest->argument)) {
    bool known;
    begin_multi_line(pending_.pop(turn.blocks(), known), 0);
    if (mode_ == Mode::message) message_.lose(turn, lost_octets_);
  } else {
    turn.counters().add(Count::pop3_replies_other);
    const bool middle = turn.flow.midstream && !banner_seen_;
    if (!resync && !middle) no_reply(turn, line);
    resync = false;
    return;
  }
  answers_lost_ = ok_seen_ = false;
  if (mode_ == Mode::listing) return listing_line(turn, line);
  resync = false;
  static constexpr std::uint8_t kLineEnd[] = {'\r', '\n'};
  Bytes text = line.text;
  Bytes end(kLineEnd);
  if (!text.empty()) take_message(turn, text);
  take_message(turn, end);
}

void Pop3::answer_login(Turn& turn, const Pending& asked, bool ok, bool challenge,
                        std::string_view text) {
  const auto verb = static_cast<Pop3Verb>(asked.verb);
  // AUTH alone asks for the list of mechanisms: nobody is logged in by its answer.
  const bool ends = verb == Pop3Verb::PASS || verb == Pop3Verb::APOP ||
                    (verb == Pop3Verb::AUTH && asked.argument);
  if (!ends && (verb != Pop3Verb::USER || ok)) return;
  authenticated_ = authenticated_ || (ends && ok);
  // A client that does not wait has sent its response already.
  challenged_ = challenge && verb == Pop3Verb::AUTH && pending_.empty();
  if (challenged_) login_.challenge(text);
  if (challenge || !login_.open_for(asked.index)) return;
  login_.end(turn, ok ? LoginOutcome::success : LoginOutcome::failure, 0, text);
}

void Pop3::begin_multi_line(const Pending& asked, std::uint64_t declared) {
  const auto verb = static_cast<Pop3Verb>(asked.verb);
  answered_ = asked;
  listing_lines_ = 0;
  listing_octets_ = 0;
  mode_ = Mode::listing;
  if (verb != Pop3Verb::RETR && verb != Pop3Verb::TOP) return;
  mode_ = Mode::message;
  message_.begin(verb == Pop3Verb::RETR ? Transfer::retr : Transfer::top, 0, asked.index, true);
  if (verb == Pop3Verb::RETR) message_.declare(declared);
}

void Pop3::take_message(Turn& turn, Bytes& rest) {
  if (message_.take_stuffed(turn, rest)) end_multi_line(turn, true);
}

// Lines are shown as they come, several to a record; a lone dot ends them.
void Pop3::listing_line(Turn& turn, const Line& line) {
  bool& resync = resync_[static_cast<int>(Direction::to_client)];
  std::string_view text = as_text(line.text);
  if (text == ".") {
    resync = false;
    flush_listing(turn);
    return end_multi_line(turn, true);
  }
  ++listing_lines_;
  listing_octets_ += line.octets;
  if (resync) {  // half a line
    resync = false;
    return;
  }
  const auto verb = static_cast<Pop3Verb>(answered_.verb);
  if (verb == Pop3Verb::unknown) return;  // it may be a message: nobody saw what was asked for
  if (text.starts_with('.')) text.remove_prefix(1);
  if (verb == Pop3Verb::CAPA) note_capability(turn, line);
  std::array<char, Block::kOctets>& scratch = turn.context.scratch;
  if (listed_ + text.size() + 1 > scratch.size()) flush_listing(turn);
  const std::size_t length = std::min(text.size(), scratch.size() - 1);
  if (length != 0) std::memcpy(scratch.data() + listed_, text.data(), length);
  listed_ = static_cast<std::uint16_t>(listed_ + length);
  scratch[listed_++] = '\n';
  listed_cut_ = listed_cut_ || line.truncated || length < text.size();
}

void Pop3::note_capability(Turn& turn, const Line& line) {
  const auto hints = turn.context.scanner.pop3_reply(line.text);
  capabilities_ = true;
  pipelining_ = pipelining_ || hints.has(Pop3ReplyHint::pipelining);
  if (!hints.has(Pop3ReplyHint::stls) || stls_offered_) return;
  stls_offered_ = true;
  turn.counters().add(Count::pop3_stls_offered);
}

void Pop3::flush_listing(Turn& turn) {
  if (listed_ == 0) return;
  tally::Answer answer;
  answer.command = answered_.index;
  answer.verb = answered_.verb;
  answer.truncated = listed_cut_;
  turn.say(answer, {{turn.context.scratch.data(), listed_}});
  listed_ = 0;
  listed_cut_ = false;
}

void Pop3::end_multi_line(Turn& turn, bool complete) {
  tally::AnswerEnd end;
  end.command = answered_.index;
  end.verb = answered_.verb;
  end.lines = listing_lines_;
  end.octets = listing_octets_;
  if (mode_ == Mode::message) {
    const tally::Message& message = message_.message();
    end.octets = message.octets;
    // A server may count line ends as one octet each; else it lies one way or the other.
    const std::uint64_t declared = message.octets_declared;
    if (complete && declared != 0 && !message_.damaged() && declared != message.octets &&
        declared + message.lines != message.octets) {
      turn.anomaly(Anomaly::pop3_size_mismatch, Direction::to_client);
    }
    end.lines = message.lines;
    if (complete && message.transfer == Transfer::retr) {
      ++mailbox_.retrieved;
      mailbox_.octets += message.octets;
    }
    message_.end(turn, complete && !message_.damaged());
  }
  const auto verb = static_cast<Pop3Verb>(answered_.verb);
  if (complete && (verb == Pop3Verb::LIST || verb == Pop3Verb::UIDL)) {
    mailbox_.messages = listing_lines_ + mailbox_.deleted;
  }
  turn.say(end);
  mode_ = Mode::status;
}

}  // namespace mailglass::mail
