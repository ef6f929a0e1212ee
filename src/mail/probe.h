// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "base/fixed_vector.h"
#include "mail/proxy_header.h"
#include "mail/turn.h"

namespace mailglass::mail {

// What lay around the first segment with octets, and which way that went: MACs as destination and
// source, the tunnel's ends as source and destination. Told with the session's first record.
struct Arrival {
  std::array<std::uint8_t, 12> ether{};
  bool has_ether = false;
  tally::Direction direction{};
  tally::TunnelPath tunnel;
};

// Says from a flow's first octets what it is, whatever its ports. Octets that decide nothing yet
// are kept, a block at most, and read again once the protocol is known.
class Probe {
 public:
  enum class Finding : std::uint8_t { undecided, not_mail, smtp, lmtp, pop3, smtps, pop3s };

  // Looks at the next octets of one direction and takes off their front what no reader is to see: a
  // PROXY header, and what is lost. `swapped` says that content shows the roles of a flow picked up
  // in the middle to be the other way round.
  Finding look(Turn& turn, tally::Direction direction, Bytes& octets, bool& swapped);

  // Whether `found` is spoken on a port that belongs to another mail protocol.
  static bool misplaced(Finding found, std::uint16_t server_port);

  // A finding was made, or a gap passed: hands over what was kept, in order of arrival.
  template <typename Read>
  void replay(BlockPool& pool, Read&& read) const {
    std::size_t at = 0;
    for (const Piece& piece : pieces_) {
      read(piece.direction, Bytes(pool[block_].octet + at, piece.size), piece.time);
      at += piece.size;
    }
  }

  // What was kept stands before the gap and decided nothing: the flow is read from behind it, as
  // one picked up in the middle.
  void lose(BlockPool& pool, tally::Direction direction, std::uint64_t octets) {
    release(pool);
    lost_[static_cast<int>(direction)] += octets;
  }
  // What a PROXY header in front of the client's octets said; null without one.
  const tally::Proxied* proxied() const {
    return proxy_.state() == ProxyHeader::State::whole ? &proxy_.said() : nullptr;
  }
  std::uint64_t lost(tally::Direction direction) const {
    return lost_[static_cast<int>(direction)];
  }
  void arrive(const wire::Segment& segment, tally::Direction direction);
  const Arrival& arrival() const { return arrival_; }
  void release(BlockPool& pool) {
    if (block_ != kNoSlot) pool.give_back(block_);
    block_ = kNoSlot;
    kept_ = 0;
    pieces_.clear();
  }

 private:
  struct Piece {
    Tick time;
    std::uint16_t size = 0;
    tally::Direction direction{};
  };

  Finding consider(Turn& turn, tally::Direction direction, Bytes& octets, bool& swapped);
  Finding weigh(Turn& turn, tally::Direction direction, Bytes octets, bool& swapped);
  Finding judge(Turn& turn, tally::Direction direction, Bytes text, std::size_t judged,
                bool& swapped);
  bool may_be_lines(const Turn& turn, Bytes text) const;
  Finding judge_tls(const Turn& turn, tally::Direction direction, Bytes text) const;
  Finding judge_line(Turn& turn, tally::Direction direction, Bytes line, bool& swapped);
  Finding judge_server(Turn& turn, Bytes line, match::Hints<match::ProtocolHint> hints);
  Finding judge_client(Turn& turn, match::Hints<match::ProtocolHint> hints);
  bool awaits_banner(const Turn& turn) const;
  bool strip_proxy(Turn& turn, Bytes& octets);
  Finding give_up_proxy(Turn& turn, bool& swapped);
  bool keep(Turn& turn, tally::Direction direction, Bytes octets);
  void insert(BlockPool& pool, Piece& piece, Bytes octets, std::size_t behind);
  std::size_t copy_kept(const BlockPool& pool, tally::Direction direction, std::uint8_t* to) const;
  std::size_t forget_lines(Turn& turn, tally::Direction latest);
  bool make_room(Turn& turn);

  // Whether this may be the middle of anything.
  bool resumes(const Turn& turn) const {
    return turn.flow.midstream || lost_[0] != 0 || lost_[1] != 0;
  }

  Arrival arrival_;
  ProxyHeader proxy_;
  FixedVector<Piece, 6> pieces_;
  std::uint64_t lost_[2] = {};  // octets in gaps, by Direction
  std::uint32_t block_ = kNoSlot;
  std::uint32_t looked_at_ = 0;
  std::uint16_t kept_ = 0;
  bool client_first_ = false;   // the client spoke first, as no SMTP or POP3 client does
  bool server_judged_ = false;  // by a line of its own, or by octets that are none
  bool perhaps_smtp_ = false;
  bool perhaps_pop3_ = false;
};

}  // namespace mailglass::mail
