# SPDX-License-Identifier: BSD-3-Clause
"""Facts: of each flow, by the name of a field, the texts seen, in order."""
import json


class Facts:
    def __init__(self):
        self.flows = {}

    @staticmethod
    def key(one, other):
        """The flow between two ends (address, port), whichever is the client."""
        return " ".join(sorted(f"{address}:{port}" for address, port in (one, other)))

    def flow(self, key):
        """Its fields."""
        return self.flows.setdefault(key, {})


def text(value):
    """One spelling for a value of JSON; blanks that folding or a tab made count as one."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return ", ".join(text(one) for one in value)
    if isinstance(value, dict):
        return json.dumps(value, sort_keys=True)
    return " ".join(str(value).split())
