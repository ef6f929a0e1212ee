# SPDX-License-Identifier: BSD-3-Clause
"""What the program exports, of a capture and of live ports: names of its series, and the values of
their labels."""
import pathlib
import re
import subprocess
import tempfile

from sensor import Sensor, odd_frames
from verdicts import SOURCE

CASES = SOURCE / "tests/cases"
SERIES = re.compile(r"^(\w+)(?:\{(.*)\})? \S+$", re.M)
LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')


def of_a_capture(program):
    return subprocess.run([program, "read", CASES / "smtp-course/input.pcap", "--quiet",
                           "--metrics", "-"], check=True, capture_output=True, text=True).stdout


def of_a_bridge(program):
    with tempfile.TemporaryDirectory(prefix="mailglass-names-") as folder:
        sensor = Sensor(program, pathlib.Path(folder) / "bridge", odd_frames(), odd_frames())
        text = sensor.text()
        wrong = sensor.end()
    if wrong:
        raise RuntimeError(wrong)
    return text


def series(program):
    """name -> label -> its values"""
    found = {}
    for name, labels in SERIES.findall(of_a_capture(program) + of_a_bridge(program)):
        of_name = found.setdefault(name, {})
        for label, value in LABEL.findall(labels or ""):
            of_name.setdefault(label, set()).add(value)
    return found
