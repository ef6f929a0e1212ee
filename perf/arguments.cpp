// SPDX-License-Identifier: BSD-3-Clause
#include "perf/arguments.h"

#include <CLI/CLI.hpp>
#include <vector>

namespace mailglass::perf {
namespace {

CLI::Option* placed(CLI::Option* option) {
  return option->get_positional() ? option->required() : option;
}

}  // namespace

Arguments::Arguments(const char* what_it_does) : app_(std::make_unique<CLI::App>(what_it_does)) {}
Arguments::~Arguments() = default;

void Arguments::text(const char* name, std::string& value, const char* help) {
  placed(app_->add_option(name, value, help));
}

void Arguments::word(const char* name, std::string& value, std::initializer_list<const char*> words,
                     const char* help) {
  placed(app_->add_option(name, value, help))
      ->check(CLI::IsMember(std::vector<std::string>(words.begin(), words.end())));
}

void Arguments::flag(const char* name, bool& value, const char* help) {
  app_->add_flag(name, value, help);
}

void Arguments::real(const char* name, double& value, const char* help) {
  app_->add_option(name, value, help)->check(CLI::NonNegativeNumber);
}

template <typename Number>
void Arguments::number(const char* name, Number& value, const char* help, Number least,
                       Number most) {
  auto* const option = app_->add_option(name, value, help);
  if (most != std::numeric_limits<Number>::max()) option->check(CLI::Range(least, most));
}

template void Arguments::number(const char*, std::uint32_t&, const char*, std::uint32_t,
                                std::uint32_t);
template void Arguments::number(const char*, std::uint64_t&, const char*, std::uint64_t,
                                std::uint64_t);

std::optional<int> Arguments::parse(int argc, char** argv) {
  try {
    app_->parse(argc, argv);
    return std::nullopt;
  } catch (const CLI::ParseError& error) {
    return app_->exit(error) == 0 ? 0 : 2;
  }
}

}  // namespace mailglass::perf
