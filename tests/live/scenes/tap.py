# SPDX-License-Identifier: BSD-3-Clause
"""The service beside the clients, and tcpdump beside the service: both saw the same mail."""
import json
import subprocess
import sys

from lab.recorder import Recorder
from lab.site import Site
from traffic import courses
from trial.events import differences, flows


def play(stage, system):
    for workers in (1, 2):
        _one(stage, system, f"tap, {workers} worker{'s' if workers > 1 else ''}", workers)


def _one(stage, system, name, workers):
    folder = stage.folder / name
    folder.mkdir()
    with Site() as site:
        for user in ("bob", "erin"):
            for number, message in enumerate(courses.mailbox(), 1):
                site.dovecot.put(user, number, message)
        site.start()
        recorder = Recorder(site.wire.client, folder / "capture.pcap")
        with stage.service(name, site.wire.client, ["net_af_packet0,iface=mail0"],
                           f"workers = {workers}") as service:
            done = subprocess.run(
                site.wire.client.enter(sys.executable, "-B", "-m", "traffic", "everything",
                                       str(folder / "ledger.json"), str(site.folder)),
                cwd=system, capture_output=True, text=True, timeout=300)
            stage.check(f"{name}: every client got the answers it expected",
                        [done.stderr.strip(), site.logs()] if done.returncode else [])
            service.settle()
        recorder.stop()
    wanted = folder / "read.json"
    subprocess.run([stage.binary, "read", folder / "capture.pcap", "--quiet", "--eve", wanted],
                   check=True)
    read = [json.loads(line) for line in wanted.read_text().splitlines()]
    found = flows(read)
    stage.check(f"{name}: events of {len(found)} pairs of endpoints equal those of the recording",
                differences(found, flows(service.events())) if len(found) > 20 else
                [f"only {len(found)} pairs of endpoints"])
