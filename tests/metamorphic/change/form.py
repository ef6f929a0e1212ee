# SPDX-License-Identifier: BSD-3-Clause
"""The same packets in another link layer or IP version, the same capture in another file format."""
import struct

from capture import link
from capture.frame import (ETHERNET, LOOP, NULL, RAW, SLL, SLL2, Capture, Container, NotApplicable,
                           frame)
from capture.packet import TCP, dissect

PREFIX = bytes.fromhex("0064ff9b") + bytes(8)  # RFC 6052
LINKS = {"ethernet": ETHERNET, "sll": SLL, "sll2": SLL2, "raw": RAW, "null": NULL, "loop": LOOP}

CONTAINERS = {
    "pcapng": Container(True, "<", True), "pcapng-swapped": Container(True, ">", True),
    "nanosecond": Container(False, "<", True), "swapped": Container(False, ">"),
    "nanosecond-swapped": Container(False, ">", True),
}


def link_type(capture, parameters, _random):
    """Frames without TCP have no place in most of these link layers, and are left out."""
    if parameters[0] not in LINKS:
        raise ValueError(f"link {'|'.join(LINKS)}")
    target, frames = LINKS[parameters[0]], []
    for one in capture.frames:
        packet = dissect(one)
        if packet is None:
            continue
        if packet.missing:
            raise NotApplicable("the snap length cut its frames")
        inner = one.data[packet.at:packet.at + len(packet.octets())]
        frames.append(frame(target, one.time, link.header(target, one, inner) + inner))
    if not frames:
        raise NotApplicable("no TCP in it")
    return Capture(frames, capture.container)


def ipv6(capture, _parameters, _random):
    """IPv4 becomes IPv6, its addresses those of a translator; all else is left out."""
    frames = []
    for one in capture.frames:
        packet = dissect(one)
        if packet is None or packet.missing:
            continue
        if len(packet.source[0]) == 4:
            packet = _translated(packet)
        inner = packet.octets()
        frames.append(frame(one.link, one.time, link.header(one.link, one, inner) + inner))
    if not frames:
        raise NotApplicable("no TCP in it")
    return Capture(frames, capture.container)


def _translated(packet):
    source, target = (PREFIX + end[0] for end in (packet.source, packet.destination))
    return packet.with_(ip=struct.pack("!IHBB", 6 << 28, 0, TCP, 64) + source + target,
                        source=(source, packet.source[1]),
                        destination=(target, packet.destination[1]))


def container(capture, parameters, _random):
    if parameters[0] not in CONTAINERS:
        raise ValueError(f"container {'|'.join(CONTAINERS)}")
    return Capture(capture.frames, CONTAINERS[parameters[0]])
