// SPDX-License-Identifier: BSD-3-Clause
// Address lists of header fields (RFC 5322 section 3.4), as far as a log needs them.
#pragma once

#include <string_view>

namespace mailglass::report {

// The front address of a comma-separated list, white space trimmed; `list` is moved behind it.
// Commas inside quotes, comments, angle brackets and groups do not separate.
std::string_view next_address(std::string_view& list);

// The domain of the first addr-spec in `address`: "Bob <bob@b.example>" gives "b.example".
// Empty when there is none.
std::string_view domain_of(std::string_view address);

bool same_domain(std::string_view a, std::string_view b);  // without case (RFC 1035)

}  // namespace mailglass::report
