// SPDX-License-Identifier: BSD-3-Clause
#include "mail/url_finder.h"

#include "base/bulk.h"
#include "base/siphash.h"
#include "mail/words.h"

namespace mailglass::mail {
namespace {

using tally::Count;

constexpr std::string_view kSchemes[] = {"http", "https", "ftp"};

// The scheme that ends before "://", the last three of the octets in `recent`; empty when it is
// none of ours.
std::string_view scheme_at_end(std::uint64_t recent) {
  for (std::string_view scheme : kSchemes) {
    std::uint64_t before = recent >> 24;
    bool same = true;
    for (std::size_t i = scheme.size(); i-- > 0; before >>= 8) {
      same = same && lower(static_cast<char>(before & 0xff)) == scheme[i];
    }
    if (same) return scheme;
  }
  return {};
}

bool ends_url(std::uint8_t c) {
  return c <= ' ' || c == '"' || c == '<' || c == '>' || c == '\'' || c == '`' || c == 127;
}

// `recent` with the octets of `text` behind it.
std::uint64_t pushed(std::uint64_t recent, Bytes text) {
  if (text.size() >= sizeof recent) {
    std::memcpy(&recent, text.data() + text.size() - sizeof recent, sizeof recent);
    return __builtin_bswap64(recent);
  }
  for (const std::uint8_t octet : text) recent = recent << 8 | octet;
  return recent;
}

// Where the next "://" ends; 0 when there is none.
std::size_t authority(Bytes text) {
  for (std::size_t at = bulk.scheme_end(text.data(), text.size()); at + 3 <= text.size(); ++at) {
    if (text[at] == ':' && text[at + 1] == '/' && text[at + 2] == '/') return at + 3;
  }
  return 0;
}

}  // namespace

// True when a URL begins behind the last octets.
bool UrlFinder::begins() {
  if ((recent_ & 0xffffff) != 0x3a2f2f) return false;  // "://"
  const std::string_view scheme = scheme_at_end(recent_);
  if (scheme.empty()) return false;
  std::memcpy(url_, scheme.data(), scheme.size());
  std::memcpy(url_ + scheme.size(), "://", 3);
  length_ = static_cast<std::uint16_t>(scheme.size() + 3);
  return true;
}

// Up to the end of a scheme, whose URL then begins, or to the end of the text.
Bytes UrlFinder::skip(Bytes text) {
  // A "://" that was begun before ends in the first two octets.
  if ((recent_ & 0xff) == ':' || (recent_ & 0xffff) == 0x3a2f) {
    const std::uint64_t before = recent_;
    for (std::size_t i = 0; i < 2 && i < text.size(); ++i) {
      recent_ = pushed(recent_, text.subspan(i, 1));
      if (begins()) return text.subspan(i + 1);
    }
    recent_ = before;
  }
  while (!text.empty()) {
    const std::size_t end = authority(text);
    const std::size_t taken = end != 0 ? end : text.size();
    recent_ = pushed(recent_, text.first(taken));
    text = text.subspan(taken);
    if (end != 0 && begins()) break;
  }
  return text;
}

void UrlFinder::take(Turn& turn, const tally::Message& message, Bytes text) {
  while (!text.empty()) {
    text = length_ == 0 ? skip(text) : capture(turn, message, text);
  }
}

Bytes UrlFinder::capture(Turn& turn, const tally::Message& message, Bytes text) {
  std::size_t at = 0;
  while (at < text.size() && !ends_url(text[at])) {
    if (length_ < kOctets) {
      url_[length_++] = text[at];
    } else {
      cut_ = true;
    }
    ++at;
  }
  if (at < text.size()) report(turn, message, false);
  return text.subspan(at);
}

void UrlFinder::end_part(Turn& turn, const tally::Message& message, bool lost) {
  if (length_ != 0) report(turn, message, lost);
  begin_part();
}

void UrlFinder::report(Turn& turn, const tally::Message& message, bool lost) {
  std::string_view url = as_text({url_, length_});
  const bool cut = cut_ || lost;
  length_ = 0;
  cut_ = false;
  if (!cut) {
    const std::size_t last = url.find_last_not_of(".,;:!?)]}*_");
    url = head(url, last == url.npos ? 0 : last + 1);
  }
  if (url.empty() || url.back() == '/') {
    const std::size_t slash = url.find_last_not_of('/');
    if (slash == url.npos || url[slash] == ':') return;  // a scheme and no host
  }
  const auto wide = siphash128(turn.context.credentials.key, as_bytes(url));
  std::uint32_t hash;
  std::memcpy(&hash, wide.data(), sizeof hash);
  for (std::size_t i = 0; i < seen_; ++i) {
    if (hash_[i] == hash) return;
  }
  if (seen_ >= std::min<std::size_t>(turn.context.limits.urls, kUrls)) {
    return turn.counters().add(Count::message_urls_over_limit);
  }
  hash_[seen_++] = hash;
  turn.counters().add(Count::message_urls_reported);
  tally::Url record;
  record.tx = message.tx;
  record.command = message.command;
  record.truncated = cut;
  turn.say(record, {url});
}

}  // namespace mailglass::mail
