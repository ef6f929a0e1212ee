// SPDX-License-Identifier: BSD-3-Clause
// How a device is written: "0000:3b:00.0", or "net_af_packet0,iface=eth1". Looks at text only.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mailglass::nic {

// "0000:3b:00.0" or "3b:00.0".
bool is_pci_address(std::string_view name);

// Without its arguments; a PCI address with its domain.
std::string name_of_device(std::string_view device);

// A virtual device's name without its number: "net_af_packet".
std::string driver_of_device(std::string_view device);

// "key=value,key=value"; "" if there are none.
std::string_view arguments_of_device(std::string_view device);

// One of them; of a key alone there is no value.
struct Argument {
  std::string_view key;
  std::optional<std::string_view> value;
};
std::vector<Argument> split_arguments(std::string_view arguments);

// The values of `key` in such arguments, which may stand there several times; the first one, or ""
// if there is none.
std::vector<std::string_view> all_arguments_of(std::string_view arguments, std::string_view key);
std::string_view argument_of(std::string_view arguments, std::string_view key);

}  // namespace mailglass::nic
