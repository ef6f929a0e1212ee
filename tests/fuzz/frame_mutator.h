// SPDX-License-Identifier: BSD-3-Clause
// Mutations that know what a capture is: frames are repeated, dropped, exchanged, moved and cut in
// two, each as a whole, so that a dialogue found once is worn the way networks wear it. The octets
// inside a frame are libFuzzer's to change.
#pragma once

#include <algorithm>
#include <cstring>
#include <random>
#include <vector>

#include "tests/fuzz/outcome.h"

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

namespace mailglass::test {

// The octets of one frame of pipeline_fuzz's language, its kind included.
inline std::size_t frame_octets(Bytes rest) {
  const auto at = [&](std::size_t i) { return i < rest.size() ? rest[i] : std::uint8_t{0}; };
  std::size_t head = (at(0) & 0x80u) != 0 ? 2 : 1;  // the kind, and a step in time
  if ((at(0) & 1u) == 0) {
    return std::min(rest.size(), head + 2 + ((at(head) * 256u + at(head + 1)) & 0x7ffu));
  }
  head += (at(0) & 0x10u) != 0 ? 1 : 3;  // flags, and numbers out of place
  return std::min(rest.size(), head + 1 + at(head));
}

class FrameMutator {
 public:
  static constexpr std::size_t kHeader = 2;

  FrameMutator(std::uint8_t* data, std::size_t size, std::size_t room, unsigned seed)
      : data_(data), size_(size), room_(room), random_(seed) {
    if (size_ < kHeader) return;
    for (Bytes rest = Bytes(data_, size_).subspan(kHeader); !rest.empty();) {
      const Bytes frame = rest.first(frame_octets(rest));
      frames_.emplace_back(frame.begin(), frame.end());
      rest = rest.subspan(frame.size());
    }
  }

  std::size_t mutate() {
    if (frames_.empty() || below(4) == 0) return LLVMFuzzerMutate(data_, size_, room_);
    const std::size_t i = below(frames_.size()), j = below(frames_.size());
    const auto place = [this](std::size_t n) {
      return frames_.begin() + static_cast<std::ptrdiff_t>(n);
    };
    switch (below(6)) {
      case 0:
        frames_.insert(place(j), Octets(frames_[i]));  // a duplicate, late or early
        break;
      case 1:
        frames_.erase(place(i));  // lost
        break;
      case 2:
        std::swap(frames_[i], frames_[j]);
        break;
      case 3:
        std::rotate(place(std::min(i, j)), place(std::max(i, j)), frames_.end());
        break;
      case 4:
        split(i);
        break;
      default:
        change(i);
    }
    return write();
  }

 private:
  std::size_t below(std::size_t n) { return random_() % n; }

  // A made frame of one payload becomes two that follow each other.
  void split(std::size_t i) {
    const std::size_t head = ((frames_[i][0] & 0x80u) != 0 ? 2u : 1u) + 1u;
    if ((frames_[i][0] & 0x11u) != 0x11 || frames_[i].size() < head + 3) return change(i);
    Octets second = frames_[i];
    const std::size_t payload = frames_[i].size() - head - 1, first = 1 + below(payload - 1);
    frames_[i].resize(head + 1 + first);
    frames_[i][head] = static_cast<std::uint8_t>(first);
    second[head] = static_cast<std::uint8_t>(payload - first);
    second.erase(second.begin() + static_cast<std::ptrdiff_t>(head) + 1,
                 second.begin() + static_cast<std::ptrdiff_t>(head + 1 + first));
    frames_.insert(frames_.begin() + static_cast<std::ptrdiff_t>(i) + 1, std::move(second));
  }

  void change(std::size_t i) {
    Octets& frame = frames_[i];
    const std::size_t size = frame.size();
    frame.resize(size + 64);
    frame.resize(LLVMFuzzerMutate(frame.data(), size, frame.size()));
    if (frame.empty()) frames_.erase(frames_.begin() + static_cast<std::ptrdiff_t>(i));
  }

  std::size_t write() {
    std::size_t at = kHeader;
    for (const Octets& frame : frames_) {
      const std::size_t octets = std::min(frame.size(), room_ - at);
      if (octets != 0) std::memcpy(data_ + at, frame.data(), octets);
      at += octets;
    }
    return at;
  }

  std::uint8_t* data_;
  std::size_t size_, room_;
  std::minstd_rand random_;
  std::vector<Octets> frames_;
};

}  // namespace mailglass::test
