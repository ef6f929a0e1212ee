// SPDX-License-Identifier: BSD-3-Clause
// The writer against RapidJSON's, and what it escapes beyond that.
#include "report/json.h"

#include <gtest/gtest.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <random>

#include "report/utf8.h"

namespace mailglass::report {
namespace {

std::string of_rapidjson(const std::string& key, const std::string& value, std::uint64_t number) {
  rapidjson::StringBuffer out;
  rapidjson::Writer<rapidjson::StringBuffer> writer(out);
  const auto size = [](const std::string& s) { return static_cast<rapidjson::SizeType>(s.size()); };
  writer.StartObject();
  writer.Key(key.data(), size(key));
  writer.String(value.data(), size(value));
  writer.Key("n");
  writer.StartArray();
  writer.Uint64(number);
  writer.StartObject();
  writer.EndObject();
  writer.Uint64(number / 3);
  writer.EndArray();
  writer.Key("b");
  writer.Bool(number % 2 == 0);
  writer.EndObject();
  return out.GetString();
}

TEST(Json, WritesWhatRapidJsonWrites) {
  std::mt19937_64 random(6);
  // Octets that are escaped are rare in some rounds, so that they stand at every place of a vector.
  Json json;
  for (int round = 0; round < 20000; ++round) {
    std::string octets(random() % 90, '\0'), text;
    for (char& c : octets) {
      c = static_cast<char>(random() % 30 != 0 ? ' ' + random() % 95 : random() % 256);
    }
    append_text(text, octets);
    // DEL and U+0080..U+009F are the next test's.
    std::erase(text, '\x7f');
    for (std::size_t at = 0; (at = text.find('\xc2', at)) != text.npos;) text.erase(at, 2);
    const std::uint64_t number = random() >> random() % 64;
    json.begin();
    json.text(text, text);
    json.open_list("n");
    json.value(number);
    json.open();
    json.close();
    json.value(number / 3);
    json.close_list();
    json.flag("b", number % 2 == 0);
    json.close();
    ASSERT_EQ(json.line(), of_rapidjson(text, text, number));
  }
}

TEST(Json, EscapesWhatSteersATerminal) {
  Json json;
  json.begin();
  json.text("a", "\x7f\xc2\x80\xc2\x9f\xc2\xa0 caf\xc3\xa9 \xc3\x82");
  json.octets("b", "\xe9\x9b");  // ISO-8859-1
  json.close();
  EXPECT_EQ(json.line(),
            "{\"a\":\"\\u007f\\u0080\\u009f\xc2\xa0 caf\xc3\xa9 \xc3\x82\","
            "\"b\":\"\xc3\xa9\\u009b\"}");
}

TEST(Json, LongStringsAndMembersGrowTheBuffer) {
  Json json;
  const std::string plain(100000, 'x'), controls(100000, '\1');
  std::string escaped;
  for (std::size_t i = 0; i < controls.size(); ++i) escaped += "\\u0001";
  json.begin();
  json.members("");
  json.members("\"m\":1");
  json.text("p", plain);
  json.text("c", controls);
  json.close();
  EXPECT_EQ(json.line(), "{\"m\":1,\"p\":\"" + plain + "\",\"c\":\"" + escaped + "\"}");
}

TEST(Json, MillisecondsKeepTheirMicroseconds) {
  const std::pair<std::uint64_t, std::string> cases[] = {{0, "0"},     {1, "0.001"},
                                                         {10, "0.01"}, {1500, "1.5"},
                                                         {2000, "2"},  {4294967295, "4294967.295"}};
  for (const auto& [microseconds, written] : cases) {
    Json json;
    json.begin();
    json.milliseconds("t", microseconds);
    json.number("u", 1);
    json.close();
    EXPECT_EQ(json.line(), "{\"t\":" + written + ",\"u\":1}");
  }
}

}  // namespace
}  // namespace mailglass::report
