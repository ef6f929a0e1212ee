// SPDX-License-Identifier: BSD-3-Clause
#include "report/detect/own_side.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

#include "report/envelope.h"

namespace mailglass::report {
namespace {

constexpr unsigned kAddressBits = 128;
constexpr unsigned kMappedBits = 96;  // in front of an IPv4 address

std::string_view next_word(std::string_view& words) {
  words.remove_prefix(std::min(words.find_first_not_of(" \t\n"), words.size()));
  const std::string_view word = words.substr(0, words.find_first_of(" \t\n"));
  words.remove_prefix(word.size());
  return word;
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool is_domain(std::string_view word) {
  return !word.empty() && word.size() <= 255 && word.front() != '.' && word.front() != '*' &&
         word.find("..") == word.npos && word.find_first_of("@/:,;<>\"") == word.npos;
}

bool parse_address(const std::string& text, Address& address, unsigned& most) {
  most = kAddressBits;
  if (inet_pton(AF_INET6, text.c_str(), address.octet.data()) == 1) return true;
  std::uint8_t four[4];
  if (inet_pton(AF_INET, text.c_str(), four) != 1) return false;
  address = Address::v4(four);
  most = kAddressBits - kMappedBits;
  return true;
}

bool same_front(const Address& a, const Address& b, unsigned bits) {
  const unsigned whole = bits / 8, rest = bits % 8;
  if (std::memcmp(a.octet.data(), b.octet.data(), whole) != 0) return false;
  return rest == 0 || (a.octet[whole] ^ b.octet[whole]) >> (8 - rest) == 0;
}

}  // namespace

bool DomainList::parse(std::string_view words) {
  domains_.clear();
  for (std::string_view word = next_word(words); !word.empty(); word = next_word(words)) {
    if (word.size() > 1 && word.ends_with('.')) word.remove_suffix(1);
    if (!is_domain(word)) return domains_.clear(), false;
    std::transform(word.begin(), word.end(), std::back_inserter(domains_.emplace_back()), lower);
  }
  return true;
}

bool DomainList::covers(std::string_view domain) const {
  if (domain.ends_with('.')) domain.remove_suffix(1);
  return std::any_of(domains_.begin(), domains_.end(), [&](const std::string& own) {
    if (domain.size() < own.size()) return false;
    const std::size_t front = domain.size() - own.size();
    return same_word(domain.substr(front), own) && (front == 0 || domain[front - 1] == '.');
  });
}

bool NetworkList::parse(std::string_view words) {
  networks_.clear();
  for (std::string_view word = next_word(words); !word.empty(); word = next_word(words)) {
    Network network;
    unsigned most = 0;
    const std::size_t slash = word.find('/');
    bool good = parse_address(std::string(word.substr(0, slash)), network.base, most);
    network.bits = most;
    if (good && slash != word.npos) {
      const std::string_view digits = word.substr(slash + 1);
      const auto [at, error] =
          std::from_chars(digits.data(), digits.data() + digits.size(), network.bits);
      good = error == std::errc() && at == digits.data() + digits.size() && network.bits <= most;
    }
    if (!good) return networks_.clear(), false;
    network.bits += kAddressBits - most;
    networks_.push_back(network);
  }
  return true;
}

bool NetworkList::covers(const Address& address) const {
  return std::any_of(networks_.begin(), networks_.end(), [&](const Network& network) {
    return same_front(address, network.base, network.bits);
  });
}

std::string_view destination_of(std::string_view path, const DomainList& own) {
  const std::size_t at = path.rfind('@');
  if (at == path.npos) return {};
  const std::string_view domain = path.substr(at + 1);
  if (!own.covers(domain)) return domain;
  std::string_view local = path.substr(0, at);
  while (local.starts_with('"') || local.starts_with('\\')) local.remove_prefix(1);
  while (local.ends_with('"')) local.remove_suffix(1);
  const auto dotted = [](std::string_view name) { return name.find('.') != name.npos; };
  if (const std::size_t sign = local.find_last_of("@%"); sign != local.npos) {
    if (const std::string_view next = local.substr(sign + 1); dotted(next)) return next;
  }
  if (const std::size_t bang = local.find('!'); bang != local.npos) {
    if (const std::string_view next = local.substr(0, bang); dotted(next)) return next;
  }
  return domain;
}

}  // namespace mailglass::report
