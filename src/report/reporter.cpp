// SPDX-License-Identifier: BSD-3-Clause
#include "report/reporter.h"

#include <arpa/inet.h>

#include <algorithm>

namespace mailglass::report {
namespace {

using tally::EventKind;

std::string address_text(const Address& address, bool ipv6) {
  char text[INET6_ADDRSTRLEN] = "";
  const std::uint8_t* octets = address.octet.data();
  inet_ntop(ipv6 ? AF_INET6 : AF_INET, ipv6 ? octets : octets + 12, text, sizeof text);
  return text;
}

std::string hexadecimal(std::string_view octets) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const char c : octets) {
    const auto octet = static_cast<unsigned char>(c);
    text.push_back(kDigits[octet >> 4]);
    text.push_back(kDigits[octet & 15]);
  }
  return text;
}

template <typename Body>
LoginTexts login_texts(const tally::EventView& record) {
  return {record.text<Body>(0), record.text<Body>(1), record.text<Body>(2), record.text<Body>(3),
          record.text<Body>(4), record.text<Body>(5), record.text<Body>(6)};
}

}  // namespace

Reporter::Reporter(const Options& options)
    : origin_(options.origin),
      transcript_sink_(options.transcript),
      file_magic_(options.file_magic),
      book_(options.limits),
      watch_(options.detect, totals_, [this](Dialogue* at, const Evidence& evidence, Tick time) {
        alert(at, evidence, time);
      }) {
  if (const auto servers = options.detect.starttls_servers; servers > 0) {
    starttls_memory_.emplace(servers, totals_);
  }
  redirect(options.eve, options.eve_socket);
  if (transcript_sink_ != nullptr) transcript_.emplace(*transcript_sink_, options.colour);
  set_capture(origin_.pcap_filename);
}

void Reporter::redirect(Sink* eve, Sink* eve_socket) {
  if (eve == nullptr && eve_socket == nullptr) {
    eve_.reset();
  } else if (eve_) {
    eve_->redirect(eve, eve_socket);
  } else {
    eve_.emplace(eve, eve_socket, origin_, totals_);
  }
}

void Reporter::set_capture(std::string_view name) {
  capture_ = name.empty() ? nullptr : std::make_shared<const std::string>(name);
}

void Reporter::take(const View& record) {
  latest_ = std::max(latest_, record.head().time);
  watch_.advance(record.head().time);
  if (record.head().kind == EventKind::opened) {
    opened(record);
    return;
  }
  Dialogue* dialogue = book_.find(record.head().session);
  if (dialogue == nullptr) {
    totals_.refuse(Refused::unknown_session);
    return;
  }
  if (record.head().protocol != tally::Protocol::unknown) {
    dialogue->protocol = record.head().protocol;  // LHLO makes LMTP of what looked like SMTP
  }
  if (record.head().lost > 0) {
    dialogue->lost += record.head().lost;
    totals_.lost.add(record.head().lost);
    if (transcript_) transcript_->lost(*dialogue, record.head().lost, record.head().time);
  }
  dialogue->last = record.head().time;
  dispatch(*dialogue, record);
  totals_.sessions.set(book_.size());
  totals_.kept_octets.set(book_.octets());
}

void Reporter::opened(const View& record) {
  const std::uint64_t session = record.head().session;
  if (Dialogue* before = book_.find(session)) close(*before, nullptr, before->last);
  Dialogue* dialogue = book_.open(session);
  if (dialogue == nullptr) {
    totals_.refuse(Refused::book_full);
    return;
  }
  dialogue->opened = record.body<tally::Opened>();
  dialogue->protocol = record.head().protocol;
  dialogue->last = record.head().time;
  dialogue->client = address_text(dialogue->opened.client, dialogue->opened.ipv6);
  dialogue->server = address_text(dialogue->opened.server, dialogue->opened.ipv6);
  if (const tally::TunnelPath& tunnel = dialogue->opened.tunnel; tunnel.has_ends) {
    dialogue->tunnel_client = address_text(tunnel.ends[0], !is_v4(tunnel.ends[0]));
    dialogue->tunnel_server = address_text(tunnel.ends[1], !is_v4(tunnel.ends[1]));
  }
  dialogue->capture = capture_;
  if (eve_) {
    dialogue->community_id = community_id_.of(dialogue->opened);
    eve_->know(*dialogue);
  }
  totals_.sessions.set(book_.size());
}

