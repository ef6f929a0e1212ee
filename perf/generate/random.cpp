// SPDX-License-Identifier: BSD-3-Clause
#include "random.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace mailglass::generate {

namespace {

// SplitMix64: the seeding its authors recommend for xoshiro.
std::uint64_t split_mix(std::uint64_t& state) {
  std::uint64_t z = (state += 0x9e3779b97f4a7c15U);
  z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
  return z ^ (z >> 31U);
}

}  // namespace

Random::Random(std::uint64_t seed) {
  for (auto& word : state_) word = split_mix(seed);
}

Random Random::for_session(std::uint64_t seed, std::uint64_t number) {
  return Random(split_mix(seed) ^ (number * 0xd1342543de82ef95U));
}

std::uint64_t Random::next() {
  const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
  const std::uint64_t shifted = state_[1] << 17U;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= shifted;
  state_[3] = std::rotl(state_[3], 45);
  return result;
}

// The bias of the modulus is below 2^-32 for every bound used here.
std::uint64_t Random::below(std::uint64_t bound) { return next() % bound; }

std::uint64_t Random::between(std::uint64_t low, std::uint64_t high) {
  return low + below(high - low + 1);
}

double Random::unit() { return static_cast<double>(next() >> 11U) * 0x1.0p-53; }

bool Random::chance(double probability) { return probability > 0.0 && unit() < probability; }

std::uint64_t Random::at_least_one(double mean, std::uint64_t most) {
  const double another = 1.0 - 1.0 / std::max(mean, 1.0);
  std::uint64_t count = 1;
  while (count < most && chance(another)) ++count;
  return count;
}

double Random::bounded_lognormal(double mean) {
  // Twelve uniforms less six are normal enough (Irwin-Hall), and need no library function.
  double normal = -6.0;
  for (int i = 0; i < 12; ++i) normal += unit();
  // The mean of exp(N(mu, 1)) is exp(mu + 1/2).
  return std::clamp(mean * std::exp(normal - 0.5), mean / 100.0, mean * 20.0);
}

}  // namespace mailglass::generate
