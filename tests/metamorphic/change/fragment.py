# SPDX-License-Identifier: BSD-3-Clause
"""IP fragments: RFC 791 section 3.2, RFC 8200 section 4.5."""
import struct

from capture.frame import Capture, frame
from capture.link import network_at
from capture.packet import TCP, checksum, dissect

# What may be cut: TCP, and the tunnels that lie in IP.
CUT = {4, TCP, 17, 41, 47}
FRAGMENT = 44
# An IPv6 datagram whose first fragment lacks a part of the TCP header is refused (RFC 7112).
LEAST_IPV6 = 64


def _reversed(pieces, _random):
    return pieces[::-1]


def _shuffled(pieces, random):
    return random.sample(pieces, len(pieces))


def _duplicated(pieces, random):
    """Each comes twice, the copy at once or later."""
    places = [(number + late * random.randint(0, 4), late, piece)
              for number, piece in enumerate(pieces) for late in (0, 1)]
    return [piece for _, _, piece in sorted(places, key=lambda place: place[:2])]


ORDERS = {"reversed": _reversed, "shuffled": _shuffled, "duplicated": _duplicated}


def fragment(capture, parameters, random):
    """Each IP packet in fragments with this many octets behind the IP header, in order or in
    another of ORDERS."""
    size = int(parameters[0]) // 8 * 8
    if size < 8:
        raise ValueError("fragments are cut at multiples of 8 octets")
    if parameters[1:] and parameters[1] not in ORDERS:
        raise ValueError(f"fragment OCTETS [{'|'.join(ORDERS)}]")
    frames = []
    for number, one in enumerate(capture.frames):
        at = network_at(one)
        pieces = [] if at is None or one.octets > len(one.data) else _pieces(one, at, size, number)
        if len(pieces) < 2:
            frames.append(one)
            continue
        for order in parameters[1:]:
            pieces = ORDERS[order](pieces, random)
        frames += [frame(one.link, one.time, one.data[:at] + piece) for piece in pieces]
    return Capture(frames, capture.container)


def _pieces(one, at, size, number):
    packet = dissect(one)
    whole = packet.octets() if packet else one.data[at:]  # without Ethernet's padding
    if whole[0] >> 4 == 6:
        # Which extension headers are per fragment is another test's.
        size = max(size, LEAST_IPV6)
        return _ipv6(whole[:40], whole[40:], size, number) if whole[6] in CUT else []
    header = (whole[0] & 15) * 4
    if whole[9] not in CUT or whole[6] & 0x3f or whole[7]:
        return []  # a fragment already
    return _ipv4(whole[:header], whole[header:], size, number)


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
        extension = struct.pack("!BBHI", head[6], 0, at | more, number)
        pieces.append(head[:4] + struct.pack("!HB", 8 + len(piece), FRAGMENT) + head[7:]
                      + extension + piece)
    return pieces
