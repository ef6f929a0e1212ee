# SPDX-License-Identifier: BSD-3-Clause
"""One trial: testpmd plays a capture into virtual ports for some seconds, somebody takes it.

    tap      net_pcap -> io -> memif 1 ===> the one measured
    bridge   net_pcap -> io -> memif 1 ===> the one measured ===> memif 2 -> io -> net_null

The generator and its memifs are the same for the inspector and for the yardstick. All frames are
counted at the generator: those it offered, those that the port took, those that came back.

On two cores the inspector's other threads have the generator's core, and its reporter would take
half of it: then the offer falls, not what the inspector can take. The generator comes first; what
the reporter has no time for is lost by name, and told as such."""
import contextlib
import dataclasses
import pathlib
import time

from sensor.service import Here, Service, total
from sensor.testpmd import Testpmd, endless, memif

GENERATOR_CPUS, MEASURED_CPU = (0, 0), 1


@dataclasses.dataclass
class Account:
    """What became of the frames of one trial."""
    pipeline: str
    seconds: float
    offered: int            # by the generator
    refused: int            # by the full port: what a NIC counts as missed
    taken: int              # by the port
    returned: int           # behind a bridge
    frames: int = 0         # that the workers gave a fate, all below too
    not_received: int = 0   # by the port, as its driver says
    uninspected: int = 0    # shed by a bridge, or lost between workers
    not_sent: int = 0       # by a bridge: the peer's queue was full
    records_lost: int = 0   # events that the reporter had no time for
    transactions: int = 0

    @property
    def lost(self):
        """Frames that the pipeline owed: a bridge to the other side, a tap to the inspection."""
        owed = self.not_sent if self.pipeline == "bridge" else self.uninspected
        return self.refused + self.not_received + owed

    @property
    def whole(self):
        return not (self.lost or self.uninspected or self.records_lost)

    @property
    def rate(self):
        return (self.returned if self.pipeline == "bridge" else self.taken) / self.seconds


class Trial:
    def __init__(self, pipeline, capture, binary, folder, seconds):
        self.pipeline, self.capture, self.binary = pipeline, capture, binary
        self.folder, self.seconds, self.number = pathlib.Path(folder) / pipeline, seconds, 0
        self.folder.mkdir(mode=0o755)

    def yardstick(self):
        """testpmd's rxonly or io in the inspector's place."""
        mode = "io" if self.pipeline == "bridge" else "rxonly"
        sockets = self._sockets()
        devices = [memif(i, "server", socket) for i, socket in enumerate(sockets)]
        with Testpmd(self.folder / f"{mode}-{self.number}.log", devices,
                     [f"--forward-mode={mode}"], (MEASURED_CPU, MEASURED_CPU)) as other:
            other.start()
            return self._generate(sockets, 0)

    def inspector(self, delay=0, meanwhile=contextlib.nullcontext):
        """`delay`: how long the generator pauses for each frame, in reads of its memory.
        `meanwhile`: a context while frames flow, made from the service."""
        sockets = self._sockets()
        run = f'pipeline = "{self.pipeline}"\nidle = "poll"\ncpus = "{MEASURED_CPU}"'
        service = Service(self.binary, Here, self.folder / f"run-{self.number}",
                          [memif(i, "server", socket) for i, socket in enumerate(sockets)], run)
        try:
            service.start()
            with meanwhile(service):
                account = self._generate(sockets, delay)
            self._ask(service, service.settle(), account)
            service.end()  # with status 1 when the service's own books do not balance
        finally:
            service.kill()
            service.eve.unlink(missing_ok=True)
        return account

    def _sockets(self):
        self.number += 1
        return [self.folder / f"memif-{self.number}-{i}"
                for i in range(2 if self.pipeline == "bridge" else 1)]

    def _generate(self, sockets, delay):
        devices = [endless(self.capture),
                   *(memif(i, "client", socket) for i, socket in enumerate(sockets))]
        if self.pipeline == "bridge":
            devices.append("net_null0,no-rx=1")
        options = ["--forward-mode=noisy", "--noisy-lkup-memory=1",
                   f"--noisy-lkup-num-reads={delay}"] if delay else ["--forward-mode=io"]
        log = self.folder / f"generator-{self.number}.log"
        with Testpmd(log, devices, options, GENERATOR_CPUS, first=True) as generator:
            for port in range(len(sockets)):
                generator.wait_for_link(port + 1)
            begun = time.monotonic()
            generator.start()
            time.sleep(self.seconds)
            ports = generator.stop()
            seconds = time.monotonic() - begun
            generator.quit()
        offered, taken = ports[0]["RX-packets"], ports[1]["TX-packets"]
        # Not its TX-dropped: testpmd's noisy mode does not count there what a port refused.
        return Account(self.pipeline, seconds, offered, offered - taken, taken,
                       ports[2]["RX-packets"] if self.pipeline == "bridge" else 0)

    @staticmethod
    def _ask(service, metrics, account):
        account.frames = total(metrics, "frames_total")
        account.not_received = sum(total(metrics, f"port_rx_{what}_total")
                                   for what in ("missed", "no_mbuf", "errors"))
        account.uninspected = (total(metrics, "distributed_total", fate="ring_full") +
                               total(metrics, "drops_total", reason="shed_overload"))
        account.not_sent = total(metrics, "bridged_total", fate="tx_dropped")
        account.records_lost = total(metrics, "events_total", fate="dropped_ring_full")
        account.transactions = sum(event["smtp"].get("outcome") is not None
                                   for event in service.events("smtp"))
