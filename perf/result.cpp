// SPDX-License-Identifier: BSD-3-Clause
#include "perf/result.h"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <algorithm>
#include <cmath>

namespace mailglass::perf {

std::string render(const Result& result, const std::string& pipeline,
                   const tally::Counters& counters) {
  using tally::Count;
  rapidjson::StringBuffer out;
  rapidjson::Writer<rapidjson::StringBuffer> json(out);
  json.SetMaxDecimalPlaces(3);
  const auto rounds = static_cast<double>(result.cycles.size());
  const auto packets = counters.get(Count::frames);
  const auto bytes = counters.get(Count::octets);
  const auto number = [&](const char* name, std::uint64_t value) {
    json.Key(name);
    json.Uint64(value);
  };
  const auto ratio = [&](const char* name, double value, double by) {
    json.Key(name);
    json.Double(by > 0 && std::isfinite(value / by) ? value / by : 0);
  };
  auto sorted = result.cycles;
  std::sort(sorted.begin(), sorted.end());
  const auto median = static_cast<double>(sorted[sorted.size() / 2]);
  const auto in_round = [&](std::uint64_t total) { return static_cast<double>(total) / rounds; };
  const double seconds = median / result.cycles_per_second;
  json.StartObject();
  json.Key("pipeline");
  json.String(pipeline.c_str());
  number("packets", packets);
  number("bytes", bytes);
  number("loops", result.cycles.size());
  ratio("cycles_per_second", result.cycles_per_second, 1);
  ratio("seconds", result.seconds, 1);
  number("heap_calls", result.heap_calls);
  ratio("cycles_per_packet", median, in_round(packets));
  ratio("cycles_per_packet_first", static_cast<double>(result.cycles.front()), in_round(packets));
  ratio("cycles_per_packet_best", static_cast<double>(sorted.front()), in_round(packets));
  ratio("cycles_per_byte", median, in_round(bytes));
  ratio("gbps", in_round(bytes) * 8 / 1e9, seconds);
  ratio("mpps", in_round(packets) / 1e6, seconds);
  ratio("flows_per_second", in_round(counters.get(Count::flows_opened)), seconds);
  number("events", counters.get(Count::events_emitted));
  number("events_dropped", counters.get(Count::events_dropped));
  number("messages", counters.get(Count::messages_data) + counters.get(Count::messages_bdat) +
                         counters.get(Count::messages_retr) + counters.get(Count::messages_top));
  if (result.lines != 0) {
    number("lines", result.lines);
    ratio("reporter_cycles_per_line", static_cast<double>(result.reporter_cycles),
          static_cast<double>(result.lines));
    ratio("lines_per_second", static_cast<double>(result.lines) * result.cycles_per_second,
          static_cast<double>(result.reporter_cycles));
  }
  json.Key("drops");
  json.StartObject();
#define DROP(id, help) \
  if (counters.get(Count::drop_##id) != 0) number(#id, counters.get(Count::drop_##id));
#include "tally/counters.def"
  json.EndObject();
  json.EndObject();
  return {out.GetString(), out.GetSize()};
}

}  // namespace mailglass::perf
