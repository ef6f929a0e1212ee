// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace mailglass::generate {

// xoshiro256** 1.0 (Blackman and Vigna, public domain). The standard library leaves its
// distributions to the implementation; the same seed has to give the same capture with every
// compiler.
class Random {
 public:
  explicit Random(std::uint64_t seed);

  // An independent generator for session `number`: what a session says does not depend on its
  // neighbours.
  static Random for_session(std::uint64_t seed, std::uint64_t number);

  std::uint64_t next();
  // 0 <= result < bound; bound > 0.
  std::uint64_t below(std::uint64_t bound);
  // low <= result <= high.
  std::uint64_t between(std::uint64_t low, std::uint64_t high);
  // 0 <= result < 1.
  double unit();
  bool chance(double probability);
  // 1 or more, with the given mean (geometric), at most `most`.
  std::uint64_t at_least_one(double mean, std::uint64_t most);
  // Log-normal with the given mean and sigma 1, cut to [mean / 100, mean * 20].
  double bounded_lognormal(double mean);

  template <typename T, std::size_t N>
  const T& pick(const std::array<T, N>& from) {
    return from[static_cast<std::size_t>(below(N))];
  }

 private:
  std::array<std::uint64_t, 4> state_{};
};

}  // namespace mailglass::generate
