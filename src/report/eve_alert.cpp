// SPDX-License-Identifier: BSD-3-Clause
// The `alert` object, as Suricata's, and what stands for it: `evidence`.
#include "report/detect/detectors.h"
#include "report/eve.h"

namespace mailglass::report {
namespace {

void write_alert(Json& json, const AlertRow& row) {
  json.open("alert");
  json.text("action", "allowed");  // nobody is stopped here
  json.number("gid", kGeneratorId);
  json.number("signature_id", row.signature_id);
  json.number("rev", 1);
  json.text("signature", row.help);
  json.text("category", row.category);
  json.number("severity", row.severity);
  json.close();
}

}  // namespace

void EveLog::alert(const Dialogue* dialogue, const Evidence& evidence, Tick time) {
  const AlertRow& row = row_of(evidence.alert);
  if (dialogue != nullptr) {
    begin(EventType::alert, *dialogue, time);
  } else {
    begin(EventType::alert, time);
    json_.known("host", origin_.host);
  }
  write_alert(json_, row);
  json_.open("evidence");
  json_.text("alert", row.id);
  json_.text("state", evidence.ended ? "ended" : "raised");
  json_.known(row.subject, evidence.subject);
  if (!evidence.ended) json_.number("count", evidence.count);
  json_.number("threshold", evidence.limit.threshold);
  json_.text("unit", row.unit);
  json_.number("window_seconds", evidence.limit.seconds);
  json_.number("total", evidence.total);
  if (evidence.followed > 0) json_.number("followed", evidence.followed);
  json_.text("first", second_timestamp_(evidence.first));
  json_.text("last", second_timestamp_(evidence.last));
  if (!evidence.samples->empty()) {
    json_.open_list(row.samples);
    for (const Subject& sample : *evidence.samples) json_.value(sample.name.view());
    json_.close_list();
  }
  json_.close();
  end(EventType::alert);
}

}  // namespace mailglass::report
