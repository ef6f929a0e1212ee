// SPDX-License-Identifier: BSD-3-Clause
#include "mail/tls.h"

#include "base/cursor.h"

namespace mailglass::mail {

using tally::Anomaly;
using tally::Count;
using tally::Direction;
using Step = TlsMessages::Step;

namespace {

constexpr std::uint16_t kSupportedVersions = 43;  // RFC 8446 section 4.2.1
constexpr std::uint16_t kTls13 = 0x0304;
constexpr std::uint8_t kFatal = 2, kCloseNotify = 0;

// 1.3 and its drafts say "1.2" where the version used to stand, and the truth in an extension.
std::uint16_t chosen_version(Bytes hello) {
  Cursor cursor(hello);
  const std::uint16_t version = cursor.u16();
  cursor.take(32);   // random
  cursor.vector8();  // session id
  cursor.take(3);    // cipher suite, compression
  Cursor extensions(cursor.vector16());
  while (!extensions.empty()) {
    const std::uint16_t type = extensions.u16();
    const Bytes body = extensions.vector16();
    if (type == kSupportedVersions && body.size() == 2) return Cursor(body).u16();
  }
  return version;
}

bool hides_certificate(std::uint16_t version) { return version >= kTls13; }

// RFC 8446 section 6; those that a hello or a certificate is answered with.
std::string_view name_of_alert(std::uint8_t description) {
  switch (description) {
    case 10:
      return "unexpected_message";
    case 40:
      return "handshake_failure";
    case 42:
      return "bad_certificate";
    case 45:
      return "certificate_expired";
    case 47:
      return "illegal_parameter";
    case 48:
      return "unknown_ca";
    case 50:
      return "decode_error";
    case 70:
      return "protocol_version";
    case 71:
      return "insufficient_security";
    case 80:
      return "internal_error";
    case 86:
      return "inappropriate_fallback";
    case 109:
      return "missing_extension";
    case 112:
      return "unrecognized_name";
    case 120:
      return "no_application_protocol";
    default:
      return {};
  }
}

Count row_of(std::uint16_t version) {
  if (version >> 8 == 0x7f) return Count::tls_version_13;  // drafts, RFC 8446 section 4.2.1.1
  switch (version) {
    case 0:
      return Count::tls_version_unseen;
    case 0x0300:
      return Count::tls_version_ssl3;
    case 0x0301:
      return Count::tls_version_10;
    case 0x0302:
      return Count::tls_version_11;
    case 0x0303:
      return Count::tls_version_12;
    case kTls13:
      return Count::tls_version_13;
    default:
      return Count::tls_version_other;
  }
}

}  // namespace

void Tls::data(Turn& turn, Direction direction, Bytes octets) {
  TlsMessages& side = side_[static_cast<int>(direction)];
  while (!done_ && !octets.empty()) {
    // Behind its hello the client has nothing to say in clear until the server has answered.
    const bool mute = direction == Direction::to_server && client_is_mute_;
    const std::size_t before = octets.size();
    if (mute) {
      octets = {};
    } else {
      step(turn, direction, side.take(turn.blocks(), turn.counters(), octets));
    }
    octets_ += static_cast<std::uint32_t>(before - octets.size());
    if (octets_ > kPatience && !done_) end(turn);
  }
}

void Tls::step(Turn& turn, Direction direction, Step step) {
  switch (step) {
    case Step::more:
      return;
    case Step::message:
      return direction == Direction::to_server ? client_message(turn) : server_message(turn);
    case Step::alert:
      return alert(turn, direction);
    case Step::other:
      return server_hello_ ? end(turn) : malformed(turn, direction);
    case Step::malformed:
      return malformed(turn, direction);
  }
}

void Tls::client_message(Turn& turn) {
  if (side_[0].type() != TlsType::client_hello) return malformed(turn, Direction::to_server);
  client_is_mute_ = true;
  say(turn, Direction::to_server);
  side_[0].release(turn.blocks());
  if (!turn.seen(Direction::to_client)) end(turn);
}

void Tls::server_message(Turn& turn) {
  const TlsMessages& server = side_[1];
  if (server.type() == TlsType::hello_request) return;
  if (!server_hello_) {
    if (server.type() != TlsType::server_hello) return malformed(turn, Direction::to_client);
    server_hello_ = true;
    version_ = chosen_version(as_bytes(server.part(turn.blocks(), 0)));
    say(turn, Direction::to_client);
    // A HelloRetryRequest is a server hello as well and names the version.
    if (hides_certificate(version_) || server.cut()) end(turn);
    return;
  }
  if (server.type() == TlsType::certificate) say(turn, Direction::to_client);
  end(turn);  // a session resumed, or a server without a certificate, goes on with other messages
}

// Warnings, as of a name the server does not know (RFC 6066 section 3), do not end a handshake.
void Tls::alert(Turn& turn, Direction direction) {
  const TlsMessages& side = side_[static_cast<int>(direction)];
  if (side.alert_level() == kFatal) {
    turn.anomaly(Anomaly::tls_alert, direction, name_of_alert(side.alert()));
  } else if (side.alert() != kCloseNotify) {
    return;
  }
  end(turn);
}

void Tls::malformed(Turn& turn, Direction direction) {
  if (certain_) turn.anomaly(Anomaly::tls_malformed, direction);
  end(turn);
}

void Tls::say(Turn& turn, Direction direction) {
  const TlsMessages& side = side_[static_cast<int>(direction)];
  tally::TlsMessage record;
  record.octets = side.length();
  record.type = static_cast<std::uint8_t>(side.type());
  record.direction = direction;
  record.truncated = side.cut();
  const auto part = [&](std::size_t i) { return side.part(turn.blocks(), i); };
  turn.say(record, {part(0), part(1), part(2), part(3), part(4)});
}

void Tls::end(Turn& turn) {
  done_ = true;
  for (TlsMessages& side : side_) side.release(turn.blocks());
  turn.counters().add(row_of(version_));
  turn.say(tally::TlsEnd{.version = version_});
}

void Tls::gap(Turn& turn, Direction direction, std::uint64_t octets) {
  if (done_) return;
  turn.say(tally::Gap{octets, direction});
  if (direction == Direction::to_client) return end(turn);
  // What the server answers can be read all the same.
  client_is_mute_ = true;
  side_[0].release(turn.blocks());
}

void Tls::close(Turn& turn, tally::CloseReason) {
  if (!done_) end(turn);
}

}  // namespace mailglass::mail
