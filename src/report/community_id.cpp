// SPDX-License-Identifier: BSD-3-Clause
#include "report/community_id.h"

#include <array>
#include <cstdint>
#include <cstring>
#include <utility>

namespace mailglass::report {
namespace {

struct End {
  std::array<std::uint8_t, 16> address{};
  std::uint16_t port = 0;
  auto operator<=>(const End&) const = default;
};

// IPv4 addresses are hashed as their four octets.
End end_of(const Address& address, std::uint16_t port, std::size_t octets) {
  End end{.address = {}, .port = port};
  std::memcpy(end.address.data(), address.octet.data() + (16 - octets), octets);
  return end;
}

}  // namespace

CommunityId::CommunityId()
    : sha1_(EVP_MD_fetch(nullptr, "SHA1", nullptr)), context_(EVP_MD_CTX_new()) {}

std::string CommunityId::of(const tally::Opened& flow) {
  constexpr std::uint8_t kTcp = 6;
  const std::size_t octets = flow.ipv6 ? 16 : 4;
  End first = end_of(flow.client, flow.client_port, octets);
  End second = end_of(flow.server, flow.server_port, octets);
  if (second < first) std::swap(first, second);

  // seed, both addresses, protocol, a pad, both ports; all in network order
  std::array<std::uint8_t, 2 + 2 * 16 + 2 + 4> input{};
  std::uint8_t* at = input.data() + 2;
  at = static_cast<std::uint8_t*>(std::memcpy(at, first.address.data(), octets)) + octets;
  at = static_cast<std::uint8_t*>(std::memcpy(at, second.address.data(), octets)) + octets;
  *at++ = kTcp;
  *at++ = 0;
  for (std::uint16_t port : {first.port, second.port}) {
    *at++ = static_cast<std::uint8_t>(port >> 8);
    *at++ = static_cast<std::uint8_t>(port & 0xff);
  }

  std::array<std::uint8_t, EVP_MAX_MD_SIZE> digest{};
  unsigned int length = 0;
  // A build of OpenSSL without SHA-1 leaves the field out rather than inventing one.
  if (!sha1_ || EVP_DigestInit_ex2(context_.get(), sha1_.get(), nullptr) != 1 ||
      EVP_DigestUpdate(context_.get(), input.data(), static_cast<std::size_t>(at - input.data())) !=
          1 ||
      EVP_DigestFinal_ex(context_.get(), digest.data(), &length) != 1) {
    return {};
  }
  std::array<unsigned char, 32> base64{};  // of 20 octets: 28, and a NUL
  const int written = EVP_EncodeBlock(base64.data(), digest.data(), static_cast<int>(length));
  return "1:" + std::string(reinterpret_cast<const char*>(base64.data()),
                            static_cast<std::size_t>(written));
}

}  // namespace mailglass::report
