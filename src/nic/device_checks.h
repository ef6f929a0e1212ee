// SPDX-License-Identifier: BSD-3-Clause
// What can be known of a device before DPDK is asked, whose own words seldom say what to do.
// Private to nic.
#pragma once

#include <string>
#include <string_view>

namespace mailglass::nic {

// The value of `key` in "key=value,key=value"; "" if there is none.
std::string_view argument_of(std::string_view arguments, std::string_view key);

// A PCI address with its domain; what is none, as it is.
std::string full_name(const std::string& name);

// Each throws EalError for what is missing.
void check_pci(const std::string& address);
void check_virtual(const std::string& name, const std::string& arguments);

}  // namespace mailglass::nic
