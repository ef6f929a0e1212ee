// SPDX-License-Identifier: BSD-3-Clause
// The product's way from frames to octets in order, for every TCP flow: as pipelines/mail.cpp goes
// it, without the question whether a flow is mail. What the flows said is kept as hashes.
#pragma once

#include <openssl/evp.h>

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "flow/table.h"
#include "pipelines/store.h"
#include "stream/reassembler.h"
#include "wire/decode.h"

namespace mailglass::oracle {

// What one side said: the octets delivered, in their order, and where some are missing.
class Said {
 public:
  Said();
  void octets(Bytes octets);
  void gap(std::uint64_t octets);

  struct Gap {
    std::uint64_t at, octets;  // behind so many delivered ones
  };
  std::uint64_t delivered() const { return delivered_; }
  const std::vector<Gap>& gaps() const { return gaps_; }  // two that touch are one
  std::string sha256() const;                             // of the delivered octets

  std::uint64_t conflicts = 0;

 private:
  struct Free {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  };
  std::unique_ptr<EVP_MD_CTX, Free> digest_;
  std::uint64_t delivered_ = 0;
  std::vector<Gap> gaps_;
};

struct Talk final : stream::Sink {
  stream::Conversation conversation;
  Said said[2];
  std::vector<std::uint64_t> frames;  // their numbers, of those with octets

  void data(stream::Direction d, Bytes octets, Tick) override {
    said[static_cast<int>(d)].octets(octets);
  }
  void gap(stream::Direction d, std::uint64_t octets, Tick) override {
    said[static_cast<int>(d)].gap(octets);
  }
  void conflict(stream::Direction d, const stream::Conflict&, Tick) override {
    ++said[static_cast<int>(d)].conflicts;
  }
};

// Who hears of what is over. A frame's number is counted from 1.
class Listener {
 public:
  virtual void over(const flow::Flow& flow, const Talk& talk) = 0;
  // A frame that was taken for no flow's, by the name of its drop or of its refusal.
  virtual void left_out(std::uint64_t frame, std::string_view reason) = 0;

 protected:
  ~Listener() = default;
};

// One worker's stages, at the shipped sizes. Ageing is asked on look-up alone.
class Flows {
 public:
  explicit Flows(Listener& listener);
  void take(wire::LinkType link, const Frame& frame);
  void finish();

 private:
  flow::Flow* enter(const wire::Segment& segment, const flow::KeyOf& key);
  void close(flow::Flow& flow);

  Listener& listener_;
  tally::Counters counters_;
  wire::Limits wire_limits_;
  flow::Limits flow_limits_;
  stream::Limits stream_limits_;
  pipelines::Store<wire::Datagram> datagrams_;
  pipelines::Store<wire::FragmentBlock> fragment_blocks_;
  pipelines::ZeroPages<std::uint32_t> fragment_buckets_;
  pipelines::ZeroPages<std::uint8_t> wholes_;
  wire::Fragments fragments_;
  wire::Decoder decoder_;
  pipelines::ZeroPages<flow::FlowGroup> groups_;
  pipelines::ZeroPages<flow::Bucket> buckets_;
  flow::FlowTable table_;
  pipelines::Store<stream::Hold> holds_;
  pipelines::Store<stream::Block> blocks_;
  pipelines::ZeroPages<std::uint8_t> history_ring_;
  stream::History history_;
  stream::Reassembler reassembler_;
  std::unordered_map<const flow::Flow*, Talk> talks_;
  std::uint64_t frame_ = 0;
};

}  // namespace mailglass::oracle
