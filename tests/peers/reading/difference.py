# SPDX-License-Identifier: BSD-3-Clause
"""Where two lists of values part: `-` what only the peer has, `+` what only the product has."""
import difflib
import hashlib
from dataclasses import dataclass

SHOWN = 70


@dataclass(frozen=True)
class Difference:
    peer: str
    flow: str
    field: str
    what: str


def _shown(value):
    value = "".join(c if c.isprintable() else "?" for c in value)
    if len(value) <= SHOWN:
        return value
    return f"{value[:SHOWN - 12]}..#{hashlib.sha256(value.encode()).hexdigest()[:8]}"


def _listed(sign, values):
    counted = []
    for value in map(_shown, values):
        if counted and counted[-1][0] == value:
            counted[-1][1] += 1
        else:
            counted.append([value, 1])
    return [f"{sign}{value}" + (f" *{count}" if count > 1 else "") for value, count in counted]


def part(theirs, mine):
    """One line of text, or nothing where the lists are the same."""
    words = []
    matcher = difflib.SequenceMatcher(None, theirs, mine, autojunk=False)
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag != "equal":
            words += _listed("-", theirs[i1:i2]) + _listed("+", mine[j1:j2])
    return " | ".join(words)


def differences(peer, fields, theirs, mine):
    """Every field of every flow that either knows."""
    for flow in sorted(theirs.keys() | mine.keys()):
        one, other = theirs.get(flow, {}), mine.get(flow, {})
        for field in fields:
            what = part(one.get(field, []), other.get(field, []))
            if what:
                yield Difference(peer, flow, field, what)
