# SPDX-License-Identifier: BSD-3-Clause
"""The product's layers, through the program `streams`."""
import json
import subprocess
from dataclasses import dataclass

from judging.words import SIDES, Words


class Refused(Exception):
    pass


@dataclass
class Flow:
    client: tuple
    server: tuple
    lane: str
    midstream: bool
    frames: list      # those with octets
    said: dict        # by side: Words
    conflicts: int

    def __str__(self):
        return f"{self.client[0]} {self.client[1]} to {self.server[0]} {self.server[1]}{self.lane}"


def _words(side):
    gaps = side["gaps"]
    return Words(side["octets"], side["sha256"], tuple(zip(gaps[::2], gaps[1::2])))


def _flow(line):
    lane = "".join(f" vlan {tag}" for tag in line["vlan"])
    if line["tunnel"] != "none":
        lane += f" {line['tunnel']} {line['tunnel_id']}"
    return Flow(tuple(line["client"]), tuple(line["server"]), lane, line["midstream"],
                line["frames"], {side: _words(line[side]) for side in SIDES},
                sum(line[side]["conflicts"] for side in SIDES))


class Reading:
    """The flows with octets, and by frame why it was left out."""

    def __init__(self, program, capture):
        done = subprocess.run([program, capture], capture_output=True, text=True, timeout=300)
        if done.returncode:
            said = done.stderr.strip().replace(f"{capture}: ", "").removeprefix("streams: ")
            if done.returncode != 1:
                raise RuntimeError(f"streams ended with status {done.returncode}: {said}")
            raise Refused(said)
        self.flows, self.left_out, self.trouble = [], {}, ""
        for line in map(json.loads, done.stdout.splitlines()):
            if "left_out" in line:
                self.left_out[line["left_out"]] = line["reason"]
            elif "trouble" in line:
                self.trouble = line["trouble"].replace(f"{capture} ", "").replace(f"{capture}: ", "")
            else:
                self.flows.append(_flow(line))
