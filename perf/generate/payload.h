// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mailglass::generate {

// What one side says in one turn: its own short pieces (commands, header fields) and views of the
// corpus (bodies). Bodies are never copied until they reach the frame, so a session costs a few
// kilobytes however long its messages are.
class Payload {
 public:
  Payload() = default;
  explicit Payload(std::string own) { add(std::move(own)); }

  void add(std::string own);
  // The octets must outlive the payload.
  void add_shared(std::string_view shared);
  void add(Payload&& other);

  std::size_t size() const { return size_; }
  // Octets [offset, offset + out.size()); offset + out.size() <= size().
  void copy(std::size_t offset, std::span<std::uint8_t> out) const;

 private:
  struct Piece {
    std::string own;
    std::string_view shared;
    std::string_view octets() const { return shared.empty() ? std::string_view(own) : shared; }
  };
  std::vector<Piece> pieces_;
  std::size_t size_ = 0;
};

}  // namespace mailglass::generate
