# SPDX-License-Identifier: BSD-3-Clause
"""What the program exports: names of its series, and the values of their labels."""
import re
import subprocess

from verdicts import SOURCE

CASES = SOURCE / "tests/cases"
SERIES = re.compile(r"^(\w+)(?:\{(.*)\})? \S+$", re.M)
LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')


def exposition(program):
    return subprocess.run([program, "read", CASES / "smtp-course/input.pcap", "--quiet",
                           "--metrics", "-"], check=True, capture_output=True, text=True).stdout


def series(program):
    """name -> label -> its values"""
    found = {}
    for name, labels in SERIES.findall(exposition(program)):
        of_name = found.setdefault(name, {})
        for label, value in LABEL.findall(labels or ""):
            of_name.setdefault(label, set()).add(value)
    return found
