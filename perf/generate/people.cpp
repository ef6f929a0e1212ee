// SPDX-License-Identifier: BSD-3-Clause
#include "people.h"

#include <array>
#include <string_view>

#include "base64.h"

namespace mailglass::generate {

namespace {

constexpr std::array<std::string_view, 24> kFirstNames{
    "Anna",  "Ben",   "Carla", "David", "Elena",  "Felix", "Grace", "Hiro",
    "Ines",  "Jonas", "Karin", "Luis",  "Marta",  "Nils",  "Olga",  "Pavel",
    "Quinn", "Rosa",  "Samir", "Tanja", "Ulrich", "Vera",  "Wei",   "Yusuf"};
constexpr std::array<std::string_view, 24> kLastNames{
    "Keller", "Meyer",  "Okafor", "Silva", "Novak",  "Tanaka", "Rossi",  "Larsen",
    "Brown",  "Dubois", "Garcia", "Haas",  "Ivanov", "Jensen", "Kim",    "Lopez",
    "Moreau", "Nguyen", "Peters", "Singh", "Tran",   "Weber",  "Yilmaz", "Zhang"};
constexpr std::array<std::string_view, 12> kDomains{
    "example.com",      "example.org",       "example.net",  "sales.example.com",
    "mail.example.org", "corp.example.net",  "shop.example", "university.example",
    "hospital.example", "logistics.example", "news.example", "city.example"};
constexpr std::array<std::string_view, 10> kPlainSubjects{
    "Meeting minutes",     "Invoice",      "Re: delivery date",     "Quarterly report",
    "Fwd: travel request", "Your order",   "Re: Re: printer again", "Weekly newsletter",
    "Contract for review", "Out of office"};

// Text and its hand-made Q encoding; the B encoding is computed.
struct Encoded {
  std::string_view text;
  std::string_view q;
};
constexpr std::array<Encoded, 5> kEncodedSubjects{{
    {"Rückfrage zum Angebot", "R=C3=BCckfrage_zum_Angebot"},
    {"Réunion de jeudi", "R=C3=A9union_de_jeudi"},
    {"Überweisung erhalten", "=C3=9Cberweisung_erhalten"},
    {"会議の件", "=E4=BC=9A=E8=AD=B0=E3=81=AE=E4=BB=B6"},
    {"Счёт на оплату",
     "=D0=A1=D1=87=D1=91=D1=82_=D0=BD=D0=B0_=D0=BE=D0=BF=D0=BB=D0=B0=D1=82=D1=83"},
}};

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
  return out;
}

}  // namespace

Person any_person(Random& random) {
  const auto first = random.pick(kFirstNames);
  const auto last = random.pick(kLastNames);
  Person person;
  person.name = std::string(first) + " " + std::string(last);
  person.mailbox = lower(first) + "." + lower(last) + std::to_string(random.below(1000));
  person.mailbox += "@" + std::string(random.pick(kDomains));
  return person;
}

std::string any_password(Random& random) {
  static constexpr std::string_view kLetters =
      "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789-_!+";
  std::string password;
  const std::uint64_t length = random.between(8, 16);
  while (password.size() < length) password += kLetters[random.below(kLetters.size())];
  return password;
}

Subject any_subject(Random& random) {
  const std::string number = " " + std::to_string(random.below(100'000));
  if (!random.chance(0.2)) {
    const std::string text = std::string(random.pick(kPlainSubjects)) + number;
    return {text, text};
  }
  const Encoded& encoded = random.pick(kEncodedSubjects);
  const std::string text = std::string(encoded.text) + number;
  // RFC 2047 section 4: B for base64, Q with "_" for the space. Both stay below 75 characters
  // except the Cyrillic Q, which takes two encoded-words.
  if (random.chance(0.5)) return {text, "=?UTF-8?B?" + base64(text) + "?="};
  const std::size_t half = encoded.q.size() > 55 ? encoded.q.find("_=") : std::string_view::npos;
  std::string wire = "=?UTF-8?Q?" + std::string(encoded.q.substr(0, half));
  if (half != std::string_view::npos) {
    // The white space between two encoded-words is not shown, so the "_" goes into the second.
    wire += "?=\r\n =?UTF-8?Q?" + std::string(encoded.q.substr(half));
  }
  wire += "_" + number.substr(1) + "?=";
  return {text, wire};
}

std::string any_queue_id(Random& random) {
  static constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string id;
  for (int i = 0; i < 10; ++i) id += kDigits[random.below(kDigits.size())];
  return id;
}

}  // namespace mailglass::generate
