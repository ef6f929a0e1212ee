// SPDX-License-Identifier: BSD-3-Clause
// EVE lines with what a test does not care about taken out, so that two runs can be compared.
#pragma once

#include <string>
#include <vector>

namespace mailglass::test {

// What is taken out, each with what stands before it.
enum class Forget {
  times,    // timestamps and every duration
  order,    // and how many segments came late or twice
  packets,  // and how many packets and octets there were
  flow,     // and which flow it was: id, client's port
};

// One line, members in the order they had. Throws std::runtime_error for what is no JSON object.
std::string normal_form(const std::string& line, Forget forget);

// All lines but those of `stats`, in order.
std::vector<std::string> normal_form(const std::vector<std::string>& lines, Forget forget);

// Member `name` of the object `group` ("" for the line itself) as JSON text, "" where there is
// none.
std::string member(const std::string& line, const char* group, const char* name);

}  // namespace mailglass::test
