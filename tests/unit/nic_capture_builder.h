// SPDX-License-Identifier: BSD-3-Clause
// Small captures made in the test, octet by octet as the two drafts draw them.
#pragma once

#include <cstdint>
#include <fstream>
#include <string>
#include <vector>

namespace mailglass::test {

enum class Order { little, big };

// Appends numbers in either byte order.
class Octets {
 public:
  explicit Octets(Order order) : order_(order) {}

  Octets& u16(std::uint32_t v) { return number(v, 2); }
  Octets& u32(std::uint32_t v) { return number(v, 4); }
  Octets& text(const std::string& s) {
    all_ += s;
    return *this;
  }
  const std::string& str() const { return all_; }

 private:
  Octets& number(std::uint32_t v, unsigned octets) {
    for (unsigned i = 0; i < octets; ++i) {
      const unsigned shift = 8 * (order_ == Order::big ? octets - 1 - i : i);
      all_ += static_cast<char>(v >> shift & 0xff);
    }
    return *this;
  }

  Order order_;
  std::string all_;
};

constexpr std::uint32_t kMicroseconds = 0xa1b2c3d4, kNanoseconds = 0xa1b23c4d;

struct PcapOptions {
  Order order = Order::little;
  std::uint32_t magic = kMicroseconds;
  std::uint32_t link = 1;
  std::uint32_t minor = 4;
};

// Frame i has the time 1000 s + i us (or ns).
inline std::string pcap(const std::vector<std::string>& frames, PcapOptions options = {}) {
  Octets out(options.order);
  out.u32(options.magic).u16(2).u16(options.minor).u32(0).u32(0).u32(262144).u32(options.link);
  std::uint32_t i = 0;
  for (const std::string& frame : frames) {
    const auto length = static_cast<std::uint32_t>(frame.size());
    out.u32(1000).u32(i++).u32(length).u32(length).text(frame);
  }
  return out.str();
}

// The blocks of pcapng.
class Pcapng {
 public:
  explicit Pcapng(Order order = Order::little) : order_(order) { section(); }

  Pcapng& section() {
    return block(0x0a0d0d0a, Octets(order_).u32(0x1a2b3c4d).u16(1).u16(0).u32(~0u).u32(~0u).str());
  }
  Pcapng& interface(std::uint32_t link, std::uint32_t snap = 262144) {
    return block(1, Octets(order_).u16(link).u16(0).u32(snap).str());
  }
  Pcapng& frame(const std::string& octets, std::uint32_t interface = 0) {
    const auto length = static_cast<std::uint32_t>(octets.size());
    Octets body(order_);
    body.u32(interface).u32(0).u32(time_++).u32(length).u32(length).text(octets);
    return block(6, body.str());
  }
  Pcapng& simple(const std::string& octets, std::uint32_t length_on_wire) {
    return block(3, Octets(order_).u32(length_on_wire).text(octets).str());
  }
  Pcapng& block(std::uint32_t type, std::string body) {
    body.resize((body.size() + 3) / 4 * 4);
    const auto length = static_cast<std::uint32_t>(body.size()) + 12;
    all_ += Octets(order_).u32(type).u32(length).text(body).u32(length).str();
    return *this;
  }
  Pcapng& raw(const std::string& octets) {
    all_ += octets;
    return *this;
  }
  const std::string& str() const { return all_; }

 private:
  Order order_;
  std::uint32_t time_ = 0;
  std::string all_;
};

inline std::string write_file(const std::string& path, const std::string& content) {
  std::ofstream(path, std::ios::binary) << content;
  return path;
}

}  // namespace mailglass::test
