# SPDX-License-Identifier: BSD-3-Clause
"""What the client's namespace is asked to do, and what came of it."""
import pathlib
import subprocess
import sys
import time

from lab.accounts import PASSWORDS

HERE = pathlib.Path(__file__).resolve().parent


class ClientFailed(Exception):
    """A real client did not get through."""


def start(site, *words):
    return subprocess.Popen(
        site.wire.client.enter(sys.executable, "-B", HERE / "post.py", *map(str, words)),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def outcome(process, seconds=180):
    """The digests it printed."""
    said, complaints = process.communicate(timeout=seconds)
    if process.returncode:
        raise ClientFailed(complaints.strip().splitlines()[-1] if complaints else "it said nothing")
    return said.split()


def deliver(site, user, clients, messages, octets, seed):
    return outcome(start(site, "deliver", user, clients, messages, octets, seed))


def fetch(site, user, count):
    """All of a mailbox, once `count` messages have been handed to it."""
    new = site.dovecot.folder / "mail" / user / "new"
    for _ in range(300):
        if new.exists() and len(list(new.iterdir())) >= count:
            break
        time.sleep(0.2)
    return outcome(start(site, "fetch", user, PASSWORDS[user]))
