// SPDX-License-Identifier: BSD-3-Clause
// The `email` object, which SMTP and POP3 share, opened and closed by the caller; and `fileinfo`.
#include "report/eve.h"

namespace mailglass::report {

void write_email(Json& json, const Email& email, const std::optional<tally::Message>& message,
                 bool truncated) {
  json.known("from", email.from);
  json.list("to", email.to);
  json.list("cc", email.cc);
  json.known("subject", email.subject);
  json.known("date", email.date);
  json.known("message_id", email.message_id);
  json.known("x_mailer", email.x_mailer);
  json.list("received", email.received);
  json.known("reply_to", email.reply_to);
  json.known("in_reply_to", email.in_reply_to);
  json.list("references", email.references);
  json.known("user_agent", email.user_agent);
  json.known("content_type", email.content_type);
  json.list("dkim_domains", email.dkim_domains);
  bool named = false;
  for (const Attachment& attachment : email.contents.attachments()) {
    if (attachment.filename.empty()) continue;
    if (!named) json.open_list("attachment");
    named = true;
    json.value(attachment.filename);
  }
  if (named) json.close_list();
  json.list("url", email.contents.urls());
  if (message && message->parts != 0) {
    json.number("parts", message->parts);
    json.number("depth", message->depth);
  }
  if (truncated) json.flag("truncated", true);
}

void write_fileinfo(Json& json, const Attachment& attachment, std::string_view magic,
                    const FileDigests& digests) {
  json.open("fileinfo");
  json.known("filename", attachment.filename);
  json.known("magic", magic);
  json.flag("gaps", attachment.part.gap);
  json.known("md5", digests.md5);
  json.known("sha1", digests.sha1);
  json.known("sha256", digests.sha256);
  json.text("state", attachment.part.complete ? "CLOSED" : "TRUNCATED");
  json.number("size", attachment.part.size);
  json.known("content_type", attachment.content_type);
  json.text("encoding", name_of(attachment.part.encoding));
  json.close();
}

}  // namespace mailglass::report
