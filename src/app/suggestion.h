// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace mailglass::app {

// The candidate nearest to a mistyped word, as "; did you mean flow.flows?", or "" when none is
// near: at most a third of its letters wrong, missing, added, or swapped with a neighbour.
std::string suggestion(std::string_view word, std::span<const std::string> candidates);

}  // namespace mailglass::app
