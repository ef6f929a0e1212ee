# SPDX-License-Identifier: BSD-3-Clause
"""Reads and writes capture files: pcap in both byte orders and both units of time, and pcapng."""
import struct

from capture.frame import SECOND, Capture, Container, Frame, NotApplicable

MICROSECONDS, NANOSECONDS = 0xa1b2c3d4, 0xa1b23c4d
SECTION, INTERFACE, SIMPLE, ENHANCED = 0x0a0d0d0a, 1, 3, 6
BYTE_ORDER = 0x1a2b3c4d


def read(path):
    data = path.read_bytes()
    for order in "<>":
        magic = struct.unpack(order + "I", data[:4])[0] if len(data) >= 24 else 0
        if magic in (MICROSECONDS, NANOSECONDS):
            return _pcap(data, Container(False, order, magic == NANOSECONDS))
        if magic == SECTION:
            return _pcapng(data)
    raise NotApplicable("neither pcap nor pcapng")


def write(capture, path):
    path.write_bytes(_as_pcapng(capture) if capture.container.pcapng else _as_pcap(capture))


def _pcap(data, container):
    unit = 1 if container.nanoseconds else 1000
    link = struct.unpack_from(container.order + "I", data, 20)[0] & 0x0fffffff  # above: FCS bits
    record = struct.Struct(container.order + "IIII")
    frames, at = [], 24
    while at + 16 <= len(data):
        seconds, fraction, captured, octets = record.unpack_from(data, at)
        octets_here = data[at + 16:at + 16 + captured]
        if len(octets_here) < captured:
            break  # the writer was stopped in the middle
        frames.append(Frame(link, seconds * SECOND + fraction * unit, octets_here, octets))
        at += 16 + captured
    return Capture(frames, container)


def _as_pcap(capture):
    order, fine = capture.container.order, capture.container.nanoseconds
    links = {frame.link for frame in capture.frames}
    if len(links) != 1:
        raise NotApplicable("pcap holds one link type")
    parts = [struct.pack(order + "IHHiIII", NANOSECONDS if fine else MICROSECONDS, 2, 4, 0, 0,
                         262144, links.pop())]
    record = struct.Struct(order + "IIII")
    for frame in capture.frames:
        seconds, rest = divmod(frame.time, SECOND)
        if not 0 <= seconds < 2**32:
            raise NotApplicable("a time outside pcap's range")
        parts += [record.pack(seconds, rest if fine else rest // 1000, len(frame.data),
                              frame.octets), frame.data]
    return b"".join(parts)


def _pcapng(data):
    order, interfaces, frames, at = "<", [], [], 0
    while at + 12 <= len(data):
        kind = struct.unpack_from(order + "I", data, at)[0]
        if kind == SECTION:  # the same in both orders
            order = "<" if data[at + 8:at + 12] == struct.pack("<I", BYTE_ORDER) else ">"
            interfaces = []
        length = struct.unpack_from(order + "I", data, at + 4)[0]
        body = data[at + 8:at + length - 4]
        if length < 12 or len(body) < length - 12:
            break
        if kind == INTERFACE:
            interfaces.append((struct.unpack_from(order + "H", body)[0], _unit(body, order)))
        elif kind == ENHANCED:
            number, high, low, captured, octets = struct.unpack_from(order + "IIIII", body)
            link, unit = interfaces[number]
            frames.append(Frame(link, int((high << 32 | low) * unit), body[20:20 + captured],
                                octets))
        elif kind == SIMPLE:
            raise NotApplicable("simple packet blocks have no times")
        at += length
    return Capture(frames, Container(True, order))


def _unit(body, order):
    """Nanoseconds a tick of the interface: option if_tsresol, a power of ten or of two."""
    at = 8
    while at + 4 <= len(body):
        code, length = struct.unpack_from(order + "HH", body, at)
        if code == 9 and length == 1:
            exponent = body[at + 4]
            return SECOND / 2**(exponent & 127) if exponent & 128 else SECOND // 10**exponent
        if code == 0:
            break
        at += 4 + (length + 3) // 4 * 4
    return 1000


def _as_pcapng(capture):
    order = capture.container.order

    def block(kind, body):
        body += bytes(-len(body) % 4)
        return (struct.pack(order + "II", kind, len(body) + 12) + body
                + struct.pack(order + "I", len(body) + 12))

    links = sorted({frame.link for frame in capture.frames})
    parts = [block(SECTION, struct.pack(order + "IHHq", BYTE_ORDER, 1, 0, -1))]
    resolution = struct.pack(order + "HHB3xHH", 9, 1, 9, 0, 0)
    parts += [block(INTERFACE, struct.pack(order + "HHI", link, 0, 262144) + resolution)
              for link in links]
    for frame in capture.frames:
        parts.append(block(ENHANCED, struct.pack(
            order + "IIIII", links.index(frame.link), frame.time >> 32, frame.time & 0xffffffff,
            len(frame.data), frame.octets) + frame.data))
    return b"".join(parts)
