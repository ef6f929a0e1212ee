// SPDX-License-Identifier: BSD-3-Clause
// What a message carries besides its header: attachments, URLs.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "report/allowance.h"
#include "report/charset.h"
#include "tally/event.h"

namespace mailglass::report {

// In hexadecimal digits; "" for one that was not computed.
struct FileDigests {
  std::string md5, sha1, sha256;
};

struct Attachment {
  std::string filename;      // RFC 2047 and RFC 2231 decoded; "" when none was given
  std::string content_type;  // as declared, without parameters
  tally::Part part;
};

std::string_view name_of(tally::Encoding encoding);

// Puts the header fields of parts and the records of their ends together.
class Contents {
 public:
  static constexpr std::size_t kAttachments = 1000;

  // A Content-Type or Content-Disposition.
  void field(const tally::Header&, std::string_view name, std::string_view value, Charsets&,
             Allowance&, Kept&);
  // Null when there are too many.
  const Attachment* end(const tally::Part&, Allowance&, Kept&);
  void url(std::string_view url, bool truncated, Allowance&, Kept&);

  const std::vector<Attachment>& attachments() const { return attachments_; }
  const std::vector<std::string>& urls() const { return urls_; }

 private:
  struct Fields {
    std::uint32_t part = 0;
    std::uint8_t depth = 0;
    std::string content_type, filename;
    std::string name;  // of Content-Type: where Content-Disposition gives none
  };
  Fields& fields_of(std::uint32_t part, std::uint8_t depth);

  std::vector<Fields> open_;  // of the parts being read, each inside the one before
  std::vector<Attachment> attachments_;
  std::vector<std::string> urls_;
};

}  // namespace mailglass::report