void Reporter::dispatch(Dialogue& dialogue, const View& record) {
  const Tick time = record.head().time;
  switch (record.head().kind) {
    case EventKind::opened:
      return;
    case EventKind::proxied:
      return proxied(dialogue, record);
    case EventKind::mailbox:
      dialogue.pop3.mailbox(record.body<tally::Mailbox>());
      return watch_.mailbox(dialogue, record.body<tally::Mailbox>());
    case EventKind::command:
      return command(dialogue, record);
    case EventKind::reply:
      return reply(dialogue, record);
    case EventKind::answer:
      return dialogue.pop3.answer(record.body<tally::Answer>(), record.text<tally::Answer>(0));
    case EventKind::answer_end:
      return answer_end(dialogue, record);
    case EventKind::header:
      return header(dialogue, record);
    case EventKind::body:
      return body(dialogue, record);
    case EventKind::part:
      return part(dialogue, record);
    case EventKind::url:
      return url(dialogue, record);
    case EventKind::message:
      return message(dialogue, record);
    case EventKind::transaction:
      return transaction(dialogue, record);
    case EventKind::login:
      return login(dialogue, record);
    case EventKind::gap:
      if (transcript_) transcript_->gap(dialogue, record.body<tally::Gap>(), time);
      return;
    case EventKind::anomaly:
      return anomaly(dialogue, record);
    case EventKind::encrypted:
      return encrypted(dialogue, record);
    case EventKind::tls_message:
      return tls_message(dialogue, record);
    case EventKind::tls_end:
      return tls_end(dialogue, record);
    case EventKind::closed:
      return close(dialogue, &record.body<tally::Closed>(), time);
  }
}

void Reporter::proxied(Dialogue& dialogue, const View& record) {
  const auto& said = record.body<tally::Proxied>();
  dialogue.proxied = said;
  if (!said.local) {
    dialogue.proxy_source = address_text(said.source, said.ipv6);
    dialogue.proxy_destination = address_text(said.destination, said.ipv6);
  }
  if (eve_) eve_->know(dialogue);
  if (transcript_) transcript_->proxied(dialogue, record.head().time);
}

void Reporter::command(Dialogue& dialogue, const View& record) {
  const auto& command = record.body<tally::Command>();
  const auto argument = record.text<tally::Command>(0);
  const auto verb = record.text<tally::Command>(1);
  if (dialogue.is_pop3()) {
    dialogue.pop3.command(command, argument, verb);
  } else {
    dialogue.smtp.command(command, argument);
  }
  if (transcript_) transcript_->command(dialogue, command, argument, verb, record.head().time);
  watch_.command(dialogue, command, argument);
  relieve(dialogue, record.head().time);
}

void Reporter::reply(Dialogue& dialogue, const View& record) {
  if (dialogue.is_pop3()) return pop3_reply(dialogue, record);
  const auto& reply = record.body<tally::Reply>();
  const auto text = record.text<tally::Reply>(0);
  const auto queue_id = record.text<tally::Reply>(1);
  dialogue.smtp.reply(reply, text, queue_id);
  if (transcript_) {
    transcript_->reply(dialogue, reply, text, queue_id, nullptr, record.head().time);
  }
  watch_.reply(dialogue, reply);
  const auto verb = static_cast<tally::SmtpVerb>(reply.verb);
  const bool lists = verb == tally::SmtpVerb::EHLO || verb == tally::SmtpVerb::LHLO;
  if (lists && reply.phase == tally::Phase::command && reply.code == 250 && !reply.truncated) {
    listed(dialogue, dialogue.smtp.extensions, "STARTTLS", record.head().time);
  }
}

