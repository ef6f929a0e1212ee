// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sys/mman.h>

#include <new>
#include <span>
#include <type_traits>

#include "base/pool.h"

namespace mailglass::pipelines {

// Huge pages make random access to a large array cheaper, and its first touch dearer.
enum class PageSize : bool { usual, huge };

// An array of zero pages: reserved when made, given memory by the kernel when first touched, so
// that a large table costs neither start-up nor memory until it is used. All-zero octets must be a
// value of T that its owner may overwrite.
template <typename T>
class ZeroPages {
 public:
  static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);

  explicit ZeroPages(std::size_t count, PageSize size = PageSize::usual) : count_(count) {
    void* const pages = mmap(nullptr, count * sizeof(T), PROT_READ | PROT_WRITE,
                             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (pages == MAP_FAILED) throw std::bad_alloc();
    // Best effort: a kernel without huge pages is a little slower.
    if (size == PageSize::huge) madvise(pages, count * sizeof(T), MADV_HUGEPAGE);
    items_ = static_cast<T*>(pages);
  }
  ~ZeroPages() { munmap(items_, count_ * sizeof(T)); }
  ZeroPages(const ZeroPages&) = delete;
  ZeroPages& operator=(const ZeroPages&) = delete;

  std::span<T> span() { return {items_, count_}; }

 private:
  T* items_;
  std::size_t count_;
};

// A fixed pool with its memory.
template <typename T>
struct Store {
  ZeroPages<T> slots;
  ZeroPages<std::uint32_t> links;
  Pool<T> pool;
  explicit Store(std::size_t count)
      : slots(count), links(count), pool(slots.span(), links.span()) {}
};

}  // namespace mailglass::pipelines
