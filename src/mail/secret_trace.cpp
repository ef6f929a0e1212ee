// SPDX-License-Identifier: BSD-3-Clause
#include "mail/secret_trace.h"

#include <cstring>

#include "base/mix.h"
#include "mail/words.h"

namespace mailglass::mail {
namespace {

std::uint32_t mixture(const Credentials& credentials, std::uint64_t octets, std::size_t length) {
  std::uint64_t key[2];
  std::memcpy(key, credentials.key.data(), sizeof key);
  return static_cast<std::uint32_t>(mixed(mixed(key[0] ^ length, octets), key[1]) >> 32);
}

// One of 64, by the key: a glance before the mixture, which costs ten times as much.
std::uint64_t slot(std::uint64_t key, std::uint64_t octets, std::size_t length) {
  return std::uint64_t{1} << ((((octets + length) ^ key) * (key | 1)) >> 58);
}

std::uint64_t sieve_key(const Credentials& credentials) {
  std::uint64_t key;
  std::memcpy(&key, credentials.key.data(), sizeof key);
  return key ^ 0x9e3779b97f4a7c15;  // not 0 where no key was set
}

constexpr std::uint64_t last(std::uint64_t octets, std::size_t length) {
  return length == 8 ? octets : octets & ((std::uint64_t{1} << 8 * length) - 1);
}

constexpr std::uint64_t joined(std::uint64_t octets, char c) {
  return octets << 8 | static_cast<std::uint8_t>(lower(c));
}

constexpr bool in_a_word(char c) {
  return (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z');
}

}  // namespace

void SecretTrace::add(const Credentials& credentials, std::string_view secret) {
  secret = trim(secret);
  add_one(credentials, secret);
  for (int words = 0; words < 4 && !secret.empty(); ++words) {
    const std::string_view word = take_word(secret);
    if (words == 0 && (secret.empty() || word.size() >= kOctets)) continue;  // it was the whole
    add_one(credentials, word);
  }
}

void SecretTrace::add_one(const Credentials& credentials, std::string_view text) {
  const std::string_view front = head(text, kOctets);
  if (front.empty()) return;
  std::uint64_t octets = 0;
  for (const char c : front) octets = joined(octets, c);
  sieve_ |= slot(sieve_key(credentials), octets, front.size());
  mixture_[next_] = mixture(credentials, octets, front.size());
  octets_[next_] = static_cast<std::uint8_t>(front.size());
  next_ = static_cast<std::uint8_t>((next_ + 1) % kTexts);
  lengths_ = static_cast<std::uint8_t>(lengths_ | 1u << (front.size() - 1));
}

bool SecretTrace::found_in(const Credentials& credentials, std::string_view text) const {
  if (lengths_ == 0) return false;
  const std::uint64_t key = sieve_key(credentials);
  std::uint64_t octets = 0;
  for (std::size_t end = 1; end <= text.size(); ++end) {
    octets = joined(octets, text[end - 1]);
    for (std::size_t length = 1; length <= std::min(kOctets, end); ++length) {
      if ((lengths_ >> (length - 1) & 1u) == 0) continue;
      if ((slot(key, last(octets, length), length) & sieve_) == 0) continue;
      const bool alone = (end == length || !in_a_word(text[end - length - 1])) &&
                         (end == text.size() || !in_a_word(text[end]));
      if (length <= kShort && !alone) continue;
      const std::uint32_t found = mixture(credentials, last(octets, length), length);
      for (std::size_t i = 0; i < kTexts; ++i) {
        if (octets_[i] == length && mixture_[i] == found) return true;
      }
    }
  }
  return false;
}

}  // namespace mailglass::mail
