// SPDX-License-Identifier: BSD-3-Clause
// The rows of a dialogue: commands, replies, answers, messages.
#include "report/transcript.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "report/plain_words.h"
#include "report/reply_text.h"

namespace mailglass::report {
namespace {

// The status in front of a line of a reply, as it was on the wire: "250-", "250 ", "+OK ".
std::string status_of(const Dialogue& dialogue, const tally::Reply& reply, bool last) {
  if (!dialogue.is_pop3()) return fmt::format("{:03}{}", reply.code, last ? ' ' : '-');
  switch (static_cast<Pop3Status>(reply.code)) {
    case Pop3Status::ok:
      return "+OK ";
    case Pop3Status::err:
      return "-ERR ";
    case Pop3Status::more:
      return "+ ";
    case Pop3Status::other:
      break;
  }
  return {};
}

std::string and_more(std::uint64_t rows) { return fmt::format("... and {} more", rows); }

// attachment report.pdf application/pdf 123,456 octets
std::string attachment_text(const Attachment& attachment) {
  std::string text = "attachment";
  for (const std::string* word : {&attachment.filename, &attachment.content_type}) {
    if (!word->empty()) text.append(" ").append(*word);
  }
  text += " " + counted(attachment.part.size, "octet");
  if (attachment.part.gap) text += ", some not captured";
  if (!attachment.part.gap && !attachment.part.complete) text += ", its end was not seen";
  return text;
}

}  // namespace

void Transcript::command(Dialogue& dialogue, const tally::Command& command,
                         std::string_view argument, std::string_view verb, Tick time) {
  const bool pop3 = dialogue.is_pop3();
  if (verb.empty() && !command.continuation) {
    verb = pop3 ? tally::name_of(static_cast<tally::Pop3Verb>(command.verb))
                : tally::name_of(static_cast<tally::SmtpVerb>(command.verb));
  }
  std::string line(verb);
  if (!line.empty() && !argument.empty()) line.push_back(' ');
  line.append(argument);
  std::string meaning =
      pop3 ? meaning_of_pop3(command, argument) : meaning_of_smtp(command, argument);
  if (command.pipelined) meaning += " (pipelined)";
  TranscriptRows(dialogue, colour_)
      .step({since_start(dialogue, time), Mark::client, line, meaning, {}});
}

void Transcript::reply(Dialogue& dialogue, const tally::Reply& reply, std::string_view text,
                       std::string_view queue_id, const Pop3Exchange* exchange, Tick time) {
  const std::string meaning = dialogue.is_pop3() ? meaning_of_pop3(reply, exchange)
                                                 : meaning_of_smtp(reply, text, queue_id);
  EnhancedCode code;
  std::copy(std::begin(reply.enhanced), std::end(reply.enhanced), code.part.begin());
  const std::string enhanced = code.text();
  TranscriptRows rows(dialogue, colour_);
  Microseconds latency;
  if (reply.has_latency) latency = reply.latency_us;
  const std::size_t total = std::max<std::size_t>(reply.lines, 1);
  std::size_t shown = 0;
  std::string_view line;
  Lines lines(text);
  do {
    line = {};
    const bool more = lines.next(line);
    if (!more && shown > 0) break;
    line = without_code(line, reply.code);
    std::string row = status_of(dialogue, reply, shown + 1 >= total);
    // The worker has taken the enhanced code off each line (RFC 2034 section 4); here it is shown.
    if (!enhanced.empty() && !line.starts_with(enhanced)) row.append(enhanced).append(" ");
    row.append(line);
    if (shown++ == 0) {
      rows.step({since_start(dialogue, time), Mark::server, row, meaning, latency});
    } else {
      rows.detail(row);
    }
  } while (shown < kReplyLines && !dialogue.is_pop3());
  if (!dialogue.is_pop3() && total > shown) rows.detail(and_more(total - shown));
}

void Transcript::answer_end(Dialogue& dialogue, const Pop3Exchange& exchange) {
  TranscriptRows rows(dialogue, colour_);
  std::size_t shown = 0;
  if (!exchange.list.empty()) {
    for (; shown < std::min(exchange.list.size(), kAnswerRows); ++shown) {
      const ScanListing& row = exchange.list[shown];
      rows.detail(fmt::format("message {:>4}  {:>10} octets", row.number, row.octets));
    }
  } else if (!exchange.uidl.empty()) {
    for (; shown < std::min(exchange.uidl.size(), kAnswerRows); ++shown) {
      const UniqueIdListing& row = exchange.uidl[shown];
      rows.detail(fmt::format("message {:>4}  {}", row.number, row.id));
    }
  } else {
    for (; shown < std::min(exchange.data.size(), kAnswerRows); ++shown) {
      rows.detail(exchange.data[shown]);
    }
  }
  if (exchange.lines > shown) rows.detail(and_more(exchange.lines - shown));
}

void Transcript::message(Dialogue& dialogue, const tally::Message& message, const Email* email,
                         std::string_view excerpt, Tick time) {
  const bool from_client = !dialogue.is_pop3();
  std::string text = fmt::format("({}: {}, {}",
                                 dialogue.is_pop3() && message.transfer == tally::Transfer::top
                                     ? "head of a message"
                                     : "message",
                                 counted(message.octets, "octet"), counted(message.lines, "line"));
  if (message.transfer == tally::Transfer::bdat) {
    text += fmt::format(", {}", counted(message.chunks, "chunk"));
  }
  if (message.bytes_missing > 0) text += fmt::format(", {} not captured", message.bytes_missing);
  text += message.complete ? ")" : ", its end was not seen)";
  TranscriptRows rows(dialogue, colour_);
  rows.step({since_start(dialogue, time), from_client ? Mark::client : Mark::server, text, {}, {}});
  if (email != nullptr) {
    rows.detail("From", email->from);
    std::string to;
    for (const std::string& address : email->to) to.append(to.empty() ? "" : ", ").append(address);
    rows.detail("To", to);
    rows.detail("Subject", email->subject);
    for (const Attachment& attachment : email->contents.attachments()) {
      rows.detail(attachment_text(attachment));
    }
  }
  std::string_view line;
  for (Lines lines(excerpt); lines.next(line);) rows.detail(fmt::format("| {}", line));
}

}  // namespace mailglass::report
