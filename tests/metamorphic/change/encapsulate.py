# SPDX-License-Identifier: BSD-3-Clause
"""The same packets with more in front: VLAN tags on IP, tunnels around TCP."""
import struct
from functools import partial

from capture import link
from capture.frame import ETHERNET, Capture, NotApplicable, frame
from capture.packet import MAX_PACKET, checksum, dissect

# RFC 5737 and RFC 3849. Each direction of a flow gets the tunnel's ends the other way round.
ENDS_V4 = (bytes([198, 51, 100, 1]), bytes([198, 51, 100, 2]))
ENDS_V6 = tuple(bytes.fromhex("20010db800ff") + bytes(9) + bytes([end]) for end in (1, 2))
OUTER_MACS = bytes.fromhex("020000000102020000000101")
IP_IN_IP, IP6_IN_IP, GRE, UDP = 4, 41, 47, 17
NETWORK = 0x5a17  # VNI, key and session of every tunnel here


def _each(capture, change):
    frames, others = [], []
    for one in capture.frames:
        packet = dissect(one)
        frames.append(change(one, packet) if packet else one)
        others += [] if packet else [frames[-1]]
    links = {one.link for one in frames if one not in others}
    return Capture([one for one in frames if one.link in links], capture.container)


def vlan(capture, parameters, _random):
    """802.1ad outside, 802.1Q inside (IEEE 802.1Q-2022 section 9.6)."""
    count = int(parameters[0])
    tags = [(0x88a8 if number < count - 1 else 0x8100, 100 + number) for number in range(count)]
    frames = [one if link.network_at(one) is None
              else frame(one.link, one.time, link.tagged(one, tags)) for one in capture.frames]
    return Capture(frames, capture.container)


def tunnel(capture, parameters, _random):
    """One tunnel, or one inside another: the first named is the innermost."""
    if not TUNNELS.keys() >= set(parameters):
        raise ValueError(f"tunnel {'|'.join(TUNNELS)}")
    return _each(capture, partial(_enclosed, [TUNNELS[name] for name in parameters]))


def _enclosed(builds, one, packet):
    if packet.missing:
        raise NotApplicable("the snap length cut its frames")
    inner = packet.octets()  # without Ethernet's padding
    forth = packet.source < packet.destination
    for build in builds:
        ether_type, inner = build(one, inner, forth)
        if len(inner) > MAX_PACKET:
            raise NotApplicable("its packets are too large to go into others")
    return frame(ETHERNET, one.time, OUTER_MACS + struct.pack("!H", ether_type) + inner)


def _ipv4(protocol, forth, payload):
    source, destination = ENDS_V4 if forth else ENDS_V4[::-1]
    head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(payload), 0, 0, 64, protocol, 0)
    head += source + destination
    return link.TYPE_IPV4, head[:10] + struct.pack("!H", checksum(head)) + head[12:] + payload


def _ipv6(protocol, forth, payload):
    source, destination = ENDS_V6 if forth else ENDS_V6[::-1]
    head = struct.pack("!IHBB", 6 << 28, len(payload), protocol, 64)
    return link.TYPE_IPV6, head + source + destination + payload


def _inner_protocol(inner):
    return IP_IN_IP if inner[0] >> 4 == 4 else IP6_IN_IP


def _only(version, inner):
    if inner[0] >> 4 != version:
        raise NotApplicable(f"not all of it is IPv{version}")


def _ip_in_ip(_one, inner, forth):
    return _ipv4(_inner_protocol(inner), forth, inner)


def _six_in_four(_one, inner, forth):
    _only(6, inner)
    return _ipv4(IP6_IN_IP, forth, inner)


def _in_six(_one, inner, forth):
    return _ipv6(_inner_protocol(inner), forth, inner)


def _gre(_one, inner, forth):  # RFC 2784
    return _ipv4(GRE, forth, struct.pack("!HH", 0, link.type_of(inner)) + inner)


def _gre_key(one, inner, forth):  # RFC 2890, with the checksum of RFC 2784
    payload = struct.pack("!HHHHI", 0xa000, link.type_of(inner), 0, 0, NETWORK) + inner
    return _ipv4(GRE, forth, payload[:4] + struct.pack("!H", checksum(payload)) + payload[6:])


def _gre_bridge(one, inner, forth):  # RFC 1701's transparent Ethernet bridging
    return _ipv4(GRE, forth, struct.pack("!HH", 0, 0x6558)
                 + link.ethernet(one, link.type_of(inner), inner))


def _erspan2(one, inner, forth):
    """GRE with a sequence number, then version, VLAN, session and index."""
    inside = link.ethernet(one, link.type_of(inner), inner)
    head = struct.pack("!HHI", 0x1000, 0x88be, 1) + struct.pack("!HHI", 1 << 12, 0x17, 7)
    return _ipv4(GRE, forth, head + inside)


def _erspan1(one, inner, forth):
    """GRE without a sequence number, and the frame right behind it."""
    inside = link.ethernet(one, link.type_of(inner), inner)
    return _ipv4(GRE, forth, struct.pack("!HH", 0, 0x88be) + inside)


def _erspan3(one, inner, forth):
    """Version, VLAN, session, timestamp, group tag; P and FT 0: an Ethernet frame, no more header.
    (draft-foschiano-erspan-03 section 4.3)"""
    inside = link.ethernet(one, link.type_of(inner), inner)
    head = struct.pack("!HHI", 0x1000, 0x22eb, 1) + struct.pack("!HHIHH", 2 << 12, 0x17, 7, 0, 0)
    return _ipv4(GRE, forth, head + inside)


def _gre_in_six(_one, inner, forth):
    return _ipv6(GRE, forth, struct.pack("!HH", 0, link.type_of(inner)) + inner)


def _udp(port, forth, payload):
    # A checksum of zero: none (RFC 768); VXLAN and GENEVE over IPv4 recommend it.
    return _ipv4(UDP, forth, struct.pack("!HHHH", 49152, port, 8 + len(payload), 0) + payload)


def _vxlan(one, inner, forth):  # RFC 7348
    inside = link.ethernet(one, link.type_of(inner), inner)
    return _udp(4789, forth, struct.pack("!II", 0x08000000, NETWORK << 8) + inside)


def _geneve(one, inner, forth):  # RFC 8926, with one option of 4 octets
    inside = link.ethernet(one, link.type_of(inner), inner)
    head = struct.pack("!BBHI", 2, 0, 0x6558, NETWORK << 8) + struct.pack("!HBBI", 0x0102, 1, 1, 9)
    return _udp(6081, forth, head + inside)


def _mpls(_one, inner, _forth):  # RFC 3032: two labels, the second is the bottom
    return 0x8847, struct.pack("!II", 16 << 12 | 64, NETWORK << 12 | 1 << 8 | 64) + inner


def _pppoe(_one, inner, _forth):  # RFC 2516
    protocol = 0x0021 if inner[0] >> 4 == 4 else 0x0057
    return 0x8864, struct.pack("!BBHHH", 0x11, 0, NETWORK, len(inner) + 2, protocol) + inner


TUNNELS = {
    "ip-in-ip": _ip_in_ip, "6in4": _six_in_four, "ip-in-ip6": _in_six, "gre": _gre,
    "gre-key": _gre_key, "gre-bridge": _gre_bridge, "gre-in-ip6": _gre_in_six,
    "erspan1": _erspan1, "erspan2": _erspan2, "erspan3": _erspan3, "vxlan": _vxlan,
    "geneve": _geneve, "mpls": _mpls, "pppoe": _pppoe,
}
