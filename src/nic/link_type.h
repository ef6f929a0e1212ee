// SPDX-License-Identifier: BSD-3-Clause
// The LINKTYPE_ registry of pcap and pcapng files (draft-ietf-opsawg-pcaplinktype), as far as it is
// read or is likely to be met.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "wire/decode.h"

namespace mailglass::nic {

// How frames of this number are to be decoded; nothing for those that are not supported.
std::optional<wire::LinkType> link_of(std::uint32_t number);

// "LINKTYPE_IEEE802_11 (105)", or "link type 999" for one that has no name here.
std::string link_name(std::uint32_t number);

// The sentence that refuses a link type, without the file's name.
std::string refuse_link(std::uint32_t number);

}  // namespace mailglass::nic
