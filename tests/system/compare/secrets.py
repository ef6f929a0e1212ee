# SPDX-License-Identifier: BSD-3-Clause
"""Looks for passwords, and what stands for them on the wire, in all that the inspector wrote."""
import base64
import json


def forms(password):
    """The password, and the pieces of base64 that it leaves at each of the three alignments.

    AUTH PLAIN puts the user's name before it, so the base64 of the password alone would be seldom
    found; of each alignment only the characters are taken that no neighbour can change.
    """
    raw = password.encode()
    yield password
    for shift in range(3):
        text = base64.b64encode(b"\0" * shift + raw).decode()
        yield text[(0, 2, 3)[shift]:(shift + len(raw)) * 8 // 6]


def found(text, strings):
    """Which of `strings` occur in `text`, or in any string of the JSON objects it may hold."""
    places = [text] + [leaf for line in text.splitlines() if line.startswith("{")
                       for leaf in _leaves(_json(line))]
    return sorted({string for string in strings for place in places if string in place})


def _json(line):
    try:
        return json.loads(line)
    except ValueError:
        return None


def _leaves(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield name
            yield from _leaves(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _leaves(inner)
