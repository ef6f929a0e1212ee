// SPDX-License-Identifier: BSD-3-Clause
// A self-signed certificate made for these tests with openssl req; its key is gone.
#pragma once

#include <openssl/evp.h>

#include <string>
#include <string_view>

namespace mailglass::test {

inline std::string example_certificate() {
  constexpr std::string_view kBase64 =
      "MIIBpDCCAVYCAwobLDAFBgMrZXAwfTELMAkGA1UEBhMCREUxHTAbBgNVBAoMFELDpGNrZXJlaSwgU29obiAmIENv"
      "MQ0wCwYDVQQLDARNYWlsMRkwFwYDVQQDDBBtYWlsLmV4YW1wbGUub3JnMSUwIwYJKoZIhvcNAQkBFhZwb3N0bWFz"
      "dGVyQGV4YW1wbGUub3JnMB4XDTI2MTEyMzE5MzMzMFoXDTM2MTEyMDE5MzMzMFowfTELMAkGA1UEBhMCREUxHTAb"
      "BgNVBAoMFELDpGNrZXJlaSwgU29obiAmIENvMQ0wCwYDVQQLDARNYWlsMRkwFwYDVQQDDBBtYWlsLmV4YW1wbGUu"
      "b3JnMSUwIwYJKoZIhvcNAQkBFhZwb3N0bWFzdGVyQGV4YW1wbGUub3JnMCowBQYDK2VwAyEAaqMB7OFEVwOC3xFe"
      "k+MOfY5udXwVoSBYkKw0sk0pYNowBQYDK2VwA0EAx7tEdj3pGMNMmBCRX34ttoKz9lsb/PYRXf8GIlD8nAlRvwHx"
      "VutsXEbNoMrSgsaG1Aj4vtcK0N0xw2oWquHWCQ==";
  std::string der(kBase64.size(), '\0');
  const int length = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(der.data()),
                                     reinterpret_cast<const unsigned char*>(kBase64.data()),
                                     static_cast<int>(kBase64.size()));
  der.resize(static_cast<std::size_t>(length) - 2);  // two octets of padding
  return der;
}

}  // namespace mailglass::test
