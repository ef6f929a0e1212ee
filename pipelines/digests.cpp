// SPDX-License-Identifier: BSD-3-Clause
#include "pipelines/digests.h"

#include <openssl/evp.h>

#include <new>
#include <stdexcept>
#include <string>

namespace mailglass::pipelines {

EvpDigests::EvpDigests(const mail::DigestSet& wanted, std::uint32_t slots)
    : wanted_(wanted),
      slots_(wanted.any() ? slots : 0),
      links_(slots_.size()),
      pool_(slots_, links_) {
  const bool is_wanted[kKinds] = {wanted.md5, wanted.sha1, wanted.sha256};
  static constexpr const char* kNames[kKinds] = {"MD5", "SHA1", "SHA256"};
  for (std::size_t kind = 0; kind < kKinds; ++kind) {
    if (!is_wanted[kind]) continue;
    kind_[kind] = EVP_MD_fetch(nullptr, kNames[kind], nullptr);
    if (kind_[kind] == nullptr) {
      free_all();
      throw std::runtime_error(std::string("OpenSSL has no ") + kNames[kind] + " here");
    }
    for (Slot& slot : slots_) {
      EVP_MD_CTX* context = slot.context[kind] = EVP_MD_CTX_new();
      // The first start makes what later ones use again.
      if (context == nullptr || EVP_DigestInit_ex2(context, kind_[kind], nullptr) != 1) {
        free_all();
        throw std::bad_alloc();
      }
    }
  }
}

EvpDigests::~EvpDigests() { free_all(); }

void EvpDigests::free_all() {
  for (Slot& slot : slots_) {
    for (EVP_MD_CTX* context : slot.context) EVP_MD_CTX_free(context);
  }
  for (EVP_MD* kind : kind_) EVP_MD_free(kind);
}

std::uint32_t EvpDigests::begin() {
  const std::uint32_t slot = pool_.take();
  if (slot == kNoSlot) return slot;
  for (std::size_t kind = 0; kind < kKinds; ++kind) {
    EVP_MD_CTX* context = pool_[slot].context[kind];
    if (context != nullptr) EVP_DigestInit_ex2(context, kind_[kind], nullptr);
  }
  return slot;
}

void EvpDigests::update(std::uint32_t slot, Bytes octets) {
  for (EVP_MD_CTX* context : pool_[slot].context) {
    if (context != nullptr) EVP_DigestUpdate(context, octets.data(), octets.size());
  }
}

void EvpDigests::end(std::uint32_t slot, mail::DigestValues& values) {
  std::uint8_t* const to[kKinds] = {values.md5.data(), values.sha1.data(), values.sha256.data()};
  for (std::size_t kind = 0; kind < kKinds; ++kind) {
    EVP_MD_CTX* context = pool_[slot].context[kind];
    if (context != nullptr) EVP_DigestFinal_ex(context, to[kind], nullptr);
  }
  pool_.give_back(slot);
}

}  // namespace mailglass::pipelines
