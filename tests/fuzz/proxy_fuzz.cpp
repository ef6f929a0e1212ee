// SPDX-License-Identifier: BSD-3-Clause
// libFuzzer target: a PROXY header read at once and octet by octet is the same header, and as many
// octets long.
#include <cstring>

#include "mail/proxy_header.h"
#include "tests/fuzz/outcome.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace mailglass;
  using State = mail::ProxyHeader::State;
  const Bytes all(data, size);
  mail::ProxyHeader whole, cut;
  Bytes rest = all;
  const State state = whole.take(rest);
  std::size_t taken = 0;
  while (taken < size && cut.state() == State::partial) {
    Bytes one = all.subspan(taken, 1);
    cut.take(one);
    if (cut.state() == State::absent) break;
    if (!one.empty()) test::broken("an octet of the header was left");
    ++taken;
  }
  if (cut.state() != state) test::broken("cut otherwise, it is another header");
  if (state == State::absent && rest.size() != size) test::broken("octets are gone");
  if (state == State::absent && cut.held().size() != taken) test::broken("octets were not held");
  if (state != State::absent && size - rest.size() != taken) test::broken("another length");
  const tally::Proxied &a = whole.said(), &b = cut.said();
  if (state == State::whole &&
      (a.source != b.source || a.destination != b.destination || a.source_port != b.source_port ||
       a.destination_port != b.destination_port || a.local != b.local)) {
    test::broken("cut otherwise, it names another client");
  }
  return 0;
}
