// SPDX-License-Identifier: BSD-3-Clause
// IP fragments into datagrams (RFC 791 section 3.2, RFC 8200 section 4.5), in fixed pools.
//
// Fragments that overlap end the datagram they belong to (RFC 5722). So they do in IPv4: RFC 791's
// example of a procedure lets the newer copy win, but receivers never agreed on that, and Linux
// discards such datagrams too (since 4.19). A fragment whose octets are all here already, with the
// same content, is a duplicate of the network and nothing else. Ended datagrams are remembered
// until their time is over, so that what is left of them cannot begin anew.
//
// Full: the oldest datagram is given up for the new one. Fragments of one datagram come within
// milliseconds, those of a flood never come: who waits longest waits in vain. Refusing new ones
// would let a few fragments a second shut everyone out for as long as the time limit.
#pragma once

#include <span>

#include "base/pool.h"
#include "tally/counters.h"
#include "wire/segment.h"

namespace mailglass::wire {

constexpr std::size_t kMaxDatagram = 65535;  // octets behind the IP header, at most

// Who a fragment belongs to. IPv4 has the protocol in it (RFC 791), IPv6 has not (RFC 8200).
struct FragmentKey {
  Address source, destination;
  Lane lane;
  std::uint32_t id = 0;
  std::uint8_t protocol = 0;
  std::uint8_t ipv6 = 0;
  std::uint16_t unused = 0;  // no padding: compared and hashed as words
  bool operator==(const FragmentKey& other) const {
    return std::memcmp(this, &other, sizeof *this) == 0;
  }
};
static_assert(sizeof(FragmentKey) == 52 && std::has_unique_object_representations_v<FragmentKey>);

struct Fragment {
  FragmentKey key;
  Bytes octets;              // all it declares
  std::uint32_t offset = 0;  // of the first one in the datagram, in octets
  bool more = false;
  std::uint8_t next = 0;            // protocol of the datagram, where `offset` is 0
  std::uint32_t header_octets = 0;  // that will stand before the datagram, of the 65535 at most
  std::uint32_t frame_octets = 0;
  // What the first fragment shows of the datagram: none, or why nobody wants the rest.
  tally::Drop fate = tally::Drop::none;
};

// 2 KiB of a datagram, from an offset that is a multiple of that.
struct FragmentBlock {
  static constexpr std::uint32_t kOctets = 2048;
  std::uint64_t have[kOctets / 8 / 64];  // one bit for each 8 octets, the unit of offsets
  std::uint8_t octet[kOctets];
};

struct Datagram {
  FragmentKey key;
  Tick first;                  // when its first fragment came
  std::uint32_t chain;         // next in the same bucket
  std::uint32_t older, newer;  // in order of `first`
  std::uint32_t total;         // octets; 0 until the last fragment came
  std::uint32_t end;           // of the farthest octet here
  std::uint32_t units;         // of 8 octets, here
  std::uint32_t frame_octets;  // of the frames that brought them
  std::uint8_t next;           // of the fragment with offset 0
  tally::Drop fate;            // not `none`: ended, and what becomes of the rest
  std::uint32_t block[(kMaxDatagram + 1) / FragmentBlock::kOctets];
};
static_assert(sizeof(Datagram) == 224);

// The largest datagram takes 32 blocks; with fewer it could never be whole.
constexpr std::uint32_t kLeastBlocks = 64;

class Fragments {
 public:
  // What is handed in outlives this. `buckets`: a power of two, best as many as datagrams.
  // `wholes` is where datagrams are put together, each of at most kMaxDatagram octets.
  struct Memory {
    Pool<Datagram>& datagrams;
    Pool<FragmentBlock>& blocks;
    std::span<std::uint32_t> buckets;
    std::span<std::uint8_t> wholes;
  };
  Fragments(const Memory& memory, std::uint32_t seconds, std::uint64_t seed,
            tally::Counters& counters);

  struct Outcome {
    tally::Drop drop;            // none: `whole` is the datagram, good until the next `begin_burst`
    std::uint8_t next;           // its protocol
    std::uint32_t frame_octets;  // of all frames that brought it
    Bytes whole;
  };
  Outcome take(const Fragment& fragment, Tick now);

  // Wholes handed out so far die.
  void begin_burst() { used_ = 0; }
  // Octets that can still be handed out as wholes before the next burst.
  std::size_t room() const { return memory_.wholes.size() - used_; }

  // Gives up datagrams whose time is over, at most `budget`.
  void age(Tick now, std::uint32_t budget);

 private:
  bool expired(const Datagram& d, Tick now) const { return now.us - d.first.us > timeout_us_; }
  std::uint32_t& bucket_of(const FragmentKey& key);
  std::uint32_t find(const FragmentKey& key, Tick now);
  std::uint32_t begin(const FragmentKey& key, Tick now);
  Outcome after_end(std::uint32_t slot, const Fragment& fragment);
  Outcome end(std::uint32_t slot, tally::Drop fate, tally::Count row);
  bool contradicts(const Datagram& d, const Fragment& fragment) const;
  enum class Meets : std::uint8_t { nothing, part, all };
  Meets survey(const Datagram& d, const Fragment& fragment) const;
  bool repeats(const Datagram& d, const Fragment& fragment) const;
  bool store(std::uint32_t slot, const Fragment& fragment, Tick now);
  Outcome put_together(std::uint32_t slot);
  bool give_up_oldest(std::uint32_t spare, Tick now);
  void release_blocks(Datagram& d);
  void remove(std::uint32_t slot);

  Memory memory_;
  std::int64_t timeout_us_;
  std::uint64_t seed_;
  tally::Counters& counters_;
  std::size_t used_ = 0;  // of memory_.wholes
  std::uint32_t oldest_ = kNoSlot, newest_ = kNoSlot;
};

}  // namespace mailglass::wire
