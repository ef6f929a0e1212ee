// SPDX-License-Identifier: BSD-3-Clause
#include "tests/support/normal_form.h"

#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <regex>
#include <stdexcept>

namespace mailglass::test {
namespace {

using rapidjson::Document;
using rapidjson::Value;

struct Rule {
  Forget from;  // taken out from this grade on
  const char* name;
};

// Names are forgotten wherever they stand: no two objects give one name two meanings.
constexpr Rule kRules[] = {
    {Forget::times, "timestamp"},
    {Forget::times, "start"},
    {Forget::times, "end"},
    {Forget::times, "age"},
    {Forget::times, "latency_ms"},
    {Forget::times, "handshake_ms"},
    {Forget::order, "out_of_order"},
    {Forget::order, "retransmitted"},
    {Forget::packets, "pkts_toserver"},
    {Forget::packets, "pkts_toclient"},
    {Forget::packets, "bytes_toserver"},
    {Forget::packets, "bytes_toclient"},
    {Forget::flow, "flow_id"},
    {Forget::flow, "community_id"},
    {Forget::flow, "src_port"},
};

// An anomaly's detail may tell a time within its sentence, in the form of `timestamp`.
void strip_times(Document& document) {
  static const std::regex kTime(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+0000)");
  if (!document.HasMember("anomaly") || !document["anomaly"].IsObject()) return;
  Value& anomaly = document["anomaly"];
  if (!anomaly.HasMember("detail") || !anomaly["detail"].IsString()) return;
  Value& detail = anomaly["detail"];
  const std::string text = std::regex_replace(detail.GetString(), kTime, "a time");
  detail.SetString(text.data(), static_cast<rapidjson::SizeType>(text.size()),
                   document.GetAllocator());
}

void strip(Value& value, Forget forget) {
  if (value.IsArray()) {
    for (Value& item : value.GetArray()) strip(item, forget);
  }
  if (!value.IsObject()) return;
  for (const Rule& rule : kRules) {
    if (rule.from <= forget) value.EraseMember(rule.name);
  }
  for (rapidjson::SizeType i = 0; i < value.MemberCount(); ++i) {
    strip((value.MemberBegin() + static_cast<std::ptrdiff_t>(i))->value, forget);
  }
}

std::string text_of(const Value& value) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
  value.Accept(writer);
  return {buffer.GetString(), buffer.GetSize()};
}

Document parse(const std::string& line) {
  Document document;
  document.Parse(line.data(), line.size());
  if (document.HasParseError() || !document.IsObject()) {
    throw std::runtime_error("not a JSON object: " + line);
  }
  return document;
}

}  // namespace

std::string normal_form(const std::string& line, Forget forget) {
  Document document = parse(line);
  strip(document, forget);
  strip_times(document);
  return text_of(document);
}

std::vector<std::string> normal_form(const std::vector<std::string>& lines, Forget forget) {
  std::vector<std::string> forms;
  for (const std::string& line : lines) {
    if (member(line, "", "event_type") != "\"stats\"") forms.push_back(normal_form(line, forget));
  }
  return forms;
}

std::string member(const std::string& line, const char* group, const char* name) {
  const Document document = parse(line);
  const Value* object = &document;
  if (*group != 0) {
    const auto found = document.FindMember(group);
    if (found == document.MemberEnd() || !found->value.IsObject()) return {};
    object = &found->value;
  }
  const auto found = object->FindMember(name);
  return found == object->MemberEnd() ? std::string{} : text_of(found->value);
}

}  // namespace mailglass::test
