// SPDX-License-Identifier: BSD-3-Clause
#include "tests/oracle/flows.h"

#include <array>
#include <bit>
#include <stdexcept>

#include "flow/belief.h"
#include "flow/connection.h"

namespace mailglass::oracle {
namespace {

constexpr std::uint64_t kSeed = 0;

void must(int done) {
  if (done != 1) throw std::runtime_error("SHA-256 failed");
}

}  // namespace

Said::Said() : digest_(EVP_MD_CTX_new()) {
  must(EVP_DigestInit_ex(digest_.get(), EVP_sha256(), nullptr));
}

void Said::octets(Bytes octets) {
  must(EVP_DigestUpdate(digest_.get(), octets.data(), octets.size()));
  delivered_ += octets.size();
}

void Said::gap(std::uint64_t octets) {
  if (gaps_.empty() || gaps_.back().at != delivered_) gaps_.push_back({delivered_, 0});
  gaps_.back().octets += octets;
}

std::string Said::sha256() const {
  std::array<std::uint8_t, EVP_MAX_MD_SIZE> octets;
  unsigned length = 0;
  const std::unique_ptr<EVP_MD_CTX, Free> copy(EVP_MD_CTX_new());
  must(EVP_MD_CTX_copy_ex(copy.get(), digest_.get()));
  must(EVP_DigestFinal_ex(copy.get(), octets.data(), &length));
  std::string hex;
  for (unsigned i = 0; i < length; ++i) {
    hex += "0123456789abcdef"[octets[i] >> 4];
    hex += "0123456789abcdef"[octets[i] & 15];
  }
  return hex;
}

Flows::Flows(Listener& listener)
    : listener_(listener),
      datagrams_(wire_limits_.datagrams),
      fragment_blocks_(wire_limits_.blocks),
      fragment_buckets_(std::bit_ceil(wire_limits_.datagrams)),
      wholes_(wire::Decoder::kRoom),
      fragments_({datagrams_.pool, fragment_blocks_.pool, fragment_buckets_.span(), wholes_.span()},
                 wire_limits_.fragment_seconds, kSeed, counters_),
      decoder_(wire_limits_, fragments_, counters_),
      groups_(flow::FlowTable::groups_for(flow_limits_.flows)),
      buckets_(flow::FlowTable::buckets_for(flow_limits_.flows)),
      table_(groups_.span(), buckets_.span(), flow_limits_, kSeed),
      holds_(stream_limits_.holds),
      blocks_(stream_limits_.blocks),
      history_ring_(std::size_t{stream_limits_.history_mib} << 20),
      history_(history_ring_.span()),
      reassembler_(stream_limits_, {holds_.pool, blocks_.pool, history_}, counters_) {}

// A burst of its own for each frame.
void Flows::take(wire::LinkType link, const Frame& frame) {
  ++frame_;
  decoder_.begin_burst();
  wire::Segment segment;
  const tally::Drop fate = decoder_.decode(link, frame, segment);
  if (fate != tally::Drop::none) return listener_.left_out(frame_, tally::name_of(fate));
  const flow::KeyOf key = flow::key_of(segment);
  flow::Flow* const flow = enter(segment, key);
  if (flow == nullptr) return;
  flow::learn(*flow, segment, key.from_low);
  const stream::Direction direction = flow::direction_of(*flow, key.from_low);
  const auto talking = talks_.find(flow);
  if ((segment.has(wire::kRst) || segment.has(wire::kFin)) && talking != talks_.end() &&
      !reassembler_.acceptable(*flow, talking->second.conversation, segment, direction)) {
    return listener_.left_out(frame_, "refused_unacceptable");
  }
  flow::track(*flow, segment, direction);
  // Like a session, a talk begins with the first octets.
  if (segment.length == 0 && !talks_.contains(flow)) return;
  Talk& talk = talks_[flow];
  flow->session = 0;
  if (segment.length != 0) talk.frames.push_back(frame_);
  reassembler_.take(*flow, talk.conversation, segment, direction, talk);
}

// As the pipeline's: an old flow may be over, a stray segment gets none.
flow::Flow* Flows::enter(const wire::Segment& segment, const flow::KeyOf& key) {
  const std::uint64_t hash = table_.hash(key.key);
  flow::Flow* flow = table_.find(key.key, hash);
  if (flow != nullptr) {
    const bool expired = table_.expired(*flow, segment.time);
    if (!expired && flow::disbelieves(*flow, segment, key.from_low)) {
      if (segment.length != 0) {
        const stream::Direction direction = flow::direction_of(*flow, key.from_low);
        flow->session = 0;
        talks_[flow].frames.push_back(frame_);
        reassembler_.set_aside(*flow, talks_[flow].conversation, segment, direction);
      }
      return nullptr;
    }
    const stream::Direction direction = flow::direction_of(*flow, key.from_low);
    if (!expired && !flow::reuses_ports(*flow, segment, direction)) return flow;
    close(*flow);
  }
  if (!flow::opens_flow(segment)) {
    listener_.left_out(frame_, "refused_stray");
    return nullptr;
  }
  flow::FlowTable::Refusal refusal;
  flow = table_.open(key.key, hash, segment.time, refusal);
  if (flow == nullptr) throw std::runtime_error("the capture has more flows than the table");
  flow::begin(*flow, segment, key.from_low);
  return flow;
}

void Flows::close(flow::Flow& flow) {
  if (const auto found = talks_.find(&flow); found != talks_.end()) {
    Talk& talk = found->second;
    reassembler_.flush(talk.conversation, flow.last, talk);
    listener_.over(flow, talk);
    talks_.erase(found);
  }
  table_.close(flow);
}

void Flows::finish() {
  table_.for_each([this](flow::Flow& flow) { close(flow); });
}

}  // namespace mailglass::oracle
