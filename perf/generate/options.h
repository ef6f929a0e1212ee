// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <string>

namespace mailglass::generate {

struct Options {
  std::string out;
  std::string truth;
  std::string per_session;
  std::uint64_t seed = 1;

  // How much: sessions are opened until the first of the limits is reached; 0 is no limit.
  std::uint64_t size = 0;
  std::uint64_t sessions = 0;
  std::uint64_t concurrency = 200;

  // Who talks: shares of 0 to 1.
  double smtp_share = 0.6;
  double background = 0.0;
  double ipv6 = 0.1;
  std::uint64_t syn_flood = 0;
  bool connections_only = false;

  // What they say.
  std::uint64_t body = 30'720;
  double attachments = 0.2;
  double pipelining = 0.3;
  double auth = 0.2;
  double rcpt = 1.5;
  double reject = 0.05;

  // How it travels.
  std::uint32_t mss = 1448;
  std::uint32_t segment = 0;
  std::uint32_t vlan = 0;
  std::uint64_t gap_us = 100;
  double reorder = 0.0;
  double duplicate = 0.0;
  double loss = 0.0;
};

// Exits with status 0 after --help and 2 after a usage error.
Options read_options(int argc, char** argv);

}  // namespace mailglass::generate
