# SPDX-License-Identifier: BSD-3-Clause
"""Sequence numbers and times moved by a constant: only differences of them mean anything."""
from dataclasses import replace

from capture.frame import SECOND, Capture, NotApplicable
from capture.packet import ACK, dissect, moved_sacks

YEAR = 31556952  # seconds, of the Gregorian calendar on average


def wrap(capture, parameters, _random):
    """Gives the octet at this offset of each side's stream the number 0: the octet before it has
    2^32 - 1. With -1 the SYN itself has it."""
    offset, shift, frames = int(parameters[0]), {}, []
    for frame in capture.frames:
        packet = dissect(frame)
        if packet is None:
            frames.append(frame)
            continue
        sender = packet.source, packet.destination
        shift.setdefault(sender, -(packet.begin + offset))
        changes = {"seq": (packet.seq + shift[sender]) % 2**32}
        if packet.flags & ACK:
            back = shift.setdefault(sender[::-1], -(packet.ack + offset))
            changes["ack"] = (packet.ack + back) % 2**32
            changes["options"] = moved_sacks(packet.options, back)
        frames.append(packet.with_(**changes).as_frame())
    return Capture(frames, capture.container)


def clock(capture, parameters, _random):
    """One endpoint's clock goes wrong by so many seconds: that of who did not speak first."""
    shift, first, frames = int(float(parameters[0]) * SECOND), {}, []
    for frame in capture.frames:
        packet = dissect(frame)
        if packet and first.setdefault(packet.flow, packet.source) != packet.source:
            frame = replace(frame, time=frame.time + shift)
        frames.append(frame)
    return _possible(frames, capture)


def years(capture, parameters, _random):
    shift = int(parameters[0]) * YEAR * SECOND
    return _possible([replace(one, time=one.time + shift) for one in capture.frames], capture)


def _possible(frames, capture):
    if any(frame.time < 0 for frame in frames):
        raise NotApplicable("a time before 1970")
    return Capture(frames, capture.container)
