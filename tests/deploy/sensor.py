# SPDX-License-Identifier: BSD-3-Clause
"""Sensors at work: `mailglass run` over net_pcap ports whose captures are pipes, into which frames
are written again and again, slowly."""
import contextlib
import os
import pathlib
import socket
import struct
import subprocess
import threading
import time
import urllib.request

from verdicts import SOURCE

CASES = sorted((SOURCE / "tests/cases").glob("*/input.pcap"))
BATCH = 64           # frames; net_pcap waits until a burst is full
PAUSE = 0.05         # seconds between batches
PATIENCE = 60
HEADER = struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1)


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def mail_frames():
    """Records of all captures that are little-endian, of microseconds, of Ethernet."""
    found = []
    for case in CASES:
        octets = case.read_bytes()
        if octets[:4] != HEADER[:4] or octets[20:24] != HEADER[20:]:
            continue
        at = 24
        while at + 16 <= len(octets):
            end = at + 16 + int.from_bytes(octets[at + 8:at + 12], "little")
            found.append(octets[at:end])
            at = end
    return found


def odd_frames():
    """Frames that are dropped for their reasons: ARP, UDP, a wrong IP length, too many tags."""
    ether = bytes(12)
    udp = struct.pack("!BBHHHBBH4s4sHHHH", 0x45, 0, 28, 1, 0, 64, 17, 0, b"\xc0\0\2\1",
                      b"\xc0\0\2\2", 53, 53, 8, 0)
    for payload in (b"\x08\x06" + bytes(28), b"\x08\x00" + udp, b"\x08\x00\x45" + bytes(19),
                    b"\x81\x00\x00\x01" * 4 + b"\x08\x00" + udp):
        frame = ether + payload
        yield struct.pack("<IIII", 1700000000, 0, len(frame), len(frame)) + frame


def whole_batches(frames):
    frames = list(frames)
    frames *= 1 + BATCH // len(frames)
    return frames[:len(frames) // BATCH * BATCH]


class Sensor:
    """Two workers, and a port for each list of frames; two ports are bridged."""

    def __init__(self, program, folder, *frames):
        self.folder, self.frames = pathlib.Path(folder), [whole_batches(one) for one in frames]
        self.folder.mkdir(exist_ok=True)
        self.address = f"127.0.0.1:{free_port()}"
        self.pipes = [self.folder / f"port{i}.pcap" for i in range(len(frames))]
        for pipe in self.pipes:
            os.mkfifo(pipe)
        config = self.folder / "mailglass.toml"
        config.write_text(self.configuration())
        self.log = open(self.folder / "log", "w+")
        self.process = subprocess.Popen([program, "run", "--config", config], stdout=self.log,
                                        stderr=self.log)
        self.plays, self.ends = threading.Event(), threading.Event()
        threading.Thread(target=self.feed, daemon=True).start()

    def configuration(self):
        ports = (f'[[port]]\ndevice = "net_pcap{i},rx_pcap={pipe}"\n'
                 for i, pipe in enumerate(self.pipes))
        return (f'[eve]\nfile = "{self.folder}/eve.json"\nstats_seconds = 1\n'
                f'[metrics]\naddress = "{self.address}"\n'
                '[flow]\nflows = 4096\n[mail]\nsessions = 1024\nblocks = 2048\n'
                '[detect]\nlogin_failures_source = 1\n'
                f'[run]\npipeline = "{"bridge" if len(self.pipes) == 2 else "tap"}"\n'
                'workers = 2\nuser = ""\ntelemetry = false\n' + "".join(ports))

    def opened(self, pipe):
        """DPDK opens one capture after the other, and reads its header."""
        stream = open(pipe, "wb")
        stream.write(HEADER)
        stream.flush()
        return stream

    def feed(self):
        with contextlib.suppress(BrokenPipeError), contextlib.ExitStack() as stack:
            streams = [stack.enter_context(self.opened(pipe)) for pipe in self.pipes]
            self.plays.wait()
            at = 0
            while not self.ends.is_set():
                for stream, frames in zip(streams, self.frames):
                    first = at % len(frames)
                    stream.write(b"".join(frames[first:first + BATCH]))
                    stream.flush()
                at += BATCH
                time.sleep(PAUSE)

    def text(self):
        end = time.monotonic() + PATIENCE
        while True:
            try:
                with urllib.request.urlopen(f"http://{self.address}/metrics", timeout=10) as answer:
                    return answer.read().decode()
            except OSError:
                if time.monotonic() > end or self.process.poll() is not None:
                    self.log.seek(0)
                    raise RuntimeError("no metrics: " + self.log.read()) from None
                time.sleep(0.1)

    def play(self):
        self.plays.set()

    def end(self):
        """Its pipes end, and so it does. What is wrong with that, if anything."""
        self.ends.set()
        self.plays.set()
        try:
            status = self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            status = self.process.wait()
        self.log.seek(0)
        said = self.log.read()
        self.log.close()
        return "" if status == 0 and "the balance" in said else f"exit status {status}: {said}"
