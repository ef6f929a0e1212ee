# SPDX-License-Identifier: BSD-3-Clause
"""Where the product and tshark part, flow by flow.

Same flows: the frames with octets fall into the same sets. Same octets: for a flow that is one
stream of tshark's, what `follow` puts in order, compared by length, SHA-256 and place of every
gap. Where it has no answer the flow's own frames are given to the simple assembler: the flow is not
one stream, or the snap length cut octets off, which `follow` passes over in silence."""
from collections import Counter
from dataclasses import dataclass

from judging import tshark
from judging.assembler import assemble
from judging.ours import Reading, Refused
from judging.words import SIDES


@dataclass(frozen=True)
class Difference:
    stream: str  # tshark's number of the stream, the frame where the flow begins, or "-"
    what: str


@dataclass
class Comparison:
    flows: int
    differences: list


class _Scene:
    """Both judges' sets of frames, and which of them meet."""

    def __init__(self, reading, segments):
        self.reading, self.segments = reading, segments
        self.stream_of = {one.frame: one.stream for one in segments if one.length}
        self.cut = {one.stream for one in segments if len(one.payload) < one.length}
        self.frames_of = {}
        for frame, stream in self.stream_of.items():
            self.frames_of.setdefault(stream, set()).add(frame)
        self.streams_met = [sorted({self.stream_of[frame] for frame in flow.frames
                                    if frame in self.stream_of}) for flow in reading.flows]
        self.flows_met = Counter(stream for met in self.streams_met for stream in met)

    def is_stream(self, number):
        met = self.streams_met[number]
        return len(met) == 1 and self.flows_met[met[0]] == 1

    def segments_of(self, flow):
        """The flow's frames with octets; and, where no other flow shares them, those without of the
        same streams, from the end of the flow before to the beginning of the next."""
        octets = set(flow.frames)
        first, last = min(octets), max(octets)
        streams = {self.stream_of.get(frame) for frame in octets}
        others = [frame for other in self.reading.flows if other is not flow
                  for frame in other.frames if self.stream_of.get(frame) in streams]
        begin = max((frame for frame in others if frame < first), default=0)
        end = min((frame for frame in others if frame > last), default=2**64)
        alone = not any(first < frame < last for frame in others)
        return [one for one in self.segments if one.frame in octets or (
            alone and not one.length and one.stream in streams and begin < one.frame < end
            and one.frame not in self.reading.left_out)]


def _partition(scene):
    """Frames with octets that are in no flow, or in no stream, and flows that are not streams."""
    for stream, frames in sorted(scene.frames_of.items()):
        reasons = Counter(scene.reading.left_out[frame] for frame in frames
                          if frame in scene.reading.left_out)
        for reason, count in sorted(reasons.items()):
            yield Difference(str(stream), f"frames left out: {count} {reason}")
        if scene.flows_met[stream] > 1:
            yield Difference(str(stream), f"flows in it: {scene.flows_met[stream]}")
    for flow, met in zip(scene.reading.flows, scene.streams_met):
        name = str(met[0]) if met else f"frame {flow.frames[0]}"
        alone = sum(frame not in scene.stream_of for frame in flow.frames)
        if alone:
            yield Difference(name, f"frames that are no TCP to tshark: {alone}")
        if len(met) > 1:
            yield Difference(name, f"one flow with {len(met) - 1} more")


def _octets(scene, followed):
    for number, (flow, met) in enumerate(zip(scene.reading.flows, scene.streams_met)):
        if not met:
            continue
        stream = scene.is_stream(number) and met[0]
        simple = assemble(scene.segments_of(flow), flow.client)
        judge, words = "assembler", simple
        if stream is not False and stream in followed and stream not in scene.cut:
            judge, words = "follow", tshark.sides(followed[stream], flow.client)
        name = str(met[0]) if scene.is_stream(number) else f"{met[0]} frame {flow.frames[0]}"
        for side in SIDES:
            if flow.said[side] == words[side]:
                continue
            what = f"{side}: {flow.said[side]}, {judge} {words[side]}"
            if judge == "follow":
                agrees = flow.said[side] == simple[side]
                what += ", assembler " + ("agrees" if agrees else str(simple[side]))
            yield Difference(name, what)


def compare(program, capture):
    try:
        reading = Reading(program, capture)
    except Refused as reason:
        return Comparison(0, [Difference("-", f"refused: {reason}")])
    segments = tshark.segments(capture)
    scene = _Scene(reading, segments)
    found = [Difference("-", reading.trouble)] if reading.trouble else []
    found += _partition(scene)
    found += _octets(scene, tshark.follow(capture, sorted(scene.frames_of)))
    return Comparison(len(reading.flows), found)
