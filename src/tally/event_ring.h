// SPDX-License-Identifier: BSD-3-Clause
// The ring between one worker and the reporter: single producer, single consumer, variable-length
// records in a fixed byte array. A full ring loses the record and counts it, or, for replays, makes
// the worker wait: a capture's events are complete whatever the reporter's speed.
#pragma once

#include <algorithm>
#include <atomic>
#include <bit>
#include <cassert>
#include <cstddef>
#include <cstring>
#include <initializer_list>
#include <span>
#include <string_view>
#include <type_traits>

#include "tally/event.h"

namespace mailglass::tally {

enum class WhenFull : std::uint8_t { drop, wait };

// A record as the consumer sees it, valid until the next `pop`.
class EventView {
 public:
  explicit EventView(const std::byte* record) : record_(record) {}

  const MailEvent& head() const { return *reinterpret_cast<const MailEvent*>(record_); }

  template <typename Body>
  const Body& body() const {
    assert(head().kind == Body::kKind);
    return *reinterpret_cast<const Body*>(record_ + sizeof(MailEvent));
  }

  // Text `index` of the record; empty when the record has fewer.
  template <typename Body>
  std::string_view text(std::size_t index) const {
    if (index >= head().texts) return {};
    const auto* lengths =
        reinterpret_cast<const std::uint16_t*>(record_ + sizeof(MailEvent) + sizeof(Body));
    const char* at = reinterpret_cast<const char*>(lengths + head().texts);
    for (std::size_t i = 0; i < index; ++i) at += lengths[i];
    return {at, lengths[index]};
  }

 private:
  const std::byte* record_;
};

class EventRing {
 public:
  // What a worker that waits does after a while, instead of keeping its core busy: sleep a little.
  using Rest = void (*)();

  // `storage` is a power of two of at least 64 KiB, 64-byte aligned, and outlives the ring.
  EventRing(std::span<std::byte> storage, WhenFull when_full, Rest rest = nullptr)
      : storage_(storage), mask_(storage.size() - 1), when_full_(when_full), rest_(rest) {
    assert(std::has_single_bit(storage.size()) && storage.size() >= 64 * 1024);
  }

  // Producer. Copies head, body and texts; texts past kMaxTextOctets are cut. False: dropped.
  template <typename Body>
  bool emit(MailEvent head, const Body& body, std::initializer_list<std::string_view> texts = {});

  // Producer. From here on nothing is dropped.
  void wait_when_full(Rest rest) {
    when_full_ = WhenFull::wait;
    rest_ = rest;
  }

  // Consumer. Calls `take(EventView)` for each record there is, at most `limit`; returns how many.
  template <typename Take>
  std::size_t drain(Take&& take, std::size_t limit = ~std::size_t{0});

  std::size_t used() const {
    return tail_.load(std::memory_order_relaxed) - head_.load(std::memory_order_relaxed);
  }

 private:
  static constexpr std::size_t kAlign = 8;
  static constexpr unsigned kPauses = 100;  // before a rest

  std::byte* reserve(std::size_t size);
  static void write(std::byte* at, std::initializer_list<std::string_view> texts);
  void publish(std::size_t size) {
    tail_.store(tail_.load(std::memory_order_relaxed) + size, std::memory_order_release);
  }

  std::span<std::byte> storage_;
  std::size_t mask_;
  WhenFull when_full_;
  Rest rest_;
  std::size_t head_seen_ = 0;                     // producer's copy of head_
  alignas(64) std::atomic<std::size_t> tail_{0};  // producer writes
  alignas(64) std::atomic<std::size_t> head_{0};  // consumer writes
};

inline std::byte* EventRing::reserve(std::size_t size) {
  for (unsigned waited = 0;; ++waited) {
    const std::size_t tail = tail_.load(std::memory_order_relaxed);
    const std::size_t at = tail & mask_;
    const std::size_t to_end = storage_.size() - at;
    const std::size_t need = size <= to_end ? size : to_end + size;  // records never wrap
    if (tail + need - head_seen_ > storage_.size()) {
      head_seen_ = head_.load(std::memory_order_acquire);
      if (tail + need - head_seen_ > storage_.size()) {
        if (when_full_ == WhenFull::drop) return nullptr;
        if (rest_ != nullptr && waited >= kPauses) {
          rest_();
        } else {
          __builtin_ia32_pause();
        }
        continue;
      }
    }
    if (size <= to_end) return storage_.data() + at;
    // A pad, whose odd size no record has, tells the consumer to go on at the start. Records and
    // the ring's size are multiples of 8, so four octets for the size are always there.
    const auto pad = static_cast<std::uint32_t>(to_end) | 1u;
    std::memcpy(storage_.data() + at, &pad, sizeof pad);
    publish(to_end);
  }
}

template <typename Body>
bool EventRing::emit(MailEvent head, const Body& body,
                     std::initializer_list<std::string_view> texts) {
  static_assert(std::is_trivially_copyable_v<Body> && alignof(Body) <= kAlign);
  static_assert(sizeof(MailEvent) % kAlign == 0);
  assert(texts.size() <= kMaxTexts);
  std::size_t size = sizeof head + sizeof body + texts.size() * sizeof(std::uint16_t);
  for (std::string_view text : texts) size += std::min(text.size(), kMaxTextOctets);
  size = (size + kAlign - 1) & ~(kAlign - 1);

  std::byte* at = reserve(size);
  if (at == nullptr) return false;
  head.size = static_cast<std::uint32_t>(size);
  head.kind = Body::kKind;
  head.texts = static_cast<std::uint8_t>(texts.size());
  std::memcpy(at, &head, sizeof head);
  std::memcpy(at += sizeof head, &body, sizeof body);
  at += sizeof body;
  write(at, texts);
  publish(size);
  return true;
}

inline void EventRing::write(std::byte* at, std::initializer_list<std::string_view> texts) {
  for (std::string_view text : texts) {
    const auto length = static_cast<std::uint16_t>(std::min(text.size(), kMaxTextOctets));
    std::memcpy(at, &length, sizeof length);
    at += sizeof length;
  }
  for (std::string_view text : texts) {
    std::size_t length = std::min(text.size(), kMaxTextOctets);
    // A compiler that knows the most it can be copies in place with REP MOVS, whose start alone
    // costs more than the library's whole copy of a line.
    asm("" : "+r"(length));
    if (length != 0) std::memcpy(at, text.data(), length);
    at += length;
  }
}

template <typename Take>
std::size_t EventRing::drain(Take&& take, std::size_t limit) {
  const std::size_t tail = tail_.load(std::memory_order_acquire);
  std::size_t head = head_.load(std::memory_order_relaxed);
  std::size_t taken = 0;
  while (head != tail && taken < limit) {
    const std::byte* at = storage_.data() + (head & mask_);
    std::uint32_t size;
    std::memcpy(&size, at, sizeof size);
    if ((size & 1u) == 0) {
      take(EventView(at));
      ++taken;
    }
    head += size & ~std::uint32_t{1};
    head_.store(head, std::memory_order_release);
  }
  return taken;
}

}  // namespace mailglass::tally
