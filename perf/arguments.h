// SPDX-License-Identifier: BSD-3-Clause
// The command line of a program of perf. CLI11 is in arguments.cpp alone: its headers take longer
// to compile than most programs here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <memory>
#include <optional>
#include <string>

namespace CLI {
class App;
}

namespace mailglass::perf {

class Arguments {
 public:
  explicit Arguments(const char* what_it_does);
  ~Arguments();

  // A name without dashes is that of a place, which must be filled.
  void text(const char* name, std::string& value, const char* help = "");
  void word(const char* name, std::string& value, std::initializer_list<const char*> words,
            const char* help = "");
  void flag(const char* name, bool& value, const char* help = "");
  void real(const char* name, double& value, const char* help = "");  // not negative
  template <typename Number>
  void number(const char* name, Number& value, const char* help = "", Number least = 0,
              Number most = std::numeric_limits<Number>::max());

  // The status to end with, where the program is not to go on: help was asked for, or an argument
  // is wrong, and it has been said which.
  std::optional<int> parse(int argc, char** argv);

 private:
  std::unique_ptr<CLI::App> app_;
};

extern template void Arguments::number(const char*, std::uint32_t&, const char*, std::uint32_t,
                                       std::uint32_t);
extern template void Arguments::number(const char*, std::uint64_t&, const char*, std::uint64_t,
                                       std::uint64_t);

}  // namespace mailglass::perf
