// SPDX-License-Identifier: BSD-3-Clause
#include "stream/history.h"

#include <algorithm>
#include <cstddef>
#include <cstring>

namespace mailglass::stream {
namespace {

constexpr std::uint64_t aligned(std::uint64_t position) { return (position + 7) & ~7ull; }

}  // namespace

History::Record History::read(std::uint64_t position) const {
  Record record;
  std::memcpy(&record, at(position), sizeof record);
  return record;
}

// Octets right behind the newest record of all go into it: small segments cost no record each.
bool History::extend(const Trail& trail, std::uint64_t offset, Bytes octets) {
  if (!remembers(trail.newest)) return false;
  const Record record = read(trail.newest);
  const std::uint64_t end = trail.newest + sizeof record + record.length;
  if (aligned(end) != head_ || record.offset + record.length != offset) return false;
  if (place(trail.newest) + sizeof record + record.length + octets.size() > ring_.size()) {
    return false;
  }
  std::memcpy(at(trail.newest) + sizeof record + record.length, octets.data(), octets.size());
  // Only what changes: a record half written anew would have to wait for its own parts.
  const std::uint64_t length = record.length + octets.size();
  std::memcpy(at(trail.newest) + offsetof(Record, length), &length, sizeof length);
  head_ = aligned(end + octets.size());
  return true;
}

void History::record(Trail& trail, std::uint64_t offset, Bytes octets, Tick time) {
  if (octets.empty() || extend(trail, offset, octets)) return;
  const std::size_t needed = sizeof(Record) + octets.size();
  const std::size_t left = ring_.size() - place(head_);
  if (needed > left) head_ += left;  // never across the end
  const Record record{offset, trail.newest, time, octets.size()};
  std::memcpy(at(head_), &record, sizeof record);
  std::memcpy(at(head_) + sizeof record, octets.data(), octets.size());
  trail.newest = head_;
  head_ = aligned(head_ + needed);
}

History::Finding History::compare(const Trail& trail, std::uint64_t offset, Bytes octets) const {
  Finding finding;
  const std::uint64_t end = offset + octets.size();
  std::uint64_t position = trail.newest;
  for (int i = 0; i < kMaxRecords && remembers(position); ++i) {
    const Record record = read(position);
    if (record.offset + record.length <= offset) break;  // older ones lie before it
    const std::uint64_t from = std::max(offset, record.offset);
    const std::uint64_t to = std::min(end, record.offset + record.length);
    if (from < to) {
      const auto length = static_cast<std::size_t>(to - from);
      const Bytes first(at(position) + sizeof record + (from - record.offset), length);
      const Bytes later = octets.subspan(static_cast<std::size_t>(from - offset), length);
      finding.compared += length;
      const Conflict conflict = conflict_of(from, first, later);
      if (conflict.found()) finding.conflict = conflict;  // newest first: lower ones come later
    }
    position = record.older;
  }
  return finding;
}

History::Copy History::find(const Trail& trail, std::uint64_t offset) const {
  std::uint64_t position = trail.newest;
  for (int i = 0; i < kMaxRecords && remembers(position); ++i) {
    const Record record = read(position);
    if (record.offset <= offset && offset - record.offset < record.length) {
      const std::uint64_t old = offset - record.offset;
      return {{at(position) + sizeof record + old, static_cast<std::size_t>(record.length - old)},
              record.time};
    }
    position = record.older;
  }
  return {};
}

}  // namespace mailglass::stream
