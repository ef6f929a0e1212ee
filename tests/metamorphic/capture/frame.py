# SPDX-License-Identifier: BSD-3-Clause
"""Frames and the file that holds them. Frames are values: a transformation makes new ones."""
from dataclasses import dataclass, field

SECOND = 10**9  # in nanoseconds, the unit of all times here

# Values of the LINKTYPE_ registry.
NULL, ETHERNET, RAW, LOOP, SLL, IPV4, IPV6, SLL2 = 0, 1, 101, 108, 113, 228, 229, 276


@dataclass(frozen=True)
class Frame:
    link: int      # LINKTYPE_
    time: int      # nanoseconds since 1970
    data: bytes
    octets: int    # on the wire; more than len(data) when the snap length cut it


@dataclass(frozen=True)
class Container:
    """How the frames are written: the file format, its byte order, the unit of its times."""
    pcapng: bool = False
    order: str = "<"
    nanoseconds: bool = False


@dataclass
class Capture:
    frames: list
    container: Container = field(default_factory=Container)


class NotApplicable(Exception):
    """The transformation says nothing about this capture, and why."""


def frame(link, time, data):
    return Frame(link, time, data, len(data))
