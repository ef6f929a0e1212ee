// SPDX-License-Identifier: BSD-3-Clause
// glibc's heap with a counter before it: the program's own functions stand before the library's for
// every library it loads, Hyperscan's and OpenSSL's among them.
#include "perf/heap_calls.h"

#include <cerrno>
#include <cstddef>

namespace {
thread_local std::uint64_t calls = 0;
}

namespace mailglass::perf {
std::uint64_t heap_calls() { return calls; }
}  // namespace mailglass::perf

#ifndef WITH_SANITIZER  // which has a heap of its own
extern "C" {
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* memory, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);

void* malloc(std::size_t size) noexcept { return ++calls, __libc_malloc(size); }
void* calloc(std::size_t count, std::size_t size) noexcept {
  return ++calls, __libc_calloc(count, size);
}
void* realloc(void* memory, std::size_t size) noexcept {
  return ++calls, __libc_realloc(memory, size);
}
void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept {
  return ++calls, __libc_memalign(alignment, size);
}
int posix_memalign(void** memory, std::size_t alignment, std::size_t size) noexcept {
  ++calls;
  *memory = __libc_memalign(alignment, size);
  return *memory == nullptr ? ENOMEM : 0;
}
}
#endif
