# SPDX-License-Identifier: BSD-3-Clause
"""Link layers: where the IP packet begins, and how to put another header in front of it."""
import struct

from capture.frame import (ETHERNET, IPV4, IPV6, LOOP, NULL, RAW, SLL, SLL2, NotApplicable)

TYPE_IPV4, TYPE_IPV6 = 0x0800, 0x86dd
TAGS = (0x8100, 0x88a8, 0x9100)
CLIENT_MAC, SERVER_MAC = bytes.fromhex("020000000001"), bytes.fromhex("020000000002")

# Where each link layer that names its content by EtherType does so, and how long it is.
TYPE_AT = {ETHERNET: (12, 14), SLL: (14, 16), SLL2: (0, 20)}


def network_at(frame):
    """Offset of the IP header, or None when something else is inside."""
    data = frame.data
    if frame.link in (RAW, IPV4, IPV6):
        at = 0
    elif frame.link in (NULL, LOOP):
        at = 4
    elif frame.link in TYPE_AT:
        place, at = TYPE_AT[frame.link]
        while data[place:place + 2] and int.from_bytes(data[place:place + 2], "big") in TAGS:
            place, at = (at + 2, at + 4)
        if int.from_bytes(data[place:place + 2], "big") not in (TYPE_IPV4, TYPE_IPV6):
            return None
    else:
        raise NotApplicable(f"link type {frame.link}")
    return at if data[at:at + 1] and data[at] >> 4 in (4, 6) else None


def type_of(packet):
    return TYPE_IPV4 if packet[0] >> 4 == 4 else TYPE_IPV6


def macs(frame):
    """Destination and source, made up where the link layer has none."""
    if frame.link == ETHERNET:
        return frame.data[:12]
    return SERVER_MAC + CLIENT_MAC


def ethernet(frame, ether_type, packet):
    return macs(frame) + struct.pack("!H", ether_type) + packet


def tagged(frame, tags):
    """The frame's octets with more VLAN tags in front of what it has."""
    if frame.link not in TYPE_AT:
        raise NotApplicable("a link layer without EtherType")
    place, at = TYPE_AT[frame.link]
    data = bytearray(frame.data)
    inner = data[place:place + 2]
    data[place:place + 2] = struct.pack("!H", tags[0][0])
    types = [struct.pack("!H", tag[0]) for tag in tags[1:]] + [inner]
    inserted = b"".join(struct.pack("!H", tag[1]) + behind for tag, behind in zip(tags, types))
    return bytes(data[:at]) + inserted + bytes(data[at:])


def header(link, frame, packet):
    """The header of link type `link` for the frame's IP packet."""
    source = macs(frame)[6:12]
    ether_type = type_of(packet)
    if link == ETHERNET:
        return macs(frame) + struct.pack("!H", ether_type)
    if link == SLL:
        return struct.pack("!HHH6s2xH", 0, 1, 6, source, ether_type)
    if link == SLL2:
        return struct.pack("!HHIHBB6s2x", ether_type, 0, 2, 1, 0, 6, source)
    if link == RAW:
        return b""
    family = 2 if ether_type == TYPE_IPV4 else 30
    return struct.pack("<I" if link == NULL else ">I", family)
