# SPDX-License-Identifier: BSD-3-Clause
"""Writes dialogues as captures: Ethernet, IPv4, TCP with whole checksums, one millisecond apart."""
import struct

CLIENT, SERVER = bytes((192, 0, 2, 10)), bytes((192, 0, 2, 25))
SEGMENT = 1400
SYN, ACK, PSH, FIN = 2, 16, 8, 1


def _sum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def _frame(source, target, ports, seq, ack, flags, payload):
    tcp = struct.pack(">HHIIBBHHH", *ports, seq, ack, 5 << 4, flags, 65535, 0, 0) + payload
    check = _sum(source + target + struct.pack(">HH", 6, len(tcp)) + tcp)
    tcp = tcp[:16] + struct.pack(">H", check) + tcp[18:]
    head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(tcp), 0, 0x4000, 64, 6, 0) + source + target
    head = head[:10] + struct.pack(">H", _sum(head)) + head[12:]
    return b"\2\0\0\0\0\2\2\0\0\0\0\1\x08\0" + head + tcp


class Flow:
    """One connection; `client` and `server` say octets, in segments of `segment` octets."""

    def __init__(self, port, number=0):
        self.ports, self.frames = (40000 + number % 20000, port), []
        self.at = {True: 1000, False: 9000}
        self._add(True, SYN, b"")
        self._add(False, SYN | ACK, b"")
        self._add(True, ACK, b"")

    def _add(self, by_client, flags, payload):
        ends = (CLIENT, SERVER) if by_client else (SERVER, CLIENT)
        ports = self.ports if by_client else self.ports[::-1]
        ack = self.at[not by_client] if flags & ACK else 0
        self.frames.append(_frame(*ends, ports, self.at[by_client] & 0xffffffff, ack & 0xffffffff,
                                  flags, payload))
        self.at[by_client] += len(payload) + bool(flags & (SYN | FIN))

    def _say(self, by_client, octets, segment):
        for at in range(0, len(octets), segment):
            self._add(by_client, ACK | PSH, octets[at:at + segment])
        self._add(not by_client, ACK, b"")

    def client(self, octets, segment=SEGMENT):
        self._say(True, octets, segment)
        return self

    def server(self, octets, segment=SEGMENT):
        self._say(False, octets, segment)
        return self

    def end(self):
        self._add(True, FIN | ACK, b"")
        self._add(False, FIN | ACK, b"")
        self._add(True, ACK, b"")
        return self.frames


def write(path, frames):
    with open(path, "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 262144, 1))
        for number, frame in enumerate(frames):
            file.write(struct.pack("<IIII", 1700000000 + number // 1000, number % 1000 * 1000,
                                   len(frame), len(frame)) + frame)
