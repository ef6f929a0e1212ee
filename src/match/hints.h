// SPDX-License-Identifier: BSD-3-Clause
// What patterns can say of a line. The names are those of config/patterns; each list below is the
// one place where a name becomes a number.
#pragma once

#include <cstdint>

namespace mailglass::match {

// clang-format off
// protocol.patterns: several may hold for one line.
#define MAILGLASS_PROTOCOL_HINTS(X)                                                           \
  X(lmtp_banner) X(smtp_banner) X(smtp_perhaps) X(smtp_reply) X(pop3_banner) X(pop3_perhaps)  \
  X(smtp_greeting) X(lmtp_greeting) X(smtp_command) X(smtp_word) X(pop3_command) X(pop3_word)

// smtp-replies.patterns and pop3-replies.patterns.
#define MAILGLASS_SMTP_REPLY_HINTS(X) X(reply) X(enhanced) X(starttls) X(pipelining) X(size)
#define MAILGLASS_POP3_REPLY_HINTS(X) X(ok) X(err) X(challenge) X(stls) X(pipelining)
// clang-format on

enum class ProtocolHint : std::uint8_t {
#define X(name) name,
  MAILGLASS_PROTOCOL_HINTS(X)
};
enum class SmtpReplyHint : std::uint8_t { MAILGLASS_SMTP_REPLY_HINTS(X) };
enum class Pop3ReplyHint : std::uint8_t { MAILGLASS_POP3_REPLY_HINTS(X) };
#undef X

// The set of hints that hold for one line.
template <typename Hint>
class Hints {
 public:
  void add(Hint hint) { bits_ |= bit(hint); }
  void add(Hints others) { bits_ |= others.bits_; }
  bool has(Hint hint) const { return (bits_ & bit(hint)) != 0; }
  bool none() const { return bits_ == 0; }

 private:
  static std::uint32_t bit(Hint hint) { return 1u << static_cast<unsigned>(hint); }
  std::uint32_t bits_ = 0;
};

}  // namespace mailglass::match
