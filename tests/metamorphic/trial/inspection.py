# SPDX-License-Identifier: BSD-3-Clause
"""One run of the inspector over one capture: its events and its counters."""
import json
import os
import pathlib
import re
import subprocess
import tempfile

from capture import container

TIMEOUT = 120
# Most of a run over a small capture is clearing memory: a smaller table halves it.
CONFIGURATION = "[flow]\nflows = 16384\n"


class Broken(Exception):
    """The inspector failed, or contradicts itself: worse than any difference."""


class Inspection:
    def __init__(self, eve, metrics):
        self.events = [json.loads(line) for line in eve.splitlines()]
        self.metrics = {}
        for line in metrics.splitlines():
            if line and not line.startswith("#"):
                name, value = line.rsplit(" ", 1)
                self.metrics[name] = float(value)
        self._balance()

    def _balance(self):
        """Every packet meets exactly one fate."""
        drops = sum(value for name, value in self.metrics.items()
                    if re.match(r"mailglass_drops_total\b", name))
        frames = self.metrics["mailglass_frames_total"]
        segments = self.metrics["mailglass_segments_total"]
        if frames != segments + drops:
            raise Broken(f"{frames:.0f} frames, but {segments:.0f} segments and {drops:.0f} drops")


class Inspector:
    def __init__(self, binary):
        self.binary = str(pathlib.Path(binary).resolve())

    def inspect(self, capture, case):
        """`case` gives the folder to run in and the case's own words for the command line."""
        with tempfile.TemporaryDirectory(prefix="metamorphic-") as scratch:
            folder = pathlib.Path(scratch)
            container.write(capture, folder / "input")
            (folder / "config").write_text(CONFIGURATION)
            words = case.arguments
            if "--config" not in words:
                words = [*words, "--config", folder / "config"]
            run = subprocess.run(
                [self.binary, "read", folder / "input", "--quiet", "--eve", folder / "eve",
                 "--metrics", folder / "metrics", *words],
                cwd=case.folder, capture_output=True, text=True, timeout=TIMEOUT,
                env={**os.environ, "TZ": "UTC"})
            if run.returncode != 0 or run.stderr:
                raise Broken(f"exit {run.returncode}: {run.stderr.strip()[:600]}")
            return Inspection((folder / "eve").read_text(), (folder / "metrics").read_text())
