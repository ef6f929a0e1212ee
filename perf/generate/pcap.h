// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace mailglass::generate {

// A classic pcap file: microseconds, LINKTYPE_ETHERNET, the byte order of this machine
// (draft-ietf-opsawg-pcap). Packets are built in the buffer they are written from.
class PacketWriter {
 public:
  // Throws std::runtime_error, here and wherever a write fails.
  explicit PacketWriter(const std::string& path);

  // Room for one frame of at most kSnapLength octets, valid until commit().
  std::span<std::uint8_t> room();
  // The first `length` octets of the room are a frame seen at `time_us` since 1970. A time before
  // that of the last frame is taken as the same time, so the file is in order.
  void commit(std::uint64_t time_us, std::size_t length);
  void close();

  std::uint64_t packets() const { return packets_; }
  std::uint64_t frame_octets() const { return frame_octets_; }
  std::uint64_t file_octets() const;
  std::uint64_t first_time_us() const { return first_time_us_; }
  std::uint64_t last_time_us() const { return last_time_us_; }

  static constexpr std::size_t kSnapLength = 16'384;

 private:
  void put32(std::uint64_t value);
  void flush();

  struct Close {
    void operator()(std::FILE* file) const { static_cast<void>(std::fclose(file)); }
  };
  std::string path_;
  std::unique_ptr<std::FILE, Close> file_;
  std::vector<std::uint8_t> buffer_;
  std::size_t filled_ = 0;
  std::uint64_t packets_ = 0;
  std::uint64_t frame_octets_ = 0;
  std::uint64_t first_time_us_ = 0;
  std::uint64_t last_time_us_ = 0;
};

}  // namespace mailglass::generate
