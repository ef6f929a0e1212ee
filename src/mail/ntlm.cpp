// SPDX-License-Identifier: BSD-3-Clause
#include "mail/ntlm.h"

#include <algorithm>
#include <cstring>

namespace mailglass::mail {
namespace {

constexpr std::uint8_t kSignature[] = {'N', 'T', 'L', 'M', 'S', 'S', 'P', 0, 3, 0, 0, 0};

// Where each name's length, allocated length and offset stand.
constexpr std::size_t kDomain = 28, kUser = 36, kWorkstation = 44, kFlags = 60;
constexpr std::size_t kShortest = 64;
constexpr std::uint32_t kUnicode = 1;  // NTLMSSP_NEGOTIATE_UNICODE

std::uint32_t le16(const std::uint8_t* p) { return p[0] | std::uint32_t{p[1]} << 8; }
std::uint32_t le32(const std::uint8_t* p) { return le16(p) | le16(p + 2) << 16; }

// The answers to the challenge: what proves the secret.
constexpr std::size_t kLmResponse = 12, kNtResponse = 20;

Bytes field(Bytes message, std::size_t at) {
  const std::size_t length = le16(message.data() + at);
  const std::size_t offset = le32(message.data() + at + 4);
  if (offset > message.size() || length > message.size() - offset) return {};
  return message.subspan(offset, length);
}

bool overlap(Bytes a, Bytes b) {
  return !a.empty() && !b.empty() && a.data() < b.data() + b.size() &&
         b.data() < a.data() + a.size();
}

// UTF-8 of one code point; false when there is no room.
bool put(std::uint32_t c, std::span<char> out, std::size_t& size) {
  char octet[4];
  std::size_t count = 0;
  const auto add = [&](std::uint32_t value) { octet[count++] = static_cast<char>(value); };
  if (c < 0x80) {
    add(c);
  } else if (c < 0x800) {
    add(0xc0 | c >> 6);
  } else if (c < 0x10000) {
    add(0xe0 | c >> 12);
    add(0x80 | (c >> 6 & 0x3f));
  } else {
    add(0xf0 | c >> 18);
    add(0x80 | (c >> 12 & 0x3f));
    add(0x80 | (c >> 6 & 0x3f));
  }
  if (c >= 0x80) add(0x80 | (c & 0x3f));
  if (size + count > out.size()) return false;
  std::memcpy(out.data() + size, octet, count);
  size += count;
  return true;
}

}  // namespace

std::optional<NtlmNames> read_ntlm_authenticate(Bytes message) {
  if (message.size() < kShortest) return std::nullopt;
  if (std::memcmp(message.data(), kSignature, sizeof kSignature) != 0) return std::nullopt;
  NtlmNames names;
  names.domain = field(message, kDomain);
  names.user = field(message, kUser);
  names.workstation = field(message, kWorkstation);
  for (const std::size_t proof : {kLmResponse, kNtResponse}) {
    for (Bytes* name : {&names.domain, &names.user, &names.workstation}) {
      if (overlap(*name, field(message, proof))) *name = {};
    }
  }
  names.utf16 = (le32(message.data() + kFlags) & kUnicode) != 0;
  return names;
}

std::string_view ntlm_text(Bytes name, bool utf16, std::span<char> out) {
  if (!utf16) {
    const std::size_t size = std::min(name.size(), out.size());
    if (size != 0) std::memcpy(out.data(), name.data(), size);
    return {out.data(), size};
  }
  std::size_t size = 0;
  for (std::size_t i = 0; i + 1 < name.size(); i += 2) {
    std::uint32_t c = le16(name.data() + i);
    const bool first = c >= 0xd800 && c < 0xdc00;
    const std::uint32_t second = first && i + 3 < name.size() ? le16(name.data() + i + 2) : 0;
    if (second >= 0xdc00 && second < 0xe000) {
      c = 0x10000 + ((c - 0xd800) << 10) + (second - 0xdc00);
      i += 2;
    } else if (c >= 0xd800 && c < 0xe000) {
      c = 0xfffd;
    }
    if (!put(c, out, size)) break;
  }
  return {out.data(), size};
}

}  // namespace mailglass::mail
