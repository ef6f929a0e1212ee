// SPDX-License-Identifier: BSD-3-Clause
#include "mail/transfer_decoder.h"

#include <algorithm>
#include <cstring>

#include "base/bulk.h"
#include "base/hex.h"
#include "mail/base64.h"

namespace mailglass::mail {

using tally::Encoding;

namespace {

bool is_blank(std::uint8_t c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

}  // namespace

std::uint64_t TransferDecoder::size() const {
  if (encoding_ != Encoding::base64) return taken_;
  const std::uint64_t rest = taken_ % 4;
  return taken_ / 4 * 3 + (rest == 0 ? 0 : rest - 1);
}

std::size_t TransferDecoder::decode(Bytes& in, std::span<std::uint8_t> out) {
  switch (encoding_) {
    case Encoding::base64:
      return base64(in, out);
    case Encoding::quoted_printable:
      return quoted_printable(in, out);
    case Encoding::uuencode:
      return uuencode(in, out);
    default:
      break;
  }
  const std::size_t length = std::min(in.size(), out.size());
  if (length != 0) std::memcpy(out.data(), in.data(), length);
  in = in.subspan(length);
  taken_ += length;
  return length;
}

std::size_t TransferDecoder::finish(std::span<std::uint8_t> out) {
  std::uint8_t* to = out.data();
  if (at_ == At::hex) {  // "=" and a digit: shown as they stand
    *to++ = '=';
    *to++ = static_cast<std::uint8_t>(group_);
    invalid_ = true;
  } else if (encoding_ == Encoding::base64 && at_ != At::ended && taken_ % 4 != 0) {
    base64_octet('=', to);
    invalid_ = true;  // the padding is missing
  } else if (encoding_ == Encoding::uuencode && at_ != At::ended) {
    invalid_ = true;
  }
  return static_cast<std::size_t>(to - out.data());
}

// One octet; true when it stands between groups, where blocks may be taken.
bool TransferDecoder::base64_octet(std::uint8_t octet, std::uint8_t*& to) {
  const std::uint8_t value = kBase64Value[octet];
  if (value != kNoBase64Digit) {
    if (at_ == At::ended) return invalid_ = true, false;
    group_ = group_ << 6 | value;
    if (++taken_ % 4 != 0) return false;
    *to++ = static_cast<std::uint8_t>(group_ >> 16);
    *to++ = static_cast<std::uint8_t>(group_ >> 8);
    *to++ = static_cast<std::uint8_t>(group_);
    return true;
  }
  if (octet != '=') {
    invalid_ = invalid_ || !is_blank(octet);
    return octet == '\n' && taken_ % 4 == 0;
  }
  if (at_ == At::ended) return false;
  const unsigned rest = static_cast<unsigned>(taken_ % 4);
  if (rest < 2) return invalid_ = true, false;
  group_ <<= 6 * (4 - rest);
  *to++ = static_cast<std::uint8_t>(group_ >> 16);
  if (rest == 3) *to++ = static_cast<std::uint8_t>(group_ >> 8);
  at_ = At::ended;
  return false;
}

std::size_t TransferDecoder::base64(Bytes& in, std::span<std::uint8_t> out) {
  std::uint8_t* to = out.data();
  const std::uint8_t* const end = to + out.size();
  while (!in.empty() && end - to >= 3) {
    if (taken_ % 4 == 0 && at_ != At::ended) {
      const Bulk::Base64 done =
          bulk.base64_groups(in.data(), in.size(), to, static_cast<std::size_t>(end - to));
      in = in.subspan(done.read);
      to += done.written;
      taken_ += done.written / 3 * 4;
      if (in.empty() || end - to < 3) break;
    }
    // What stands between groups, or cuts one; then whole ones are tried again.
    for (int i = 0; i < 32 && !in.empty() && end - to >= 3; ++i) {
      const std::uint8_t octet = in.front();
      in = in.subspan(1);
      if (base64_octet(octet, to)) break;
    }
  }
  return static_cast<std::size_t>(to - out.data());
}

void TransferDecoder::count(Bytes in) {
  std::uint8_t scratch[4];
  while (!in.empty()) {
    if (at_ != At::ended) {
      std::uint64_t digits = 0;
      in = in.subspan(bulk.base64_digits(in.data(), in.size(), digits));
      taken_ += digits;
    }
    for (int i = 0; i < 16 && !in.empty(); ++i) {
      std::uint8_t* to = scratch;
      base64_octet(in.front(), to);
      in = in.subspan(1);
    }
  }
}

std::size_t TransferDecoder::quoted_printable(Bytes& in, std::span<std::uint8_t> out) {
  std::size_t written = 0;
  const auto put = [&](std::uint8_t octet) { out[written++] = octet; };
  while (!in.empty() && written + 3 <= out.size()) {
    if (at_ == At::text) {
      const std::size_t room = std::min(in.size(), out.size() - written);
      const void* const equals = std::memchr(in.data(), '=', room);
      const std::size_t run =
          equals == nullptr
              ? room
              : static_cast<std::size_t>(static_cast<const std::uint8_t*>(equals) - in.data());
      std::memcpy(out.data() + written, in.data(), run);
      written += run;
      in = in.subspan(run);
      if (equals == nullptr) continue;
      in = in.subspan(1);
      at_ = At::equals;
      continue;
    }
    const std::uint8_t octet = in.front();
    const int digit = hex_digit(octet);
    if (at_ == At::equals && digit >= 0) {
      group_ = octet;
      at_ = At::hex;
    } else if (at_ == At::hex && digit >= 0) {
      const int high = hex_digit(static_cast<std::uint8_t>(group_));
      put(static_cast<std::uint8_t>(high << 4 | digit));
      at_ = At::text;
    } else if (at_ != At::hex && is_blank(octet)) {
      at_ = octet == '\n' ? At::text : At::soft;  // blanks before the line end: added on the way
    } else {
      // RFC 2045 section 6.7: shown as it stands.
      invalid_ = true;
      put('=');
      if (at_ == At::hex) put(static_cast<std::uint8_t>(group_));
      at_ = At::text;
      continue;
    }
    in = in.subspan(1);
  }
  taken_ += written;
  return written;
}

std::size_t TransferDecoder::uuencode(Bytes& in, std::span<std::uint8_t> out) {
  static constexpr std::string_view kBegin = "begin ";
  if (at_ == At::text) at_ = At::seek;
  std::size_t written = 0;
  while (!in.empty() && written + 3 <= out.size()) {
    const std::uint8_t octet = in.front();
    in = in.subspan(1);
    const bool line_end = octet == '\n';
    switch (at_) {
      case At::seek:
        if (octet == static_cast<std::uint8_t>(kBegin[left_])) {
          if (++left_ == kBegin.size()) at_ = At::header;
          break;
        }
        left_ = 0;
        if (!line_end) at_ = At::skip;
        break;
      case At::skip:
        if (line_end) at_ = At::seek;
        break;
      case At::header:
        if (line_end) at_ = At::length;
        break;
      case At::length:
        if (octet == 'e') {  // "end": no length is written so
          at_ = At::ended;
        } else if (octet > ' ' && octet <= '`') {
          left_ = static_cast<std::uint8_t>((octet - ' ') & 63);
          digits_ = 0;
          at_ = At::soft;
        } else if (!is_blank(octet)) {
          invalid_ = true;
          at_ = At::header;  // this line is skipped
        }
        break;
      case At::soft:  // in a line of data
        if (line_end && (left_ == 0 || digits_ % 4 == 0)) {
          at_ = At::length;
        } else if (left_ != 0 && octet != '\r') {
          // A line that ends inside a group has lost blanks on the way: they are read all the same.
          if (line_end) in = {in.data() - 1, in.size() + 1};
          invalid_ = invalid_ || (octet < ' ' && !line_end) || octet > '`';
          group_ = group_ << 6 | ((line_end ? 0 : octet - unsigned{' '}) & 63);
          if (++digits_ % 4 != 0) break;
          for (int shift = 16; shift >= 0 && left_ != 0; shift -= 8, --left_) {
            out[written++] = static_cast<std::uint8_t>(group_ >> shift);
          }
        }
        break;
      default:
        break;
    }
  }
  taken_ += written;
  return written;
}

}  // namespace mailglass::mail
