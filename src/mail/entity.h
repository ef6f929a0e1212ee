// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <span>
#include <string_view>

#include "tally/event.h"

namespace mailglass::mail {

enum class MediaType : std::uint8_t { text_plain, text_html, multipart, digest, message, other };

// What the header of a message or a part says about its body (RFC 2045 calls both entities).
struct Entity {
  MediaType type = MediaType::text_plain;  // RFC 2045 section 5.2
  tally::Encoding encoding = tally::Encoding::seven_bit;
  bool typed = false, encoded = false;  // the field was seen; the first of each kind counts
  bool attachment = false;              // said to be one, or it has a file name
  bool boundary_too_long = false;
  bool boundary_unkept = false;  // there was no room for it
  std::uint8_t boundary = 0;     // its octets

  bool composite() const { return type >= MediaType::multipart && type <= MediaType::message; }
  bool identity() const { return encoding <= tally::Encoding::binary; }
};

// RFC 2046 section 5.1.1 allows 70 octets; more are compared as far as they are kept, which that
// section allows too ("it is sufficient that the boundary appear in its entirety").
constexpr std::size_t kMaxBoundary = 70;
constexpr std::size_t kKeptBoundary = 127;

// Content-Type. A boundary is put into `room`.
void read_content_type(std::string_view value, Entity& entity, std::span<std::uint8_t> room);
void read_disposition(std::string_view value, Entity& entity);
void read_transfer_encoding(std::string_view value, Entity& entity);

}  // namespace mailglass::mail
