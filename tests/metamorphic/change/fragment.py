# SPDX-License-Identifier: BSD-3-Clause
"""IP fragments: RFC 791 section 3.2, RFC 8200 section 4.5."""
import struct

from capture.frame import Capture, frame
from capture.packet import TCP, checksum, dissect


def fragment(capture, parameters, random):
    """Each TCP packet in fragments with this many octets behind the IP header, in order or, with
    `shuffled`, in any."""
    size = int(parameters[0]) // 8 * 8
    if size < 8:
        raise ValueError("fragments are cut at multiples of 8 octets")
    shuffled = parameters[1:] == ["shuffled"]
    if parameters[1:] and not shuffled:
        raise ValueError("fragment OCTETS [shuffled]")
    frames = []
    for number, one in enumerate(capture.frames):
        packet = dissect(one)
        pieces = _pieces(packet, size, number) if packet and not packet.missing else []
        if len(pieces) < 2:
            frames.append(one)
            continue
        if shuffled:
            random.shuffle(pieces)
        head = one.data[:packet.at]
        frames += [frame(one.link, one.time, head + piece) for piece in pieces]
    return Capture(frames, capture.container)


def _pieces(packet, size, number):
    whole = packet.octets()
    if packet.ip[0] >> 4 == 4:
        return _ipv4(whole[:len(packet.ip)], whole[len(packet.ip):], size, number)
    if packet.ip[6] != TCP:
        return []  # extension headers: which of them are per fragment is another test's
    return _ipv6(whole[:40], whole[40:], size, number)


def _ipv4(head, payload, size, number):
    pieces = []
    for at in range(0, len(payload), size):
        piece, more = payload[at:at + size], at + size < len(payload)
        fields = struct.pack("!HHH", len(head) + len(piece), number % 2**16, more << 13 | at // 8)
        own = head[:2] + fields + head[8:10] + bytes(2) + head[12:]
        pieces.append(own[:10] + struct.pack("!H", checksum(own)) + own[12:] + piece)
    return pieces


def _ipv6(head, payload, size, number):
    pieces = []
    for at in range(0, len(payload), size):
        piece, more = payload[at:at + size], at + size < len(payload)
        extension = struct.pack("!BBHI", TCP, 0, at | more, number)
        pieces.append(head[:4] + struct.pack("!HB", 8 + len(piece), 44) + head[7:]
                      + extension + piece)
    return pieces
