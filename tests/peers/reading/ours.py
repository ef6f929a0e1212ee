# SPDX-License-Identifier: BSD-3-Clause
"""The product: its event log, and its transcript for the commands and replies of SMTP."""
import json
import os
import pathlib
import re
import subprocess
import tempfile

from reading import eve
from reading.facts import Facts

CONFIGURATION = '[mail]\ndigests = "md5 sha1 sha256"\n'
HEAD = re.compile(r"^(\S+)  (\S+):(\d+) -> (\S+):(\d+)(?: |$)")
SAID = re.compile(r"^ +\d+\.\d{6}  (C ->|S <-)  (\S+)")


class Reading:
    def __init__(self, program, capture):
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            (folder / "toml").write_text(CONFIGURATION)
            done = subprocess.run(
                [program, "read", capture, "--eve", folder / "eve", "--config", folder / "toml",
                 "--credentials", "reveal"],
                # A peer's $MAGIC may be of another version than the product's library.
                env={k: v for k, v in os.environ.items() if k != "MAGIC"},
                capture_output=True, timeout=300)
            # 1: the capture is damaged, or of a kind that is not read; what came before counts.
            if done.returncode not in (0, 1):
                raise RuntimeError(done.stderr.decode())
            log = (folder / "eve").read_text() if (folder / "eve").exists() else ""
        self.events = [json.loads(line) for line in log.splitlines()]
        self.transcript = _transcript(done.stdout.decode())
        self.mail = {eve.key(one) for one in self.events if one["event_type"] == "flow"}


def _transcript(printed):
    told, flow = Facts(), None
    for line in printed.splitlines():
        head, said = HEAD.match(line), SAID.match(line)
        if head:
            protocol, one, port, other, other_port = head.groups()
            flow = told.flow(Facts.key((one.strip("[]"), port), (other.strip("[]"), other_port)))
            flow = flow if protocol != "POP3" else None  # POP3's lines are events
        elif said and flow is not None:
            side = "verbs" if said[1] == "C ->" else "codes"
            flow.setdefault(side, []).append(said[2])
    return told