void Reporter::pop3_reply(Dialogue& dialogue, const View& record) {
  const auto& reply = record.body<tally::Reply>();
  const auto text = record.text<tally::Reply>(0);
  Pop3Exchange* complete = dialogue.pop3.reply(reply, text);
  if (transcript_) {
    const Pop3Exchange* asked = complete != nullptr ? complete : dialogue.pop3.find(reply.command);
    transcript_->reply(dialogue, reply, text, {}, asked, record.head().time);
  }
  watch_.reply(dialogue, reply);
  if (complete != nullptr) render(dialogue, *complete, record.head().time);
}

void Reporter::answer_end(Dialogue& dialogue, const View& record) {
  Pop3Exchange* complete = dialogue.pop3.answer_end(record.body<tally::AnswerEnd>());
  if (complete == nullptr) return;
  if (transcript_) transcript_->answer_end(dialogue, *complete);
  if (complete->verb == tally::Pop3Verb::CAPA && !complete->kept.truncated) {
    listed(dialogue, complete->data, "STLS", record.head().time);
  }
  render(dialogue, *complete, record.head().time);
}

void Reporter::header(Dialogue& dialogue, const View& record) {
  const auto& header = record.body<tally::Header>();
  const auto name = record.text<tally::Header>(0);
  const auto value = record.text<tally::Header>(1);
  if (dialogue.is_pop3()) {
    dialogue.pop3.header(header, name, value, charsets_);
  } else {
    dialogue.smtp.header(header, name, value, charsets_);
  }
}

void Reporter::body(Dialogue& dialogue, const View& record) {
  if (!transcript_) return;  // message text is never part of an event
  const auto& excerpt = record.body<tally::BodyExcerpt>();
  const auto text = record.text<tally::BodyExcerpt>(0);
  if (dialogue.is_pop3()) {
    dialogue.pop3.excerpt(excerpt, text);
  } else {
    dialogue.smtp.excerpt(excerpt, text);
  }
}

void Reporter::part(Dialogue& dialogue, const View& record) {
  const auto& part = record.body<tally::Part>();
  const Attachment* kept = dialogue.is_pop3() ? dialogue.pop3.part(part) : dialogue.smtp.part(part);
  if (!eve_) return;
  const Attachment unnamed{{}, {}, part};
  const std::string_view magic =
      file_magic_ ? file_types_.of(record.text<tally::Part>(0)) : std::string_view();
  const FileDigests digests{hexadecimal(record.text<tally::Part>(1)),
                            hexadecimal(record.text<tally::Part>(2)),
                            hexadecimal(record.text<tally::Part>(3))};
  eve_->file(dialogue, kept != nullptr ? *kept : unnamed, magic, digests, record.head().time);
}

void Reporter::url(Dialogue& dialogue, const View& record) {
  const auto& found = record.body<tally::Url>();
  const auto url = record.text<tally::Url>(0);
  if (dialogue.is_pop3()) {
    dialogue.pop3.url(found, url);
  } else {
    dialogue.smtp.url(found, url);
  }
}

void Reporter::message(Dialogue& dialogue, const View& record) {
  const auto& message = record.body<tally::Message>();
  const Tick time = record.head().time;
  if (dialogue.is_pop3()) {
    Pop3Exchange* complete = dialogue.pop3.message(message);
    if (transcript_) {
      const bool known = complete != nullptr;
      transcript_->message(dialogue, message, known ? &complete->email : nullptr,
                           known ? std::string_view(complete->excerpt) : std::string_view(), time);
    }
    if (complete != nullptr) render(dialogue, *complete, time);
    return;
  }
  dialogue.smtp.message(message);
  if (transcript_) {
    const SmtpTransaction* t = dialogue.smtp.find(message.tx);
    transcript_->message(dialogue, message, t != nullptr ? &t->email : nullptr,
                         t != nullptr ? std::string_view(t->excerpt) : std::string_view(), time);
  }
}

void Reporter::transaction(Dialogue& dialogue, const View& record) {
  SmtpTransaction* ended = dialogue.smtp.end(record.body<tally::Transaction>());
  if (ended == nullptr) return;
  watch_.transaction(dialogue, *ended);
  render(dialogue, *ended, record.head().time);
}

