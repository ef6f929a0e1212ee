# SPDX-License-Identifier: BSD-3-Clause
"""Programs run and timed. CPU seconds are user + system of the whole process, children included:
on a shared machine they are what a program cost, whatever the clock on the wall says."""
import json
import os
import statistics
import subprocess
import sys


class Failed(Exception):
    """A program did not do what it was started for."""


def run(command, output=subprocess.DEVNULL, environment=None):
    """Runs `command`; returns its CPU seconds. Failed when it ends with another status than 0."""
    process = subprocess.Popen([str(word) for word in command], stdout=output,
                               stderr=subprocess.PIPE, env=environment)
    said = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    process.stderr.close()
    if process.returncode != 0:
        words = said.decode(errors="replace").strip().splitlines() or ["(it said nothing)"]
        raise Failed(f"{command[0]}: status {process.returncode}: {words[-1]}")
    return usage.ru_utime + usage.ru_stime


def json_of(command):
    """The one JSON object a program prints."""
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    if done.returncode != 0:
        raise Failed(f"{command[0]}: status {done.returncode}: {done.stderr.strip()}")
    return json.loads(done.stdout)


def interleaved(rounds, measures):
    """Calls each of `measures` (name to function) once a round, in turn, so that a machine that is
    slow for a while is slow for all; returns name to list of what they returned."""
    results = {name: [] for name in measures}
    for number in range(rounds):
        for name, measure in measures.items():
            results[name].append(measure())
        progress(f"round {number + 1} of {rounds}")
    return results


def median(values):
    return statistics.median(values)


def spread(values):
    """How far the values lie apart, as a share of their median."""
    return (max(values) - min(values)) / statistics.median(values)


def progress(text):
    if sys.stderr.isatty():
        print(text, file=sys.stderr)
