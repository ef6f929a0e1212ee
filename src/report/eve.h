// SPDX-License-Identifier: BSD-3-Clause
// The event log: EVE JSON, one object a line. One small function for each event type; the order of
// the fields is the order of the calls and never changes between two events.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "report/dialogue.h"
#include "report/json.h"
#include "report/origin.h"
#include "report/sink.h"
#include "report/timestamp.h"
#include "report/totals.h"
#include "tally/counters.h"
#include "tally/event.h"

namespace mailglass::report {

struct Evidence;

struct LoginTexts {
  std::string_view mechanism, user, authzid, secret, text, domain, workstation;
};

class EveLog {
 public:
  // Either sink may be null.
  EveLog(Sink* file, Sink* socket, const Origin& origin, Totals& totals)
      : file_(file), socket_(socket), origin_(origin), totals_(totals) {}

  void redirect(Sink* file, Sink* socket) { file_ = file, socket_ = socket; }
  void flush();

  // Before a session's first event, and when its addresses or PROXY header became known.
  void know(Dialogue&);

  // A transaction, or, with null, a session that held none.
  void smtp(const Dialogue&, const SmtpTransaction*, Tick);
  void pop3(const Dialogue&, const Pop3Exchange&, Tick);
  void login(const Dialogue&, const tally::Login&, const LoginTexts&, Tick);
  void tls(const Dialogue&, Tick);
  void file(const Dialogue&, const Attachment&, std::string_view magic, const FileDigests&, Tick);
  void anomaly(const Dialogue&, const tally::AnomalySeen&, std::string_view detail, Tick);
  // Null where no session is to blame: what followed an alert, told when its window is over.
  void alert(const Dialogue*, const Evidence&, Tick);
  void flow(const Dialogue&, const tally::Closed&, Tick);
  void stats(std::span<const tally::Counters* const> workers, Tick);

 private:
  void begin(EventType, const Dialogue&, Tick, std::uint32_t tx = 0);
  void begin(EventType, Tick);
  void end(EventType);

  void count();

  Sink* file_;
  Sink* socket_;
  const Origin& origin_;
  Totals& totals_;
  Json json_;
  Timestamp timestamp_;
  Timestamp second_timestamp_;  // for times inside an event: both caches stay warm
};

// The objects inside.
void write_smtp(Json&, const SmtpView&, const SmtpTransaction*, bool records_lost);
void write_pop3(Json&, const Pop3Exchange&, bool records_lost);
void write_email(Json&, const Email&, const std::optional<tally::Message>&, bool truncated);
void write_fileinfo(Json&, const Attachment&, std::string_view magic, const FileDigests&);
void write_from_matches_envelope(Json&, const Email&, const SmtpTransaction&);
void write_login(Json&, const tally::Login&, const LoginTexts&);
void write_anomaly(Json&, const tally::AnomalySeen&, std::string_view detail);
void write_stats(Json&, std::span<const tally::Counters* const> workers, const Totals&);

}  // namespace mailglass::report
