# SPDX-License-Identifier: BSD-3-Clause
"""What two event logs must have in common: each flow's events, in their order, without what
depends on times, on places in the file, and on how the octets were cut into packets."""
import json
from collections import Counter

VOLATILE = {"timestamp", "flow_id", "pcap_filename", "in_iface", "host", "latency_ms",
            "handshake_ms"}
OF_FLOW = {"start", "end", "age", "pkts_toserver", "pkts_toclient", "bytes_toserver",
           "bytes_toclient", "retransmitted", "out_of_order"}


def _without(value, names):
    if isinstance(value, dict):
        return {name: _without(inner, names) for name, inner in value.items()
                if name not in names}
    if isinstance(value, list):
        return [_without(inner, names) for inner in value]
    return value


def endpoints(event):
    """The same whoever was taken for the client."""
    return tuple(sorted(((event["src_ip"], event["src_port"]),
                         (event["dest_ip"], event["dest_port"]))))


def flows(events, also=()):
    """By endpoints: the flows, each a list of its events as text. `also`: names left out too."""
    by_flow = {}
    for event in events:
        if event["event_type"] == "stats":
            continue
        kept = _without(event, VOLATILE.union(also))
        if event["event_type"] == "flow":
            kept["flow"] = _without(kept["flow"], OF_FLOW)
        text = json.dumps(kept, ensure_ascii=False, sort_keys=True)
        by_flow.setdefault((endpoints(event), event["flow_id"]), []).append(text)
    found = {}
    for (ends, _), texts in by_flow.items():
        found.setdefault(ends, []).append(texts)
    return found


def differences(wanted, got):
    """A line for each pair of endpoints whose flows are not the same."""
    faults = []
    for ends in sorted(wanted.keys() | got.keys()):
        a, b = wanted.get(ends, []), got.get(ends, [])
        if Counter(map(tuple, a)) != Counter(map(tuple, b)):
            faults.append(_explain(ends, a, b))
    return faults


def _explain(ends, wanted, got):
    (low, low_port), (high, high_port) = ends
    name = f"{low}:{low_port} {high}:{high_port}"
    if len(wanted) != len(got):
        return f"{name}: {len(wanted)} flows wanted, {len(got)} got"
    for a, b in zip(wanted, got):
        for one, other in zip(a, b):
            if one != other:
                return f"{name}: {_first(json.loads(one), json.loads(other))}"
        if len(a) != len(b):
            odd = max(a, b, key=len)[min(len(a), len(b))]
            kind = json.loads(odd)["event_type"]
            return f"{name}: {len(a)} events wanted, {len(b)} got, the odd one of type {kind}"
    return f"{name}: other flows"


def _first(a, b, path=""):
    """The first value in which two events differ."""
    if isinstance(a, dict) and isinstance(b, dict):
        for name in [*a, *(name for name in b if name not in a)]:
            if a.get(name) != b.get(name):
                return _first(a.get(name), b.get(name), f"{path}.{name}" if path else name)
    kind = "" if path else "event "
    return f"{kind}{path}: {_short(a)} wanted, {_short(b)} got"


def _short(value):
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 160 else text[:157] + "..."
