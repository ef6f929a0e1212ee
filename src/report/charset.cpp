// SPDX-License-Identifier: BSD-3-Clause
#include "report/charset.h"

#include <strings.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>

#include "report/utf8.h"

namespace mailglass::report {
namespace {

struct Known {
  std::string_view name;  // as registered with IANA, or as mail programs write it
  const char* iconv;      // null: UTF-8 or a subset, nothing to convert
};

// Charsets seen in mail. ISO-2022-CN-EXT, UTF-7 and other stateful rarities stay out: their
// converters have a history of memory errors, and no mail program of today writes them.
constexpr std::array kKnown = {
    Known{"utf-8", nullptr},
    Known{"us-ascii", nullptr},
    Known{"utf8", nullptr},
    Known{"ascii", nullptr},
    Known{"iso-8859-1", "ISO-8859-1"},
    Known{"iso-8859-2", "ISO-8859-2"},
    Known{"iso-8859-3", "ISO-8859-3"},
    Known{"iso-8859-4", "ISO-8859-4"},
    Known{"iso-8859-5", "ISO-8859-5"},
    Known{"iso-8859-6", "ISO-8859-6"},
    Known{"iso-8859-7", "ISO-8859-7"},
    Known{"iso-8859-8", "ISO-8859-8"},
    Known{"iso-8859-8-i", "ISO-8859-8"},
    Known{"iso-8859-9", "ISO-8859-9"},
    Known{"iso-8859-10", "ISO-8859-10"},
    Known{"iso-8859-13", "ISO-8859-13"},
    Known{"iso-8859-14", "ISO-8859-14"},
    Known{"iso-8859-15", "ISO-8859-15"},
    Known{"iso-8859-16", "ISO-8859-16"},
    Known{"latin1", "ISO-8859-1"},
    Known{"windows-1250", "CP1250"},
    Known{"windows-1251", "CP1251"},
    Known{"windows-1252", "CP1252"},
    Known{"windows-1253", "CP1253"},
    Known{"windows-1254", "CP1254"},
    Known{"windows-1255", "CP1255"},
    Known{"windows-1256", "CP1256"},
    Known{"windows-1257", "CP1257"},
    Known{"windows-1258", "CP1258"},
    Known{"windows-874", "CP874"},
    Known{"cp1251", "CP1251"},
    Known{"cp1252", "CP1252"},
    Known{"cp866", "CP866"},
    Known{"koi8-r", "KOI8-R"},
    Known{"koi8-u", "KOI8-U"},
    Known{"tis-620", "TIS-620"},
    Known{"gb2312", "GBK"},  // senders label GBK as its subset GB2312
    Known{"gbk", "GBK"},
    Known{"gb18030", "GB18030"},
    Known{"big5", "BIG5"},
    Known{"big5-hkscs", "BIG5-HKSCS"},
    Known{"euc-jp", "EUC-JP"},
    Known{"shift_jis", "SHIFT_JIS"},
    Known{"iso-2022-jp", "ISO-2022-JP"},
    Known{"euc-kr", "EUC-KR"},
    Known{"ks_c_5601-1987", "CP949"},
    Known{"iso-2022-kr", "ISO-2022-KR"},
};

const iconv_t kNotOpen = nullptr;
const iconv_t kFailed = reinterpret_cast<iconv_t>(-1);  // NOLINT: iconv_open's own word for it

std::size_t place_of(std::string_view charset) {
  for (std::size_t i = 0; i < kKnown.size(); ++i) {
    if (kKnown[i].name.size() == charset.size() &&
        strncasecmp(kKnown[i].name.data(), charset.data(), charset.size()) == 0) {
      return i;
    }
  }
  return kKnown.size();
}

// False when the octets are not of that charset; `out` may then hold a part of them.
bool convert(iconv_t converter, std::string_view octets, std::string& out) {
  iconv(converter, nullptr, nullptr, nullptr, nullptr);  // back to the initial shift state
  char* in = const_cast<char*>(octets.data());           // iconv does not write there
  std::size_t left = octets.size();
  std::array<char, 1024> room;
  bool flushed = false;
  while (!flushed) {
    char* to = room.data();
    std::size_t free = room.size();
    flushed = left == 0;
    const std::size_t done = flushed ? iconv(converter, nullptr, nullptr, &to, &free)
                                     : iconv(converter, &in, &left, &to, &free);
    out.append(room.data(), room.size() - free);
    if (done == static_cast<std::size_t>(-1) && errno != E2BIG) return false;
  }
  return true;
}

}  // namespace

Charsets::Charsets() : converters_(kKnown.size(), kNotOpen) {}

Charsets::~Charsets() {
  for (iconv_t converter : converters_) {
    if (converter != kNotOpen && converter != kFailed) iconv_close(converter);
  }
}

void Charsets::append(std::string& out, std::string_view charset, std::string_view octets) {
  const std::size_t place = place_of(charset);
  if (place == kKnown.size() || kKnown[place].iconv == nullptr) {
    append_text(out, octets);
    return;
  }
  iconv_t& converter = converters_[place];
  if (converter == kNotOpen) converter = iconv_open("UTF-8", kKnown[place].iconv);
  scratch_.clear();
  if (converter != kFailed && convert(converter, octets, scratch_)) {
    out.append(scratch_);
  } else {
    append_text(out, octets);
  }
}

}  // namespace mailglass::report
