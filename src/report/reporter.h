// SPDX-License-Identifier: BSD-3-Clause
// The reporter's thread: takes the workers' records and renders events and transcripts. Nothing
// here is shared with another thread but Totals, whose numbers may be read at any time.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "report/charset.h"
#include "report/community_id.h"
#include "report/detect/starttls_memory.h"
#include "report/detect/watch.h"
#include "report/dialogue.h"
#include "report/eve.h"
#include "report/file_type.h"
#include "report/line_sink.h"
#include "report/origin.h"
#include "report/totals.h"
#include "report/transcript.h"
#include "tally/counters.h"
#include "tally/event_ring.h"

namespace mailglass::report {

class Reporter {
 public:
  struct Options {
    Sink* eve = nullptr;             // null: no events there
    LineSink* transcript = nullptr;  // null: none
    Origin origin;
    bool colour = false;  // of the transcript: wants_colour(STDOUT_FILENO)
    Book::Limits limits{};
    bool file_magic = true;      // ask libmagic what attachments are
    Sink* eve_socket = nullptr;  // events go there as well
    DetectSettings detect{};
  };

  explicit Reporter(const Options& options);
  Reporter(const Reporter&) = delete;
  Reporter& operator=(const Reporter&) = delete;

  // Every record, in the order of its ring. Rings of several workers may be taken in turns.
  void take(const tally::EventView& record);
  // pcap_filename of the sessions that are opened from now on.
  void set_capture(std::string_view name);
  // Where events go from now on. What a sink that is replaced has counted is the caller's to keep.
  void redirect(Sink* eve, Sink* eve_socket);
  // What events say of where they come from, from now on.
  void set_host(std::string_view host) { origin_.host = host; }
  // A `stats` event with all counters, at `time` on the capture's clock.
  void stats(std::span<const tally::Counters* const> workers, Tick time);
  // Hands what is rendered to the files; call it when the rings have been empty for a moment.
  void flush();
  // Renders the sessions whose `closed` never came, in order of opening, and flushes.
  void finish();

  const Totals& totals() const { return totals_; }
  Tick latest() const { return latest_; }  // the latest time of any record: for `stats`

 private:
  using View = tally::EventView;

  void opened(const View&);
  void proxied(Dialogue&, const View&);
  void command(Dialogue&, const View&);
  void reply(Dialogue&, const View&);
  void pop3_reply(Dialogue&, const View&);
  void answer_end(Dialogue&, const View&);
  void header(Dialogue&, const View&);
  void body(Dialogue&, const View&);
  void part(Dialogue&, const View&);
  void url(Dialogue&, const View&);
  void message(Dialogue&, const View&);
  void transaction(Dialogue&, const View&);
  void login(Dialogue&, const View&);
  void anomaly(Dialogue&, const View&);
  void encrypted(Dialogue&, const View&);
  void tls_message(Dialogue&, const View&);
  void tls_end(Dialogue&, const View&);
  void dispatch(Dialogue&, const View&);
  void close(Dialogue&, const tally::Closed*, Tick);
  void alert(Dialogue*, const Evidence&, Tick);
  // What the server lists: whether STARTTLS or STLS is among it.
  void listed(Dialogue&, const std::vector<std::string>& lines, std::string_view offer, Tick);

  void render(Dialogue&, SmtpTransaction&, Tick);
  void render(Dialogue&, Pop3Exchange&, Tick);
  void relieve(Dialogue&, Tick);  // lets the oldest of too many open parts go

  Origin origin_;
  LineSink* transcript_sink_;
  bool file_magic_;
  Totals totals_;
  std::optional<EveLog> eve_;
  std::optional<Transcript> transcript_;
  Charsets charsets_;
  FileTypes file_types_;
  CommunityId community_id_;
  std::shared_ptr<const std::string> capture_;
  Tick latest_;
  Timestamp timestamp_;
  Book book_;
  Watch watch_;
  std::optional<StarttlsMemory> starttls_memory_;
};

}  // namespace mailglass::report
