# SPDX-License-Identifier: BSD-3-Clause
"""The event log, sorted by connection and kind."""
import collections
import json

MAIL = ("smtp", "pop3", "login", "tls", "fileinfo")


class Log:
    def __init__(self, path):
        self.events, self.faults = [], []
        with open(path, encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                try:
                    self.events.append(json.loads(line))
                except ValueError as fault:
                    self.faults.append(f"line {number} is not JSON: {fault}")
        self.by_key = collections.defaultdict(list)
        for event in self.events:
            if "src_ip" in event:
                self.by_key[_key(event)].append(event)

    def of(self, stream, kind):
        """The events of one connection and kind, in the order of the log."""
        return [event for event in self.by_key[_key_of(stream)] if event.get("event_type") == kind]

    def strangers(self, streams):
        """Mail events whose addresses and ports belong to none of `streams`."""
        known = {_key_of(stream) for stream in streams}
        return [event for event in self.events if event.get("event_type") in MAIL
                and ("src_ip" not in event or _key(event) not in known)]


def _key_of(stream):
    address, port, to_address, to_port = stream.key
    return (_written(address), port, _written(to_address), to_port)


def _key(event):
    return (_written(event["src_ip"]), event.get("src_port"), _written(event.get("dest_ip", "")),
            event.get("dest_port"))


def _written(address):
    """Suricata writes IPv6 in full, tshark shortens it: one spelling for both."""
    if ":" not in address:
        return address
    head, _, tail = address.partition("::")
    left, right = head.split(":") if head else [], tail.split(":") if tail else []
    middle = ["0"] * (8 - len(left) - len(right)) if "::" in address else []
    return ":".join(f"{int(group, 16):x}" for group in left + middle + right)