void Reporter::login(Dialogue& dialogue, const View& record) {
  const auto& login = record.body<tally::Login>();
  const LoginTexts texts = login_texts<tally::Login>(record);
  if (eve_) eve_->login(dialogue, login, texts, record.head().time);
  if (transcript_) transcript_->login(dialogue, login, texts, record.head().time);
  watch_.login(dialogue, login, texts.user, texts.text);
}

void Reporter::anomaly(Dialogue& dialogue, const View& record) {
  const auto& seen = record.body<tally::AnomalySeen>();
  const auto detail = record.text<tally::AnomalySeen>(0);
  if (eve_) eve_->anomaly(dialogue, seen, detail, record.head().time);
  if (transcript_) transcript_->anomaly(dialogue, seen, detail, record.head().time);
  if (seen.event != tally::Anomaly::smtp_turned) return;
  dialogue.turn_round();
  if (eve_) eve_->know(dialogue);
}

void Reporter::encrypted(Dialogue& dialogue, const View& record) {
  const auto& encrypted = record.body<tally::Encrypted>();
  (encrypted.implicit ? dialogue.tls.implicit : dialogue.tls.upgraded) = true;
  if (!encrypted.implicit) dialogue.smtp.encrypted();
  if (transcript_) transcript_->encrypted(dialogue, encrypted, record.head().time);
}

void Reporter::tls_message(Dialogue& dialogue, const View& record) {
  std::string body;
  for (std::size_t i = 0; i < tally::kMaxTexts; ++i) body += record.text<tally::TlsMessage>(i);
  dialogue.tls.message(record.body<tally::TlsMessage>(), body);
}

void Reporter::tls_end(Dialogue& dialogue, const View& record) {
  dialogue.tls.end(record.body<tally::TlsEnd>());
  if (!dialogue.tls.seen()) return;
  if (eve_) eve_->tls(dialogue, record.head().time);
  if (transcript_) transcript_->tls(dialogue, record.head().time);
}

void Reporter::render(Dialogue& dialogue, SmtpTransaction& transaction, Tick time) {
  if (eve_) eve_->smtp(dialogue, &transaction, time);
  dialogue.smtp.forget(transaction);
}

void Reporter::render(Dialogue& dialogue, Pop3Exchange& exchange, Tick time) {
  if (eve_) eve_->pop3(dialogue, exchange, time);
  dialogue.pop3.forget(exchange);
}

void Reporter::relieve(Dialogue& dialogue, Tick time) {
  while (dialogue.smtp.crowded()) {
    totals_.unfinished.add(1);
    render(dialogue, *dialogue.smtp.oldest(), time);
  }
  while (dialogue.pop3.crowded()) {
    totals_.unfinished.add(1);
    render(dialogue, *dialogue.pop3.oldest(), time);
  }
}

void Reporter::close(Dialogue& dialogue, const tally::Closed* closed, Tick time) {
  const bool silent =
      dialogue.is_smtp() && !dialogue.tls.implicit && !dialogue.smtp.held_a_transaction();
  while (SmtpTransaction* open = dialogue.smtp.oldest()) render(dialogue, *open, time);
  while (Pop3Exchange* open = dialogue.pop3.oldest()) render(dialogue, *open, time);
  if (eve_ && silent) eve_->smtp(dialogue, nullptr, time);
  if (dialogue.turned) {  // segments are counted by who opened the connection
    dialogue.turn_round();
    if (eve_) eve_->know(dialogue);
  }
  if (eve_ && closed != nullptr) eve_->flow(dialogue, *closed, time);
  if (transcript_) transcript_->closed(dialogue, closed, time);
  book_.close(dialogue.id);
}

void Reporter::stats(std::span<const tally::Counters* const> workers, Tick time) {
  if (eve_) eve_->stats(workers, time);
}

void Reporter::flush() {
  if (transcript_sink_ != nullptr) transcript_sink_->flush();
  if (eve_) eve_->flush();
}

void Reporter::finish() {
  for (Dialogue* dialogue : book_.all()) close(*dialogue, nullptr, dialogue->last);
  watch_.finish();
  totals_.sessions.set(book_.size());
  totals_.kept_octets.set(book_.octets());
  flush();
}

}  // namespace mailglass::report
