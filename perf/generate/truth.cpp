// SPDX-License-Identifier: BSD-3-Clause
#include "truth.h"

#include <stdexcept>
#include <utility>

namespace mailglass::generate {

namespace {

std::size_t index(Protocol protocol) { return static_cast<std::size_t>(protocol); }

void write_counts(JsonWriter& json, std::string_view key,
                  const std::map<std::string, std::uint64_t>& counts) {
  json.open(key, '{');
  for (const auto& [name, value] : counts) json.count(name, value);
  json.close('}');
}

void write_message(JsonWriter& json, const MessageRecord& message) {
  json.count("octets", message.octets);
  json.text("subject", message.subject);
  json.text("message_id", message.message_id);
  if (!message.attachment.empty()) json.text("attachment", message.attachment);
}

void write_transaction(JsonWriter& json, const Transaction& transaction) {
  json.open({}, '{');
  json.text("mail_from", transaction.mail_from);
  json.open("rcpts", '[');
  for (const auto& recipient : transaction.recipients) {
    json.open({}, '{');
    json.text("rcpt_to", recipient.address);
    json.count("code", static_cast<std::uint64_t>(recipient.code));
    json.close('}');
  }
  json.close(']');
  json.count("code", static_cast<std::uint64_t>(transaction.code));
  if (!transaction.queue_id.empty()) json.text("queue_id", transaction.queue_id);
  if (transaction.sent) write_message(json, transaction.message);
  json.close('}');
}

// Said in the file itself, because a number without its definition is no truth.
void write_meaning(JsonWriter& json) {
  json.open("meaning", '{');
  json.text("capture.bytes", "octets of all frames, without pcap headers and without FCS");
  json.text("octets",
            "message octets by RFC 1870 section 5: header, empty line and body, every CRLF two "
            "octets, neither stuffed dots nor the final dot line; what SIZE=, LIST and RETR say");
  json.text("smtp.commands", "commands sent, refused ones too; AUTH's further lines are none");
  json.text("smtp.replies", "replies by code, one for all lines of a reply, the banner too");
  json.text("smtp.transactions",
            "begun by MAIL; accepted: 250 after the message; rejected_message: another reply "
            "after the message; rejected_no_recipient: no RCPT was accepted, no message sent");
  json.text("logins", "by mechanism; accepted: 235, +OK to PASS; rejected: 535, -ERR to PASS");
  json.text("lost",
            "data segments the receiver had and the capture has not; all other numbers "
            "count what was said, lost or not");
  json.close('}');
}

}  // namespace

Truth::Truth(const Options& options) : options_(options) {
  if (options.per_session.empty()) return;
  per_session_.open(options.per_session, std::ios::binary);
  if (!per_session_) throw std::runtime_error(options.per_session + ": cannot be written");
}

void Truth::Messages::add(const MessageRecord& message) {
  ++count;
  octets += message.octets;
  if (!message.attachment.empty()) ++attachments;
}

void Truth::Messages::write(JsonWriter& json, std::string_view key) const {
  json.open(key, '{');
  json.count("count", count);
  json.count("octets", octets);
  json.count("attachments", attachments);
  json.close('}');
}

void Truth::add(const SessionRecord& record) {
  const std::size_t protocol = index(record.protocol);
  ++sessions_[protocol];
  packets_[protocol] += record.packets;
  for (const auto& [verb, count] : record.commands) {
    commands_[protocol][std::string(verb)] += count;
  }
  for (const auto& [code, count] : record.replies) replies_[protocol][code] += count;
  for (const auto& login : record.logins) {
    Logins& logins = logins_[protocol][std::string(login.mechanism)];
    ++(login.accepted ? logins.accepted : logins.rejected);
  }
  for (const auto& transaction : record.transactions) add_smtp(transaction);
  for (const auto& message : record.retrieved) retrieved_.add(message);
  deleted_ += record.deleted;
  wear_.reordered += record.wear.reordered;
  wear_.duplicated += record.wear.duplicated;
  wear_.lost_segments += record.wear.lost_segments;
  wear_.lost_octets += record.wear.lost_octets;
  if (per_session_.is_open()) write_session(record);
}

void Truth::add_smtp(const Transaction& transaction) {
  for (const auto& recipient : transaction.recipients) {
    ++(recipient.code == 250 ? recipients_accepted_ : recipients_rejected_);
  }
  if (!transaction.sent) {
    ++transactions_without_recipient_;
  } else if (transaction.code == 250) {
    ++transactions_accepted_;
    messages_accepted_.add(transaction.message);
  } else {
    ++transactions_refused_;
    messages_refused_.add(transaction.message);
  }
}

void Truth::write_session(const SessionRecord& record) {
  std::string line;
  JsonWriter json(line, false);
  json.open({}, '{');
  json.count("session", record.number);
  json.text("protocol", kProtocolNames[index(record.protocol)]);
  json.text("src_ip", record.client);
  json.count("src_port", record.client_port);
  json.text("dest_ip", record.server);
  json.count("dest_port", record.server_port);
  json.count("packets", record.packets);
  if (!record.helo.empty()) json.text("helo", record.helo);
  if (!record.logins.empty()) {
    json.open("logins", '[');
    for (const auto& login : record.logins) {
      json.open({}, '{');
      json.text("mechanism", login.mechanism);
      json.text("user", login.user);
      json.flag("accepted", login.accepted);
      json.close('}');
    }
    json.close(']');
  }
  if (record.protocol == Protocol::kSmtp) {
    json.open("transactions", '[');
    for (const auto& transaction : record.transactions) write_transaction(json, transaction);
    json.close(']');
  }
  if (record.protocol == Protocol::kPop3) {
    json.open("retrieved", '[');
    for (const auto& message : record.retrieved) {
      json.open({}, '{');
      write_message(json, message);
      json.close('}');
    }
    json.close(']');
    json.count("deleted", record.deleted);
  }
  json.count("lost_octets", record.wear.lost_octets);
  json.close('}');
  per_session_ << line << '\n';
}

void Truth::write(const PacketWriter& capture) {
  if (per_session_.is_open()) {
    per_session_.close();
    if (!per_session_) throw std::runtime_error(options_.per_session + ": write failed");
  }
  if (options_.truth.empty()) return;
  std::string text;
  JsonWriter json(text, true);
  json.open({}, '{');
  write_meaning(json);
  write_options(json);
  write_capture(json, capture);
  write_smtp(json);
  write_pop3(json);
  json.close('}');
  std::ofstream file(options_.truth, std::ios::binary);
  file << text << '\n';
  file.close();
  if (!file) throw std::runtime_error(options_.truth + ": cannot be written");
}

void Truth::write_options(JsonWriter& json) const {
  json.open("options", '{');
  json.count("seed", options_.seed);
  json.count("size", options_.size);
  json.count("sessions", options_.sessions);
  json.count("concurrency", options_.concurrency);
  json.number("smtp_share", options_.smtp_share);
  json.number("background", options_.background);
  json.number("ipv6", options_.ipv6);
  json.count("syn_flood", options_.syn_flood);
  json.flag("connections_only", options_.connections_only);
  json.count("body", options_.body);
  json.number("attachments", options_.attachments);
  json.number("pipelining", options_.pipelining);
  json.number("auth", options_.auth);
  json.number("rcpt", options_.rcpt);
  json.number("reject", options_.reject);
  json.count("mss", options_.mss);
  json.count("segment", options_.segment);
  json.count("vlan", options_.vlan);
  json.count("gap_us", options_.gap_us);
  json.number("reorder", options_.reorder);
  json.number("duplicate", options_.duplicate);
  json.number("loss", options_.loss);
  json.close('}');
}

void Truth::write_capture(JsonWriter& json, const PacketWriter& capture) const {
  const auto packets = static_cast<double>(capture.packets());
  const auto duration = static_cast<double>(capture.last_time_us() - capture.first_time_us());
  std::uint64_t flows = 0;
  for (const std::uint64_t sessions : sessions_) flows += sessions;
  json.open("capture", '{');
  json.count("packets", capture.packets());
  json.count("bytes", capture.frame_octets());
  json.count("file_bytes", capture.file_octets());
  json.number("mean_frame", static_cast<double>(capture.frame_octets()) / packets);
  json.number("seconds", duration / 1e6);
  json.number("mean_gap_us", duration / packets);
  json.count("flows", flows);
  json.count("flood_syns", flood_syns_);
  for (const auto& [key, counts] : {std::pair{"sessions", &sessions_}, {"packets_of", &packets_}}) {
    json.open(key, '{');
    for (std::size_t i = 0; i < kProtocols; ++i) json.count(kProtocolNames[i], (*counts)[i]);
    json.close('}');
  }
  json.count("reordered_segments", wear_.reordered);
  json.count("duplicated_segments", wear_.duplicated);
  json.count("lost_segments", wear_.lost_segments);
  json.count("lost_octets", wear_.lost_octets);
  json.close('}');
}

void Truth::write_smtp(JsonWriter& json) const {
  const std::size_t smtp = index(Protocol::kSmtp);
  json.open("smtp", '{');
  write_counts(json, "commands", commands_[smtp]);
  write_counts(json, "replies", replies_[smtp]);
  json.open("transactions", '{');
  json.count("accepted", transactions_accepted_);
  json.count("rejected", transactions_refused_ + transactions_without_recipient_);
  json.count("rejected_message", transactions_refused_);
  json.count("rejected_no_recipient", transactions_without_recipient_);
  json.close('}');
  json.open("recipients", '{');
  json.count("accepted", recipients_accepted_);
  json.count("rejected", recipients_rejected_);
  json.close('}');
  messages_accepted_.write(json, "messages_accepted");
  messages_refused_.write(json, "messages_rejected");
  write_logins(json, logins_[smtp]);
  json.close('}');
}

void Truth::write_pop3(JsonWriter& json) const {
  const std::size_t pop3 = index(Protocol::kPop3);
  json.open("pop3", '{');
  write_counts(json, "commands", commands_[pop3]);
  write_counts(json, "replies", replies_[pop3]);
  retrieved_.write(json, "messages_retrieved");
  json.count("messages_deleted", deleted_);
  write_logins(json, logins_[pop3]);
  json.close('}');
}

void Truth::write_logins(JsonWriter& json, const LoginsByMechanism& logins) {
  json.open("logins", '{');
  for (const auto& [mechanism, outcome] : logins) {
    json.open(mechanism, '{');
    json.count("accepted", outcome.accepted);
    json.count("rejected", outcome.rejected);
    json.close('}');
  }
  json.close('}');
}

}  // namespace mailglass::generate
