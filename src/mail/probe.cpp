// SPDX-License-Identifier: BSD-3-Clause
#include "mail/probe.h"

#include "mail/line.h"
#include "mail/tls_messages.h"

namespace mailglass::mail {

using match::Hints;
using match::ProtocolHint;
using tally::Direction;
using Finding = Probe::Finding;

namespace {

// A line is judged by this much of its front, whether its end has come or not: RFC 5321 sections
// 4.5.3.1.4 and 4.5.3.1.5 allow no more.
constexpr std::size_t kLineEnough = 512;

// Times Limits::probe_octets, where no SYN was seen.
constexpr std::uint32_t kMidstreamPatience = 16;

bool is_smtp_port(std::uint16_t port) {
  return port == 25 || port == 587 || port == 2525 || port == 465;
}
bool is_pop3_port(std::uint16_t port) { return port == 110 || port == 995; }
bool is_tls_port(std::uint16_t port) { return port == 465 || port == 995; }  // RFC 8314

// What stands behind the last line's end.
Bytes open_line(Bytes text) {
  const void* lf = memrchr(text.data(), '\n', text.size());
  if (lf == nullptr) return text;
  const auto whole = static_cast<const std::uint8_t*>(lf) - text.data() + 1;
  return text.subspan(static_cast<std::size_t>(whole));
}

// Every line of a mail dialogue begins with a letter, a digit, '+' or '-'.
bool may_begin_line(std::uint8_t octet) {
  return (octet >= 'A' && octet <= 'Z') || (octet >= 'a' && octet <= 'z') ||
         (octet >= '0' && octet <= '9') || octet == '+' || octet == '-';
}

}  // namespace

bool Probe::misplaced(Finding found, std::uint16_t server_port) {
  const bool pop3 = found == Finding::pop3 || found == Finding::pop3s;
  return pop3 ? is_smtp_port(server_port) : is_pop3_port(server_port);
}

void Probe::arrive(const wire::Segment& segment, Direction direction) {
  arrival_.direction = direction;
  arrival_.has_ether = segment.ether != nullptr;
  if (arrival_.has_ether) {
    std::memcpy(arrival_.ether.data(), segment.ether, arrival_.ether.size());
  }
  const wire::Tunnel& tunnel = segment.tunnel;
  arrival_.tunnel = {tunnel.type, tunnel.has_id, tunnel.ends != nullptr, tunnel.id, {}};
  if (tunnel.ends != nullptr) {
    arrival_.tunnel.ends[0] = tunnel.source();
    arrival_.tunnel.ends[1] = tunnel.destination();
  }
}

Finding Probe::look(Turn& turn, Direction direction, Bytes& octets, bool& swapped) {
  if (direction == Direction::to_server) {
    if (!strip_proxy(turn, octets)) return Finding::undecided;
  } else {
    const Finding finding = give_up_proxy(turn, swapped);
    if (finding != Finding::undecided) return finding;
  }
  return consider(turn, direction, octets, swapped);
}

// A block's room at a time: what is found does not hang on how the octets were cut.
Finding Probe::consider(Turn& turn, Direction direction, Bytes& octets, bool& swapped) {
  if (looked_at_ == 0) client_first_ = direction == Direction::to_server;
  while (!octets.empty()) {
    if (kept_ == Block::kOctets && !make_room(turn)) return Finding::not_mail;
    const Bytes part = octets.first(std::min<std::size_t>(octets.size(), Block::kOctets - kept_));
    const Finding finding = weigh(turn, direction, part, swapped);
    if (finding != Finding::undecided) return finding;  // the caller reads it, behind the replay
    octets = octets.subspan(part.size());
  }
  return Finding::undecided;
}

Finding Probe::weigh(Turn& turn, Direction direction, Bytes octets, bool& swapped) {
  const std::uint32_t patience =
      turn.context.limits.probe_octets * (resumes(turn) ? kMidstreamPatience : 1);
  looked_at_ += static_cast<std::uint32_t>(octets.size());

  // The side's line goes on, also where the other has spoken in its middle.
  Bytes text = octets;
  std::size_t open = 0;
  if (kept_ != 0) {
    auto* const to = reinterpret_cast<std::uint8_t*>(turn.context.scratch.data());
    const std::size_t before = copy_kept(turn.blocks(), direction, to);
    open = open_line({to, before}).size();
    std::memcpy(to + before, octets.data(), octets.size());
    text = {to, before + octets.size()};
  }
  const bool lines = may_be_lines(turn, text);
  Finding finding = lines ? judge(turn, direction, text.last(open + octets.size()), open, swapped)
                          : judge_tls(turn, direction, text);
  if (direction == Direction::to_client && finding != Finding::undecided) server_judged_ = true;
  if (finding == Finding::not_mail && awaits_banner(turn)) finding = Finding::undecided;
  if (finding == Finding::not_mail && resumes(turn) && looked_at_ <= patience) {
    // The middle of anything: what comes next? What goes on a line is none of its own.
    if (turn.flow.midstream || !keep(turn, direction, octets)) release(turn.blocks());
    if (kept_ != 0) forget_lines(turn, direction);
    return Finding::undecided;
  }
  if (finding != Finding::undecided) return finding;
  const bool kept = keep(turn, direction, octets);
  if (awaits_banner(turn)) {
    if (!kept) lose(turn.blocks(), direction, kept_ + octets.size());
    return Finding::undecided;
  }
  if (looked_at_ > patience || (!kept && !resumes(turn))) return Finding::not_mail;
  if (!kept) {
    release(turn.blocks());
  } else if (resumes(turn) && lines) {
    forget_lines(turn, direction);
  }
  return Finding::undecided;
}

// Servers of mail speak first, and what they make of octets sent before is theirs to say: on their
// ports nothing that a client says makes the flow none of mail, however much it is.
bool Probe::awaits_banner(const Turn& turn) const {
  const std::uint16_t port = turn.flow.server_port();
  return !server_judged_ && !turn.flow.midstream && lost(Direction::to_client) == 0 &&
         turn.seen(Direction::to_client) && (is_smtp_port(port) || is_pop3_port(port)) &&
         !is_tls_port(port);
}

// Takes a PROXY header off the client's first octets. False when no other octets are left.
bool Probe::strip_proxy(Turn& turn, Bytes& octets) {
  if (resumes(turn) || proxy_.state() != ProxyHeader::State::partial) return true;
  const ProxyHeader::State state = proxy_.take(octets);
  if (state == ProxyHeader::State::absent && !proxy_.held().empty()) {
    keep(turn, Direction::to_server, proxy_.held());  // they looked like one so far
  }
  return state != ProxyHeader::State::partial && !octets.empty();
}

// The server speaks, so it does not wait for a header: what looked like the front of one is read as
// it is. Behind 107 octets it was not kept.
Finding Probe::give_up_proxy(Turn& turn, bool& swapped) {
  if (proxy_.state() != ProxyHeader::State::partial) return Finding::undecided;
  const std::uint32_t skipped = proxy_.give_up();
  const Bytes held = proxy_.held();
  if (skipped != 0) {
    client_first_ = true;
    looked_at_ += static_cast<std::uint32_t>(held.size());
    lose(turn.blocks(), Direction::to_server, held.size() + skipped);
    return Finding::undecided;
  }
  Bytes rest = held;
  const Finding finding = consider(turn, Direction::to_server, rest, swapped);
  if (finding != Finding::undecided) keep(turn, Direction::to_server, rest);
  return finding;
}

// Judges each whole line, and a long enough part of one. Of the first line `judged` octets are not
// new: segments of one octet must not cost a look at all before them.
Finding Probe::judge(Turn& turn, Direction direction, Bytes text, std::size_t judged,
                     bool& swapped) {
  for (; !text.empty(); judged = 0) {
    const void* lf = std::memchr(text.data(), '\n', text.size());
    if (lf == nullptr && (text.size() < kLineEnough || judged >= kLineEnough)) break;
    const std::size_t length =
        lf == nullptr
            ? text.size()
            : static_cast<std::size_t>(static_cast<const std::uint8_t*>(lf) - text.data()) + 1;
    if (judged < kLineEnough) {
      const Bytes line = text.first(std::min(length, kLineEnough));
      const Finding finding = judge_line(turn, direction, line, swapped);
      const bool hides_nothing = finding == Finding::not_mail && awaits_banner(turn);
      if (finding != Finding::undecided && !hides_nothing) return finding;
    }
    text = text.subspan(length);
  }
  return Finding::undecided;
}

// In the middle of a stream any octet may stand in a line, where the port does not say TLS.
bool Probe::may_be_lines(const Turn& turn, Bytes text) const {
  if (may_begin_line(text.front())) return true;
  return resumes(turn) && !(text.front() == kTlsHandshake && is_tls_port(turn.flow.server_port()));
}

// A hello (RFC 8446 sections 4.1.2, 4.1.3 and 5.1): a handshake record of version 3.x, and in it a
// message of the side's type. The server's stands first where the client's was not captured. What
// TLS carries, the port alone says.
Finding Probe::judge_tls(const Turn& turn, Direction direction, Bytes text) const {
  const TlsType hello =
      direction == Direction::to_server ? TlsType::client_hello : TlsType::server_hello;
  const std::uint16_t port = turn.flow.server_port();
  if (!is_smtp_port(port) && !is_pop3_port(port)) return Finding::not_mail;
  if (text[0] != kTlsHandshake || (text.size() > 1 && text[1] != 3)) return Finding::not_mail;
  if (text.size() > 2 && text[2] > 4) return Finding::not_mail;
  if (text.size() < 6) return Finding::undecided;
  if (text[5] != static_cast<std::uint8_t>(hello)) return Finding::not_mail;
  return is_pop3_port(port) ? Finding::pop3s : Finding::smtps;
}

Finding Probe::judge_line(Turn& turn, Direction direction, Bytes line, bool& swapped) {
  const Hints<ProtocolHint> hints = turn.context.scanner.protocol(line);
  if (direction == Direction::to_client) {
    server_judged_ = true;
    // What is lost of the client's says nothing of these.
    if (!turn.flow.midstream && lost(direction) == 0) return judge_server(turn, line, hints);
  } else if (!resumes(turn)) {
    return judge_client(turn, hints);
  }
  // No SYN was seen: who serves is a guess, and this may be the middle of anything.
  const bool server = (turn.flow.midstream || direction == Direction::to_client) &&
                      (hints.has(ProtocolHint::smtp_banner) ||
                       hints.has(ProtocolHint::smtp_reply) || hints.has(ProtocolHint::pop3_banner));
  const bool smtp_client =
      hints.has(ProtocolHint::smtp_greeting) || hints.has(ProtocolHint::smtp_command);
  const bool lmtp_client = hints.has(ProtocolHint::lmtp_greeting);
  const bool pop3_client = hints.has(ProtocolHint::pop3_command);
  if (turn.flow.midstream && (server || smtp_client || lmtp_client || pop3_client)) {
    swapped = server ? direction == Direction::to_server : direction == Direction::to_client;
  }
  if (lmtp_client) return Finding::lmtp;
  if (smtp_client || (server && !hints.has(ProtocolHint::pop3_banner))) return Finding::smtp;
  const std::uint16_t server_port = swapped ? turn.flow.client_port() : turn.flow.server_port();
  const bool port_agrees = is_pop3_port(server_port);
  const bool both_seen = turn.seen(Direction::to_server) && turn.seen(Direction::to_client);
  // STAT and RETR are FTP's too.
  if (pop3_client && (port_agrees || perhaps_pop3_ || !both_seen)) return Finding::pop3;
  if (server && port_agrees) return Finding::pop3;
  perhaps_pop3_ = perhaps_pop3_ || server;
  swapped = false;
  return Finding::undecided;
}

Finding Probe::judge_server(Turn& turn, Bytes line, Hints<ProtocolHint> hints) {
  if (hints.has(ProtocolHint::lmtp_banner) && !hints.has(ProtocolHint::smtp_banner)) {
    return Finding::lmtp;
  }
  if (hints.has(ProtocolHint::smtp_banner)) return Finding::smtp;
  if (hints.has(ProtocolHint::pop3_banner)) {
    perhaps_pop3_ = true;  // redis says +OK as well, but not first
    return client_first_ && !is_pop3_port(turn.flow.server_port()) ? Finding::undecided
                                                                   : Finding::pop3;
  }
  if (perhaps_smtp_ && hints.has(ProtocolHint::smtp_reply)) return Finding::smtp;
  if (hints.has(ProtocolHint::smtp_perhaps)) {  // FTP greets with 220 as well
    perhaps_smtp_ = true;
    return is_smtp_port(turn.flow.server_port()) ? Finding::smtp : Finding::undecided;
  }
  if (hints.has(ProtocolHint::pop3_perhaps)) {
    perhaps_pop3_ = true;
    return is_pop3_port(turn.flow.server_port()) ? Finding::pop3 : Finding::undecided;
  }
  // There a server greets with any code that means yes or no.
  const bool replies = turn.context.scanner.smtp_reply(line).has(match::SmtpReplyHint::reply);
  return replies && is_smtp_port(turn.flow.server_port()) ? Finding::smtp : Finding::not_mail;
}

Finding Probe::judge_client(Turn& turn, Hints<ProtocolHint> hints) {
  if (hints.has(ProtocolHint::smtp_greeting) || hints.has(ProtocolHint::smtp_command)) {
    return Finding::smtp;
  }
  if (hints.has(ProtocolHint::lmtp_greeting)) return Finding::lmtp;
  if (perhaps_smtp_) {  // AUTH, HELP, NOOP and QUIT are FTP's too
    return hints.has(ProtocolHint::smtp_word) ? Finding::undecided : Finding::not_mail;
  }
  const bool server_seen = turn.seen(Direction::to_client);
  if (hints.has(ProtocolHint::pop3_command)) {
    if (perhaps_pop3_ || !server_seen || is_pop3_port(turn.flow.server_port())) {
      return Finding::pop3;
    }
    return client_first_ ? Finding::undecided : Finding::not_mail;  // the banner is yet to come
  }
  if (hints.has(ProtocolHint::pop3_word)) {  // USER and PASS are FTP's too
    const bool after_banner = perhaps_pop3_ && !client_first_;
    return after_banner || is_pop3_port(turn.flow.server_port()) ? Finding::pop3
                                                                 : Finding::undecided;
  }
  if (hints.has(ProtocolHint::smtp_word) && is_smtp_port(turn.flow.server_port())) {
    return Finding::smtp;
  }
  return Finding::not_mail;
}

// Keeps the octets for the replay. False when there is no room. The sides take turns in pieces;
// when there are many, what comes now stands before what the other side said last.
bool Probe::keep(Turn& turn, Direction direction, Bytes octets) {
  if (kept_ + octets.size() > Block::kOctets) return false;
  if (block_ == kNoSlot) block_ = turn.blocks().take();
  if (block_ == kNoSlot) return false;
  const std::size_t count = pieces_.size();
  const bool joins = count != 0 && pieces_[count - 1].direction == direction;
  if (!joins && !pieces_.full()) static_cast<void>(pieces_.push({turn.time, 0, direction}));
  const bool before = !joins && count == pieces_.size();
  Piece& piece = pieces_[pieces_.size() - (before ? 2 : 1)];
  insert(turn.blocks(), piece, octets, before ? pieces_[pieces_.size() - 1].size : 0);
  piece.time = turn.time;
  return true;
}

// At the end of `piece`, with `behind` octets of the one that follows it.
void Probe::insert(BlockPool& pool, Piece& piece, Bytes octets, std::size_t behind) {
  std::uint8_t* const at = pool[block_].octet + kept_ - behind;
  if (behind != 0) std::memmove(at + octets.size(), at, behind);
  std::memcpy(at, octets.data(), octets.size());
  piece.size = static_cast<std::uint16_t>(piece.size + octets.size());
  kept_ = static_cast<std::uint16_t>(kept_ + octets.size());
}

// All that is kept of one side, in a place of a block's size.
std::size_t Probe::copy_kept(const BlockPool& pool, Direction direction, std::uint8_t* to) const {
  std::size_t at = 0, size = 0;
  for (const Piece& piece : pieces_) {
    if (piece.direction == direction) {
      std::memcpy(to + size, pool[block_].octet + at, piece.size);
      size += piece.size;
    }
    at += piece.size;
  }
  return size;
}

// Each side's open line alone can still matter: what came before it has decided nothing, or there
// is no room for it. Returns the octets forgotten.
std::size_t Probe::forget_lines(Turn& turn, Direction latest) {
  const std::size_t before = kept_;
  auto* const to = reinterpret_cast<std::uint8_t*>(turn.context.scratch.data());
  const std::size_t earlier = copy_kept(turn.blocks(), tally::opposite(latest), to);
  const std::size_t later = copy_kept(turn.blocks(), latest, to + earlier);
  const Bytes open[] = {open_line({to, earlier}), open_line({to + earlier, later})};
  pieces_.clear();
  kept_ = 0;
  if (!open[0].empty()) keep(turn, tally::opposite(latest), open[0]);
  if (!open[1].empty()) keep(turn, latest, open[1]);
  if (kept_ == 0) release(turn.blocks());
  return before - kept_;
}

// The block is full. Where a banner may yet come, the client's whole lines are lost, and all it
// said when a line of its fills the room; not what there is of the banner.
bool Probe::make_room(Turn& turn) {
  if (!awaits_banner(turn)) {
    const bool any = resumes(turn);
    if (any) release(turn.blocks());
    return any;
  }
  std::size_t forgotten = forget_lines(turn, Direction::to_server);
  if (forgotten == 0) {  // the client's open line stands last
    const std::size_t open = pieces_[pieces_.size() - 1].size;
    pieces_.erase(pieces_.size() - 1, pieces_.size());
    kept_ = static_cast<std::uint16_t>(kept_ - open);
    forgotten = open;
  }
  lost_[static_cast<int>(Direction::to_server)] += forgotten;
  return true;
}

}  // namespace mailglass::mail
