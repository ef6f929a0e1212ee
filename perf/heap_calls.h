// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>

namespace mailglass::perf {

// How often the calling thread has asked the heap for memory, in a program that is linked with
// heap_calls.cpp: malloc, calloc, realloc and what stands on them. Always 0 under a sanitizer.
std::uint64_t heap_calls();

}  // namespace mailglass::perf
