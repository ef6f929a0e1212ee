// SPDX-License-Identifier: BSD-3-Clause
// What commands and replies mean, in plain words for a person who does not know the RFCs.
#pragma once

#include <string>
#include <string_view>

#include "report/pop3_view.h"
#include "tally/event.h"

namespace mailglass::report {

std::string meaning_of_smtp(const tally::Command&, std::string_view argument);
std::string meaning_of_smtp(const tally::Reply&, std::string_view text, std::string_view queue_id);

std::string meaning_of_pop3(const tally::Command&, std::string_view argument);
// `exchange` may be null: the command was not seen.
std::string meaning_of_pop3(const tally::Reply&, const Pop3Exchange*);

// "1 message", "3 messages".
std::string counted(std::uint64_t number, std::string_view noun);

}  // namespace mailglass::report
