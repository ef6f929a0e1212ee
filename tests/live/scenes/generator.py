# SPDX-License-Identifier: BSD-3-Clause
"""dpdk-testpmd plays a capture without end into a memory interface; each frame has a fate."""
import os
import pathlib
import re
import shutil
import subprocess
import time

from scenes.stage import Skipped
from sensor.service import total

SECONDS = 4
CAPTURE = pathlib.Path(__file__).resolve().parents[2] / "cases" / "demo" / "input.pcap"


class Here:
    """No namespace: memory interfaces have no network."""

    @staticmethod
    def enter(*command):
        return list(command)


def play(stage, _system):
    if not shutil.which("dpdk-testpmd"):
        raise Skipped("dpdk-testpmd is not installed (package dpdk-dev)")
    for workers, run in ((1, ""), (2, "workers = 2")):
        _one(stage, f"generator, {workers} worker{'s' if workers > 1 else ''}", run)


def _one(stage, name, run):
    socket = stage.folder / "memif.sock"  # no comma in it: DPDK would end the argument there
    device = f"net_memif0,role=server,socket={socket},socket-abstract=no,rsize=12"
    with stage.service(name, Here, [device], run, prometheus=False) as service:
        sent = _generate(socket, stage.folder / f"{name}.log")
        metrics = service.settle()
        received = total(metrics, "port_rx_frames_total", port=0)
        stage.equal(f"{name}: {sent} frames sent by testpmd are frames received", sent, received)
        stage.check(f"{name}: it was more than the capture once",
                    [] if sent > 2000 else [f"{sent} frames"])
    metrics_events = service.events("smtp")
    stage.check(f"{name}: there are transactions", [] if metrics_events else ["none"])


def _generate(socket, log):
    """Frames that testpmd says it has sent."""
    command = ["stdbuf", "-o0", "dpdk-testpmd", "--lcores", "0@0,1@0", "--no-huge", "--no-pci",
               "-m", "512", f"--file-prefix=generator{os.getpid()}",
               "--vdev", f"net_pcap0,rx_pcap={CAPTURE},infinite_rx=1",
               "--vdev", f"net_memif0,role=client,socket={socket},socket-abstract=no,rsize=12",
               "--", "-i", "--forward-mode=io", "--total-num-mbufs=65536", "--no-mlockall"]
    with open(log, "wb") as out:
        testpmd = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=out, stderr=out)
        try:
            _say(testpmd, log, "", "testpmd>")
            _say(testpmd, log, "show port info 1\n", "Link status: up")
            _say(testpmd, log, "start\n", "packet forwarding")
            time.sleep(SECONDS)
            _say(testpmd, log, "stop\n", "Done.")
            testpmd.communicate(b"quit\n", timeout=30)
        finally:
            if testpmd.poll() is None:
                testpmd.kill()
                testpmd.wait()
    of_port_1 = re.search(r"Forward statistics for port 1.*?TX-packets: (\d+)",
                          log.read_text(errors="replace"), re.DOTALL)
    return int(of_port_1[1])


def _say(testpmd, log, words, answer):
    """Repeated every second until the answer is there: a link takes its time."""
    start = len(log.read_text(errors="replace")) if words else 0
    for second in range(60):
        if words and (second == 0 or words.startswith("show")):
            testpmd.stdin.write(words.encode())
            testpmd.stdin.flush()
        for _ in range(20):
            if answer in log.read_text(errors="replace")[start:]:
                return
            time.sleep(0.05)
    raise Skipped(f"testpmd never said «{answer}» (see {log})")
