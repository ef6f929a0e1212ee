# SPDX-License-Identifier: BSD-3-Clause
"""The same octets in other segments: TCP promises a stream, not the sender's writes."""
from dataclasses import dataclass

from capture.frame import Capture
from capture.packet import ACK, FIN, MAX_PACKET, PSH, SYN, dissect


def _pieces(packet, cuts):
    """The segment cut at these places. What ends a segment stays with its last piece."""
    edges = [0, *cuts, len(packet.payload)]
    pieces = []
    for number, (begin, end) in enumerate(zip(edges, edges[1:])):
        first, last = number == 0, end == edges[-1]
        flags = packet.flags & ~(0 if first else SYN) & ~(0 if last else FIN | PSH)
        seq = packet.seq if first else (packet.begin + begin) % 2**32
        pieces.append(packet.with_(seq=seq, flags=flags, payload=packet.payload[begin:end]))
    return pieces


def _cut(capture, places):
    frames = []
    for frame in capture.frames:
        packet = dissect(frame)
        cuts = list(places(len(packet.payload))) if packet and packet.plain() else []
        if cuts:
            frames += [piece.as_frame() for piece in _pieces(packet, cuts)]
        else:
            frames.append(frame)
    return Capture(frames, capture.container)


def cut(capture, parameters, _random):
    size = int(parameters[0])
    return _cut(capture, lambda length: range(size, length, size))


def cut_at(capture, parameters, _random):
    place = int(parameters[0])
    return _cut(capture, lambda length: [place] if place < length else [])


def merge(capture, _parameters, _random):
    """Joins neighbours of one direction with no packet of the flow between them, as offloading
    receivers do. The join takes the place and the acknowledgement of the later one."""
    frames, last = [], {}  # by flow: the place and the packet that may still grow
    for frame in capture.frames:
        packet = dissect(frame)
        frames.append(frame)
        if packet is None:
            continue
        place, earlier = last.pop(packet.flow, (0, None))
        if earlier and _joins(earlier, packet):
            packet = packet.with_(seq=earlier.seq, payload=earlier.payload + packet.payload,
                                  flags=packet.flags | earlier.flags & PSH)
            frames[place], frames[-1] = None, packet.as_frame()
        if packet.plain() and packet.payload and not packet.flags & (SYN | FIN):
            last[packet.flow] = (len(frames) - 1, packet)
    return Capture([frame for frame in frames if frame], capture.container)


def _joins(earlier, later):
    return (earlier.source == later.source and earlier.end == later.seq and later.plain()
            and not later.flags & SYN and (later.payload or later.flags & FIN)
            and len(earlier.octets()) + len(later.payload) <= MAX_PACKET)


@dataclass
class _Seam:
    """A segment that begins inside `earlier` and ends inside `later`, its neighbour in sequence."""
    earlier: object
    later: object

    def patch(self, random):
        begin = random.randrange(len(self.earlier.payload))
        end = random.randint(1, len(self.later.payload))
        return self.later.with_(
            seq=(self.earlier.begin + begin) % 2**32, flags=ACK | PSH,
            payload=self.earlier.payload[begin:] + self.later.payload[:end])


def overlap_equal(capture, _parameters, random):
    """A retransmission across each seam, with the same octets: before the later segment, which
    then is partly old itself, or behind it."""
    frames, last = [], {}  # by direction: its latest segment with octets
    for frame in capture.frames:
        packet = dissect(frame)
        patches = []
        if packet and packet.payload and packet.plain() and not packet.flags & (SYN | FIN):
            earlier = last.get((packet.source, packet.destination))
            if (earlier and earlier.end == packet.seq
                    and len(earlier.octets()) + len(packet.payload) <= MAX_PACKET):
                patches = [_Seam(earlier, packet).patch(random).as_frame()]
            last[packet.source, packet.destination] = packet
        frames += patches + [frame] if random.random() < 0.5 else [frame] + patches
    return Capture(frames, capture.container)


def swap_case(capture, _parameters, _random):
    """No transformation that keeps the events: commands stay what they are, names do not."""
    frames = []
    for frame in capture.frames:
        packet = dissect(frame)
        if packet and packet.payload:
            frame = packet.with_(payload=packet.payload.swapcase()).as_frame()
        frames.append(frame)
    return Capture(frames, capture.container)
