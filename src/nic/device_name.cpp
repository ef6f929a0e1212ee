// SPDX-License-Identifier: BSD-3-Clause
#include "nic/device_name.h"

#include <algorithm>
#include <cctype>

namespace mailglass::nic {

bool is_pci_address(std::string_view name) {
  // [domain:]bus:device.function, all hexadecimal
  const auto hex = [&name](std::size_t least, std::size_t most, char end) {
    std::size_t n = 0;
    while (n < name.size() && std::isxdigit(static_cast<unsigned char>(name[n])) != 0) ++n;
    if (n < least || n > most) return false;
    if (end == '\0') return n == name.size();
    if (n == name.size() || name[n] != end) return false;
    name.remove_prefix(n + 1);
    return true;
  };
  if (std::count(name.begin(), name.end(), ':') == 2 && !hex(4, 8, ':')) return false;
  return hex(2, 2, ':') && hex(2, 2, '.') && hex(1, 1, '\0');
}

std::string name_of_device(std::string_view device) {
  const std::string_view name = device.substr(0, device.find(','));
  const bool short_pci = is_pci_address(name) && std::count(name.begin(), name.end(), ':') == 1;
  return (short_pci ? "0000:" : "") + std::string(name);
}

std::string driver_of_device(std::string_view device) {
  const std::string name = name_of_device(device);
  return name.substr(0, name.find_last_not_of("0123456789") + 1);
}

std::string_view arguments_of_device(std::string_view device) {
  return device.substr(std::min(device.find(','), device.size() - 1) + 1);
}

std::vector<Argument> split_arguments(std::string_view arguments) {
  std::vector<Argument> all;
  while (!arguments.empty()) {
    const std::string_view one = arguments.substr(0, arguments.find(','));
    arguments.remove_prefix(std::min(one.size() + 1, arguments.size()));
    const auto sign = one.find('=');
    Argument& argument = all.emplace_back(Argument{one.substr(0, sign), std::nullopt});
    if (sign != one.npos) argument.value = one.substr(sign + 1);
  }
  return all;
}

std::vector<std::string_view> all_arguments_of(std::string_view arguments, std::string_view key) {
  std::vector<std::string_view> values;
  for (const Argument& one : split_arguments(arguments)) {
    if (one.key == key && one.value) values.push_back(*one.value);
  }
  return values;
}

std::string_view argument_of(std::string_view arguments, std::string_view key) {
  const auto values = all_arguments_of(arguments, key);
  return values.empty() ? std::string_view{} : values.front();
}

}  // namespace mailglass::nic
