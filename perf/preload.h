// SPDX-License-Identifier: BSD-3-Clause
// A capture in memory, and a pipeline that is given it again and again.
#pragma once

#include <sys/mman.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <filesystem>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/frame.h"
#include "nic/block_port.h"
#include "pipelines/mail.h"

namespace mailglass::perf {

// Frames as they lay on the wire, one after the other.
struct Capture {
  wire::LinkType link{};
  Verified checksums = Verified::unknown;  // what a NIC would have said of every frame
  std::vector<std::uint8_t> octets;
  struct Place {
    std::size_t at, size;
    Tick time;
  };
  std::vector<Place> frames;

  std::int64_t lasts() const {
    return frames.empty() ? 0 : frames.back().time.us - frames.front().time.us;
  }
};

// On huge pages, as a NIC's packet buffers are.
inline void reserve(std::vector<std::uint8_t>& octets, std::size_t size) {
  octets.reserve(size);
  constexpr std::uintptr_t kPage = 4096;
  const auto begin = (reinterpret_cast<std::uintptr_t>(octets.data()) + kPage - 1) & ~(kPage - 1);
  const auto end = (reinterpret_cast<std::uintptr_t>(octets.data()) + size) & ~(kPage - 1);
  if (end > begin) madvise(reinterpret_cast<void*>(begin), end - begin, MADV_HUGEPAGE);
}

inline Capture preload(const std::string& name) {
  nic::CaptureFile file = nic::open_capture(name);
  if (!nic::BlockPort::reads(file))
    throw std::runtime_error(name + ": not a file of pcap's format");
  nic::BlockPort port(std::move(file));
  Capture capture;
  capture.link = port.link();
  std::error_code none;
  if (const auto size = std::filesystem::file_size(name, none); !none)
    reserve(capture.octets, size);
  std::array<Frame, pipelines::kMaxBurst> burst;
  while (!port.at_end()) {
    const std::size_t taken = port.burst(burst);
    for (const Frame& frame : std::span(burst).first(taken)) {
      capture.frames.push_back({capture.octets.size(), frame.data.size(), frame.time});
      capture.octets.insert(capture.octets.end(), frame.data.begin(), frame.data.end());
    }
    port.release();
  }
  if (const std::string trouble = port.trouble(); !trouble.empty()) {
    throw std::runtime_error(trouble);
  }
  if (capture.frames.empty()) throw std::runtime_error(name + ": no frames in it");
  return capture;
}

// Every frame once, `later` microseconds after its time, `most` at a time; then the pipeline's
// `finish`.
template <typename Pipeline>
void play_once(const Capture& capture, std::int64_t later, std::size_t most, Pipeline& pipeline) {
  std::array<Frame, pipelines::kMaxBurst> burst;
  for (std::size_t at = 0; at < capture.frames.size(); at += most) {
    const std::size_t count = std::min(most, capture.frames.size() - at);
    for (std::size_t i = 0; i < count; ++i) {
      const Capture::Place& place = capture.frames[at + i];
      burst[i] = {Bytes(capture.octets.data() + place.at, place.size), Tick{place.time.us + later},
                  capture.checksums, capture.checksums};
    }
    pipeline.take(capture.link, std::span(burst).first(count));
  }
  pipeline.finish();
}

// A second between two rounds, and every timeout still far away.
inline std::int64_t round_of(const Capture& capture) {
  return capture.lasts() + kMicrosecondsPerSecond;
}

}  // namespace mailglass::perf
