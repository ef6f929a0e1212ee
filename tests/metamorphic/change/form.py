# SPDX-License-Identifier: BSD-3-Clause
"""The same packets in another link layer, the same capture in another file format."""
from capture import link
from capture.frame import (ETHERNET, LOOP, NULL, RAW, SLL, SLL2, Capture, Container, NotApplicable,
                           frame)
from capture.packet import dissect

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


def container(capture, parameters, _random):
    if parameters[0] not in CONTAINERS:
        raise ValueError(f"container {'|'.join(CONTAINERS)}")
    return Capture(capture.frames, CONTAINERS[parameters[0]])
