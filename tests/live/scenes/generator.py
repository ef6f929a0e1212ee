# SPDX-License-Identifier: BSD-3-Clause
"""dpdk-testpmd plays a capture without end into a memory interface; each frame has a fate."""
import pathlib
import time

from scenes.stage import Skipped
from sensor.service import Here, total
from sensor.testpmd import Testpmd, Unwilling, endless, memif

SECONDS = 4
CAPTURE = pathlib.Path(__file__).resolve().parents[2] / "cases" / "demo" / "input.pcap"


def play(stage, _system):
    for workers, run in ((1, ""), (2, "workers = 2")):
        _one(stage, f"generator, {workers} worker{'s' if workers > 1 else ''}", run)


def _one(stage, name, run):
    socket = stage.folder / "memif.sock"
    with stage.service(name, Here, [memif(0, "server", socket)], run,
                       prometheus=False) as service:
        try:
            sent = _generate(socket, stage.folder / f"{name}.log")
        except Unwilling as reason:
            raise Skipped(str(reason)) from None
        metrics = service.settle()
        received = total(metrics, "port_rx_frames_total", port=0)
        stage.equal(f"{name}: {sent} frames sent by testpmd are frames received", sent, received)
        stage.check(f"{name}: it was more than the capture once",
                    [] if sent > 2000 else [f"{sent} frames"])
    stage.check(f"{name}: there are transactions", [] if service.events("smtp") else ["none"])


def _generate(socket, log):
    """Frames that testpmd says it has sent."""
    with Testpmd(log, [endless(CAPTURE), memif(0, "client", socket)]) as testpmd:
        testpmd.wait_for_link(1)
        testpmd.start()
        time.sleep(SECONDS)
        ports = testpmd.stop()
        testpmd.quit()
    return ports[1]["TX-packets"]
