# SPDX-License-Identifier: BSD-3-Clause
"""Any one packet lost: no other flow notices, and its own says so."""
import ipaddress
import json
import random

from capture.packet import FIN, RST, SYN, dissect
from change.order import drop
from trial.events import differences, flows
from trial.inspection import Broken
from trial.verdict import failed, passed, skipped


def sample(case, most):
    """Numbers of packets, counted from 1: all of them, or so many drawn by a fixed seed."""
    numbers = range(1, len(case.capture.frames) + 1)
    if most is None or most >= len(numbers):
        return list(numbers)
    return sorted(random.Random(case.seed("drop")).sample(numbers, most))


def judge(case, numbers, keep):
    name = f"drop, {len(numbers)} of {len(case.capture.frames)} packets"
    if not numbers:
        return skipped(case, name, "no packets")
    faults = []
    for number in numbers:
        capture = drop(case.capture, [number], None)
        found = [f"packet {number}: {fault}" for fault in _faults(case, capture, number)]
        if found:
            keep(capture, case, f"drop {number}")
            faults += found
    if faults:
        return failed(case, name, [*faults, f"rewrite {case.path} OUTPUT drop NUMBER"])
    return passed(case, name)


def _faults(case, capture, number):
    try:
        got = case.inspect(capture).events if capture.frames else []
    except Broken as fault:
        return [str(fault)]
    packet = dissect(case.capture.frames[number - 1])
    wanted, got = flows(case.inspection.events), flows(got)
    own = _endpoints(packet) if packet else None
    mine, now = wanted.pop(own, []), got.pop(own, [])
    faults = [f"of another flow: {one}" for one in differences(wanted, got)]
    if packet and mine != now:
        rest = [other for other in map(dissect, capture.frames)
                if other and other.flow == packet.flow]
        faults += _own(packet, rest, own, mine, now)
    return faults


def _shows(rest, lost):
    """Whether the rest of the flow can show the loss: octets to know it by, and a sequence number
    or an acknowledgement behind those lost. The last words of a capture are not missed."""
    def behind(number):
        return 0 < (number - lost.begin) % 2**32 < 2**31

    numbers = [other.end if other.source == lost.source else other.ack
               for other in rest if not other.flags & RST]
    return any(other.payload for other in rest) and any(map(behind, numbers))


def _own(packet, rest, own, wanted, got):
    """Where octets were lost, and something else is said, the loss must be said as well. Where
    none were, or their loss changed nothing (they were encrypted), the dialogue is whole; with a
    SYN, FIN or RST, what is said of the connection goes too."""
    changes = differences({own: wanted}, {own: got})
    dialogue = differences({own: _dialogue(wanted)}, {own: _dialogue(got)})
    if packet.payload or packet.missing:
        said = any(_admits(json.loads(text)) for texts in got for text in texts)
        marks = packet.flags & (SYN | FIN | RST)
        if said or not _shows(rest, packet) or marks and not dialogue:
            return []
        return ["octets lost, other events, and no word of it: " + "; ".join(changes)]
    if packet.flags & (SYN | FIN | RST):
        return []
    return [f"an acknowledgement lost: {one}" for one in dialogue]


def _admits(event):
    flow = event.get("flow", {})
    return bool(flow.get("gap") or flow.get("bytes_missing") or flow.get("midstream")
                or flow.get("oneside"))


def _dialogue(found):
    """Flow events left out: with an acknowledgement goes what the connection's end was like."""
    return [[text for text in texts if '"event_type": "flow"' not in text] for texts in found]


def _endpoints(packet):
    def printed(end):
        return _address(end[0]), end[1]
    return tuple(sorted((printed(packet.source), printed(packet.destination))))


def _address(octets):
    return str(ipaddress.ip_address(octets))
