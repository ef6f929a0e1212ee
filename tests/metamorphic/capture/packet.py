# SPDX-License-Identifier: BSD-3-Clause
"""TCP segments in IPv4 and IPv6: taken apart, changed, and put together with right checksums."""
import struct
from dataclasses import dataclass, replace

from capture import link
from capture.frame import Frame

FIN, SYN, RST, PSH, ACK, URG = 1, 2, 4, 8, 16, 32
TCP = 6
MAX_PACKET = 65535
EXTENSIONS = (0, 43, 44, 60)  # hop-by-hop, routing, fragment (atomic), destination options
SACK = 5


def checksum(*parts):
    """RFC 1071. The ones' complement sum of 16-bit words is the number they make, modulo 65535."""
    total = sum(int.from_bytes(part + bytes(len(part) % 2), "big") % 65535 for part in parts)
    return ~(total % 65535) & 0xffff


@dataclass(frozen=True)
class Packet:
    frame: Frame
    at: int             # where the IP header begins in the frame
    ip: bytes           # from there to the TCP header: options and extension headers included
    source: tuple       # address, port
    destination: tuple
    seq: int
    ack: int
    flags: int
    window: int
    urgent: int
    options: bytes
    payload: bytes
    missing: int        # octets of the payload that the snap length cut off

    @property
    def flow(self):
        return tuple(sorted((self.source, self.destination)))

    @property
    def begin(self):
        """Sequence number of the first octet; the SYN takes one in front of it."""
        return (self.seq + bool(self.flags & SYN)) % 2**32

    @property
    def end(self):
        return (self.begin + len(self.payload)) % 2**32

    def plain(self):
        """Whether its octets may be cut and joined: all there, nothing that marks a place."""
        return not self.missing and not self.flags & (RST | URG)

    def with_(self, **changes):
        return replace(self, **changes)

    def octets(self):
        """The IP packet, lengths and checksums made anew."""
        return _with_lengths(self.ip, self._tcp(), self.missing)

    def as_frame(self):
        data = self.frame.data[:self.at] + self.octets()
        return Frame(self.frame.link, self.frame.time, data, len(data) + self.missing)

    def _tcp(self):
        length = 20 + len(self.options)
        head = struct.pack("!HHIIBBHHH", self.source[1], self.destination[1], self.seq, self.ack,
                           length // 4 << 4, self.flags, self.window, 0, self.urgent)
        pseudo = (self.source[0] + self.destination[0]
                  + struct.pack("!II", length + len(self.payload) + self.missing, TCP))
        right = checksum(pseudo, head, self.options, self.payload)
        return head[:16] + struct.pack("!H", right) + head[18:] + self.options + self.payload


def _with_lengths(ip, payload, missing):
    total = len(ip) + len(payload) + missing
    if ip[0] >> 4 == 6:
        declared = total - 40
        # An offloaded packet over 64 KiB declares nothing: the rest of the frame.
        return ip[:4] + struct.pack("!H", declared if declared < 2**16 else 0) + ip[6:] + payload
    declared = struct.pack("!H", total if total <= MAX_PACKET else 0)
    head = ip[:2] + declared + ip[4:10] + bytes(2) + ip[12:]
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + payload


def dissect(frame):
    """The frame's TCP segment, or None: another protocol, a fragment, cut inside a header."""
    at = link.network_at(frame)
    if at is None:
        return None
    packet = frame.data[at:]
    inside = _ipv4(packet) if packet[0] >> 4 == 4 else _ipv6(packet)
    if inside is None:
        return None
    header, declared, source, destination = inside
    tcp = packet[header:header + declared]
    if len(tcp) < 20:
        return None
    sport, dport, seq, ack, offset, flags, window, _, urgent = struct.unpack("!HHIIBBHHH", tcp[:20])
    length = (offset >> 4) * 4
    if length < 20 or length > len(tcp):
        return None
    return Packet(frame, at, packet[:header], (source, sport), (destination, dport), seq, ack,
                  flags, window, urgent, tcp[20:length], tcp[length:], declared - len(tcp))


def _ipv4(packet):
    if len(packet) < 20:
        return None
    header = (packet[0] & 15) * 4
    total, _, fragment, _, protocol = struct.unpack_from("!HHHBB", packet, 2)
    total = total or len(packet)
    if protocol != TCP or fragment & 0x3fff or not 20 <= header <= min(total, len(packet)):
        return None
    return header, total - header, packet[12:16], packet[16:20]


def _ipv6(packet):
    if len(packet) < 40:
        return None
    declared, following = struct.unpack_from("!HB", packet, 4)
    declared = declared or len(packet) - 40
    at = 40
    while following in EXTENSIONS:
        if len(packet) < at + 8 or (following == 44 and packet[at + 2:at + 4] != bytes(2)):
            return None
        length = 8 if following == 44 else packet[at + 1] * 8 + 8
        following, at = packet[at], at + length
    if following != TCP or at > 40 + declared:
        return None
    return at, 40 + declared - at, packet[8:24], packet[24:40]


def moved_sacks(options, shift):
    """The options with the edges of selective acknowledgements moved (RFC 2018 section 3)."""
    out, at = bytearray(options), 0
    while at < len(out) and out[at] != 0:
        if out[at] == 1:
            at += 1
            continue
        length = out[at + 1] if at + 1 < len(out) else 0
        if length < 2 or at + length > len(out):
            break
        if out[at] == SACK:
            for edge in range(at + 2, at + length - 3, 4):
                value = struct.unpack_from("!I", out, edge)[0]
                struct.pack_into("!I", out, edge, (value + shift) % 2**32)
        at += length
    return bytes(out)
