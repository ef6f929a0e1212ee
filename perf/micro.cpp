// SPDX-License-Identifier: BSD-3-Clause
// Google Benchmark for each stage (perf/micro/*.cpp); takes its options. Exit status 1 when any
// benchmark's answer was wrong.
#include <cstdio>
#include <exception>

#include "perf/micro/measured.h"

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  try {
    benchmark::RunSpecifiedBenchmarks();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "micro: %s\n", error.what());
    return 1;
  }
  benchmark::Shutdown();
  return mailglass::perf::Measured::wrong_answers == 0 ? 0 : 1;
}
