// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <string>
#include <utility>

#include "dialogue.h"

namespace mailglass::generate {

namespace {

std::string be16(std::size_t value) {
  return {static_cast<char>((value >> 8U) & 0xffU), static_cast<char>(value & 0xffU)};
}

std::string noise(Random& random, std::size_t length) {
  std::string out;
  while (out.size() < length) out += static_cast<char>(random.below(256));
  return out;
}

// RFC 8446 section 5.1, the legacy record version of TLS 1.2.
std::string tls_record(char type, std::string_view fragment) {
  return std::string(1, type) + "\x03\x03" + be16(fragment.size()) + std::string(fragment);
}

std::string extension(std::size_t type, const std::string& data) {
  return be16(type) + be16(data.size()) + data;
}

std::string handshake(char type, const std::string& body) {
  return std::string(1, type) + std::string(1, '\0') + be16(body.size()) + body;
}

// RFC 8446 section 4.1.2.
std::string client_hello(Random& random, const std::string& session_id, const std::string& host) {
  const std::string name = std::string(1, '\0') + be16(host.size()) + host;
  const std::string share = be16(0x001d) + be16(32) + noise(random, 32);
  const std::string extensions =
      extension(0, be16(name.size()) + name) +                // server_name
      extension(10, be16(4) + be16(0x001d) + be16(0x0017)) +  // supported_groups
      extension(13, be16(4) + be16(0x0804) + be16(0x0403)) +  // signature_algorithms
      extension(43, std::string("\x02\x03\x04")) +            // supported_versions
      extension(51, be16(share.size()) + share);              // key_share
  return handshake('\x01', "\x03\x03" + noise(random, 32) + '\x20' + session_id + be16(6) +
                               be16(0x1301) + be16(0x1302) + be16(0x1303) + '\x01' + '\0' +
                               be16(extensions.size()) + extensions);
}

// RFC 8446 section 4.1.3.
std::string server_hello(Random& random, const std::string& session_id) {
  const std::string extensions =
      extension(43, be16(0x0304)) + extension(51, be16(0x001d) + be16(32) + noise(random, 32));
  return handshake('\x02', "\x03\x03" + noise(random, 32) + '\x20' + session_id + be16(0x1301) +
                               '\0' + be16(extensions.size()) + extensions);
}

// `octets` of application data in records of at most 2^14 octets.
Payload application_data(const Corpus& corpus, Random& random, std::size_t octets) {
  Payload payload;
  while (octets > 0) {
    const std::size_t length = std::min<std::size_t>(octets, 16'384);
    payload.add("\x17\x03\x03" + be16(length));
    corpus.add_noise(payload, random, length);
    octets -= length;
  }
  return payload;
}

std::size_t answer_size(const Scene& scene, Random& random) {
  return static_cast<std::size_t>(
      random.bounded_lognormal(static_cast<double>(scene.options.body)));
}

}  // namespace

Script http_dialogue(const Scene& scene, Random& random) {
  Script script(random);
  script.closes_first = Side::kClient;
  const std::uint64_t requests = random.at_least_one(2.0, 20);
  for (std::uint64_t i = 0; i < requests; ++i) {
    script.client("GET /page/" + std::to_string(random.below(10'000)) +
                  " HTTP/1.1\r\nHost: www.example.com\r\nUser-Agent: Mozilla/5.0\r\nAccept: "
                  "*/*\r\nConnection: keep-alive\r\n\r\n");
    Payload body;
    scene.corpus.add_text(body, random, answer_size(scene, random));
    Payload answer(
        "HTTP/1.1 200 OK\r\nServer: nginx\r\nContent-Type: text/plain\r\n"
        "Content-Length: " +
        std::to_string(body.size()) + "\r\nConnection: keep-alive\r\n\r\n");
    answer.add(std::move(body));
    script.server(std::move(answer));
  }
  return script;
}

// The shape of a TLS 1.3 connection; what would be encrypted is noise.
Script tls_dialogue(const Scene& scene, Random& random) {
  Script script(random);
  script.closes_first = Side::kClient;
  const std::string session_id = noise(random, 32);
  const std::string change_cipher = tls_record('\x14', "\x01");
  script.client(tls_record('\x16', client_hello(random, session_id, "www.example.com")));
  Payload flight(tls_record('\x16', server_hello(random, session_id)) + change_cipher);
  flight.add(application_data(scene.corpus, random, random.between(2'000, 4'000)));
  script.server(std::move(flight));
  Payload finished(change_cipher);
  finished.add(application_data(scene.corpus, random, 53));
  finished.add(application_data(scene.corpus, random, random.between(100, 800)));
  script.client(std::move(finished));
  script.server(application_data(scene.corpus, random, answer_size(scene, random)));
  return script;
}

}  // namespace mailglass::generate
