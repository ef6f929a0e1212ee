# SPDX-License-Identifier: BSD-3-Clause
"""The same packets in another order, twice, or without one. Times stay with the places in the
file: a tap stamps what it hands over, in the order in which it does."""
from dataclasses import replace

from capture.frame import Capture
from capture.packet import dissect


def _moved(frames, places, window, random):
    """Shuffles the frames at these places; each falls back behind fewer than `window` others."""
    drawn = sorted(range(len(places)), key=lambda number: number + random.random() * window)
    moved = [replace(frames[places[source]], time=frames[places[number]].time)
             for number, source in enumerate(drawn)]
    for place, frame in zip(places, moved):
        frames[place] = frame


def reorder(capture, parameters, random):
    frames = list(capture.frames)
    _moved(frames, list(range(len(frames))), int(parameters[0]), random)
    return Capture(frames, capture.container)


def reorder_direction(capture, parameters, random):
    """Within one direction of a flow only: each keeps its places among the other packets."""
    frames, places = list(capture.frames), {}
    for place, frame in enumerate(frames):
        packet = dissect(frame)
        if packet:
            places.setdefault((packet.source, packet.destination), []).append(place)
    for own in places.values():
        _moved(frames, own, int(parameters[0]), random)
    return Capture(frames, capture.container)


MOST_LATE = 4  # packets between a frame and its copy


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
