// SPDX-License-Identifier: BSD-3-Clause
#include "pcap.h"

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>
#include <stdexcept>

namespace mailglass::generate {

namespace {

constexpr std::size_t kBuffer = 4U << 20U;
constexpr std::size_t kFileHeader = 24;
constexpr std::size_t kPacketHeader = 16;

[[noreturn]] void fail(const std::string& path) {
  throw std::runtime_error(path + ": " + std::strerror(errno));
}

}  // namespace

PacketWriter::PacketWriter(const std::string& path)
    : path_(path), file_(std::fopen(path.c_str(), "wb")), buffer_(kBuffer) {
  if (!file_) fail(path_);
  static_cast<void>(std::setvbuf(file_.get(), nullptr, _IONBF, 0));  // the buffer is ours
  put32(0xa1b2c3d4U);
  // Version 2.4 as two 16-bit fields.
  put32(std::endian::native == std::endian::little ? 0x0004'0002U : 0x0002'0004U);
  put32(0);
  put32(0);
  put32(kSnapLength);
  put32(1);  // LINKTYPE_ETHERNET
}

std::span<std::uint8_t> PacketWriter::room() {
  if (buffer_.size() - filled_ < kPacketHeader + kSnapLength) flush();
  return std::span(buffer_).subspan(filled_ + kPacketHeader, kSnapLength);
}

void PacketWriter::commit(std::uint64_t time_us, std::size_t length) {
  if (packets_ == 0) first_time_us_ = time_us;
  last_time_us_ = std::max(last_time_us_, time_us);
  put32(last_time_us_ / 1'000'000);
  put32(last_time_us_ % 1'000'000);
  put32(length);
  put32(length);
  filled_ += length;
  ++packets_;
  frame_octets_ += length;
}

std::uint64_t PacketWriter::file_octets() const {
  return kFileHeader + packets_ * kPacketHeader + frame_octets_;
}

void PacketWriter::put32(std::uint64_t value) {
  const auto word = static_cast<std::uint32_t>(value);
  std::memcpy(buffer_.data() + filled_, &word, sizeof word);
  filled_ += sizeof word;
}

void PacketWriter::flush() {
  if (std::fwrite(buffer_.data(), 1, filled_, file_.get()) != filled_) fail(path_);
  filled_ = 0;
}

void PacketWriter::close() {
  flush();
  if (std::fclose(file_.release()) != 0) fail(path_);
}

}  // namespace mailglass::generate
