// SPDX-License-Identifier: BSD-3-Clause
// The `email` object, which SMTP and POP3 share. The caller opens and closes it.
#include "report/eve.h"

namespace mailglass::report {

void write_email(Json& json, const Email& email, bool truncated) {
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
  if (truncated) json.flag("truncated", true);
}

}  // namespace mailglass::report
