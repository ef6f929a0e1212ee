# SPDX-License-Identifier: BSD-3-Clause
"""Suricata's EVE log of a capture. $SURICATA says how to run it, if not as `suricata`."""
import json
import os
import pathlib
import re
import shlex
import subprocess
import tempfile

from reading import encoded, eve
from reading.facts import Facts

NAME, FIELDS = "suricata", eve.NAMES
COMMAND = shlex.split(os.environ.get("SURICATA", "suricata"))
CONFIGURATION = pathlib.Path(__file__).resolve().parent.parent / "suricata.yaml"


def missing():
    """Why there is no such peer here, or None."""
    try:
        said = subprocess.run([*COMMAND, "-V"], capture_output=True, text=True).stdout
    except OSError as error:
        return str(error)
    version = re.search(r"version (\d+)", said)
    if not version or int(version[1]) < 8:
        return f"it is not Suricata 8: {said.strip()}"
    return None


def facts(capture, reading):
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run([*COMMAND, "-c", CONFIGURATION, "-r", capture, "-l", folder, "-k",
                               "none"], capture_output=True, text=True, timeout=300)
        log = pathlib.Path(folder, "eve.json")
        if not log.exists():
            raise RuntimeError(f"suricata: {done.stderr.strip()[-400:]}")
        found = [json.loads(line) for line in log.read_text().splitlines()]
    told = Facts()
    for event in found:
        eve.add(told, event, _theirs)
    return _mail(told, reading)


def _mail(told, reading):
    """Only what is mail to one of the two."""
    told.flows = {key: flow for key, flow in told.flows.items()
                  if key in reading.mail or {"smtp", "pop3"} & set(flow.get("app_proto", []))}
    return told


def ours(reading):
    """What Suricata reads too: of what POP3 transfers it makes lines, not messages."""
    told = Facts()
    for event in reading.events:
        if not (event["event_type"] == "fileinfo" and event.get("app_proto") == "pop3"):
            eve.add(told, event, _ours)
    return told


def _ours(name, value, event):
    if name == "pop3.response.data" and event["pop3"]["request"]["command"] in ("RETR", "TOP"):
        return None
    return _common(name, value)


def _common(name, value):
    """A folded field loses the blank there in Suricata's log; references are one text to it; its
    URLs are in no order."""
    if name in ("email.received", "email.references", "email.user_agent") and value:
        return re.sub(r"[\s,]+", "", " ".join(value) if isinstance(value, list) else value)
    return sorted(value) if name == "email.url" and value else value


def _theirs(name, value, event):
    if name.startswith("pop3."):
        command = event["pop3"].get("request", {}).get("command")
        if command is None:  # the banner, which is a transaction to Suricata
            return None
        if name == "pop3.response.data" and command in ("RETR", "TOP"):
            return None
    if name == "app_proto":  # STARTTLS: what the flow was before
        return event.get("app_proto_orig", value)
    if name.startswith("email."):
        return _common(name, encoded.words(value))
    return value
