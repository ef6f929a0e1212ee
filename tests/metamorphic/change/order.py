# SPDX-License-Identifier: BSD-3-Clause
"""The same packets in another order, twice, or without one. Times stay with the places in the
file: a tap stamps what it hands over, in the order in which it does."""
from dataclasses import replace

from capture.frame import SECOND, Capture, NotApplicable
from capture.packet import ACK, SYN, dissect

LULL = SECOND // 10
MOST_LATE = 4  # packets between a frame and its copy


def reorder(capture, parameters, random):
    """A packet falls back behind fewer than so many others. With `established`, each handshake
    stays in front of the rest of its connection: that order is one of cause, a round trip apart."""
    return _reordered(capture, parameters, random, lambda packet: 0)


def reorder_direction(capture, parameters, random):
    """Within one direction of a flow only: each keeps its places among the other packets."""
    return _reordered(capture, parameters, random,
                      lambda packet: packet and (packet.source, packet.destination))


def _reordered(capture, parameters, random, lane_of):
    if parameters[1:] not in ([], ["established"]):
        raise ValueError(f"not known: {parameters[1]}")
    packets = [dissect(frame) for frame in capture.frames]
    if _contradicts_itself(packets):
        raise NotApplicable("it repeats octets with other values: the first copy counts")
    lanes = {}
    for number, packet in enumerate(packets):
        lanes.setdefault(lane_of(packet), []).append(number)
    order = list(range(len(packets)))  # by place: the number of the frame that goes there
    lanes.pop(None, None)
    for places in lanes.values():
        for burst in _bursts(places, capture.frames):
            _shuffle(order, burst, int(parameters[0]), random)
    if parameters[1:]:
        _handshakes_first(order, packets)
    frames = [replace(capture.frames[number], time=frame.time)
              for number, frame in zip(order, capture.frames)]
    return Capture(frames, capture.container)


def _contradicts_itself(packets):
    connections, first = _connections(packets), {}
    for number, packet in enumerate(packets):
        if packet is None:
            continue
        octets = first.setdefault((connections[number], packet.source), {})
        for place, octet in enumerate(packet.payload, packet.begin):
            if octets.setdefault(place % 2**32, octet) != octet:
                return True
    return False


def _bursts(places, frames):
    """The places, parted where the wire was silent: nothing is late by whole round trips."""
    bursts, last = [], None
    for place in places:
        if last is None or abs(frames[place].time - frames[last].time) > LULL:
            bursts.append([])
        bursts[-1].append(place)
        last = place
    return bursts


def _shuffle(order, places, window, random):
    drawn = sorted(range(len(places)), key=lambda number: number + random.random() * window)
    for place, number in zip(places, [order[places[number]] for number in drawn]):
        order[place] = number


def _handshakes_first(order, packets):
    connections = _connections(packets)
    places = {}
    for place, number in enumerate(order):
        if number in connections:
            places.setdefault(connections[number], []).append(place)
    for own in places.values():
        numbers = [order[place] for place in own]
        syns = [number for number in numbers if packets[number].flags & SYN]
        opening = set(syns) | _answers(sorted(numbers), packets, max(syns, default=None))
        numbers.sort(key=lambda number: number if number in opening else len(packets))
        for place, number in zip(own, numbers):
            order[place] = number


def _answers(numbers, packets, last_syn):
    """The packet behind the last SYN, if it does no more than acknowledge it."""
    later = [number for number in numbers if last_syn is not None and number > last_syn]
    return {number for number in later[:1] if not packets[number].payload}


def _connections(packets):
    """By number of the packet: which connection it is of. Ports may be used again."""
    connections, current = {}, {}
    for number, packet in enumerate(packets):
        if packet is None:
            continue
        begins = packet.flags & (SYN | ACK) == SYN
        if packet.flow not in current or begins and not current[packet.flow][1]:
            current[packet.flow] = (number, begins)
        elif not packet.flags & SYN:
            current[packet.flow] = (current[packet.flow][0], False)
        connections[number] = current[packet.flow][0]
    return connections


def duplicate(capture, parameters, random):
    """Copies frames with this probability; the copy comes at once or a few packets later."""
    probability = float(parameters[0])
    drawn = []
    for number, frame in enumerate(capture.frames):
        drawn.append((number, 0, frame))
        if random.random() < probability:
            late = min(number + random.randint(0, MOST_LATE), len(capture.frames) - 1)
            drawn.append((late, 1, replace(frame, time=capture.frames[late].time)))
    drawn.sort(key=lambda place: place[:2])
    return Capture([frame for _, _, frame in drawn], capture.container)


def drop(capture, parameters, _random):
    """Without the packet of this number, counted from 1 as every reader of captures does."""
    number = int(parameters[0])
    if not 1 <= number <= len(capture.frames):
        raise ValueError(f"the capture has packets 1 to {len(capture.frames)}")
    frames = capture.frames[:number - 1] + capture.frames[number:]
    return Capture(frames, capture.container)
