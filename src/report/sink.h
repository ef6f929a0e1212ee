// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace mailglass::report {

// Where finished lines go. Never throws: what cannot be delivered is counted, line by line, and as
// soon as delivery works again it goes on. Every line given is in the end written or dropped.
class Sink {
 public:
  virtual ~Sink() = default;

  virtual void write(std::string_view line) = 0;  // without '\n'
  virtual void flush() = 0;

  const std::string& failure() const { return failure_; }  // the first: "eve.json: No space ..."
  const std::string& trouble() const { return trouble_; }  // likewise; empty while all is well
  std::uint64_t written() const { return written_; }
  std::uint64_t dropped() const { return dropped_; }

 protected:
  Sink() = default;
  Sink(Sink&&) = default;
  Sink(const Sink&) = delete;
  Sink& operator=(const Sink&) = delete;

  void in_trouble(const std::string& sentence) {
    if (failure_.empty()) failure_ = sentence;
    trouble_ = sentence;
  }
  void well() { trouble_.clear(); }

  std::uint64_t written_ = 0;
  std::uint64_t dropped_ = 0;

 private:
  std::string failure_, trouble_;
};

}  // namespace mailglass::report
