# SPDX-License-Identifier: BSD-3-Clause
"""dpdk-testpmd as a process that is told what to do."""
import os
import re
import shutil
import subprocess
import time

PROGRAM = "dpdk-testpmd"
PROMPT = "testpmd>"


class Unwilling(Exception):
    """testpmd did not answer; the sentence says where its log is."""


class Testpmd:
    """`cpus`: of its main and of its forwarding core. `devices`: its ports, numbered in order.
    `options`: testpmd's own, such as --forward-mode=io. `first`: before all others on its cores."""

    def __init__(self, log, devices, options=(), cpus=(0, 0), first=False):
        if not shutil.which(PROGRAM):
            raise Unwilling(f"{PROGRAM} is not installed (package dpdk-dev)")
        self.log = log
        self.command = [
            *(("nice", "-n", "-20") if first else ()), "stdbuf", "-o0", PROGRAM, "--lcores", f"0@{cpus[0]},1@{cpus[1]}", "--no-huge",
            "--no-pci", "-m", "512", f"--file-prefix={log.stem.replace(' ', '-')}-{os.getpid()}",
            *(word for device in devices for word in ("--vdev", device)),
            "--", "-i", "--total-num-mbufs=65536", "--no-mlockall", *options]
        self.process = None

    def __enter__(self):
        with open(self.log, "wb") as out:
            self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=out,
                                            stderr=out)
        try:
            self.say("", PROMPT)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def wait_for_link(self, port):
        self.say(f"show port info {port}\n", "Link status: up")

    def start(self):
        self.say("start\n", "packet forwarding")

    def stop(self):
        """Frames by port and kind: [{"RX-packets": 5, "TX-dropped": 0, ...}, ...]."""
        said = self.say("stop\n", "Done.")
        return {int(port): {name: int(value) for name, value in re.findall(r"(\S+): +(\d+)", text)}
                for port, text in re.findall(
                    r"Forward statistics for port (\d+) +-+\n(.*?)\n  -{20}", said, re.DOTALL)}

    def quit(self):
        """Its ports go: who is at the other end sees them go."""
        self.process.communicate(b"quit\n", timeout=30)

    def say(self, words, answer):
        """What it said up to the answer. A question about a port is repeated every second: a link
        takes its time."""
        start = len(self._said()) if words else 0
        for second in range(60):
            if words and (second == 0 or words.startswith("show")):
                self.process.stdin.write(words.encode())
                self.process.stdin.flush()
            for _ in range(20):
                said = self._said()[start:]
                if answer in said:
                    return said
                time.sleep(0.05)
        raise Unwilling(f"{PROGRAM} never said «{answer}» (see {self.log})")

    def _said(self):
        return self.log.read_text(errors="replace")


def memif(number, role, socket):
    """A port of a memory interface; no comma in the socket's path, DPDK would end the argument."""
    return f"net_memif{number},role={role},socket={socket},socket-abstract=no,rsize=14"


def endless(capture):
    """A port that plays a capture from memory, again and again, as fast as it is asked."""
    return f"net_pcap0,rx_pcap={capture},infinite_rx=1"
