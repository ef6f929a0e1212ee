# SPDX-License-Identifier: BSD-3-Clause
"""Loads with a known truth: generated, read once and compared with it, then replayed in turn."""
import json
import pathlib
import struct
import subprocess

from measuring import process

HERE = pathlib.Path(__file__).resolve().parent.parent
LOOPS = 3  # over the capture in one replay; the median is its figure, the first loop's never


class Void(Exception):
    """The output is not the truth: no figure counts."""


# Name to: sessions as a share of the mix's, options of perf/generate. The same sessions say the
# same in each, however worn the way.
KINDS = {
    "mix": (1, []),
    "reorder 1%, duplicate 1%": (1, ["--reorder", "0.01", "--duplicate", "0.01"]),
    "reorder 10%": (1, ["--reorder", "0.1"]),
    "one-octet segments": (0.05, ["--segment", "1", "--body", "2K"]),
    "connections only": (25, ["--connections-only"]),
    "background 70%": (0.25, ["--background", "0.7"]),
    "loss 0.1%": (1, ["--loss", "0.001"]),
}
# Lost messages cannot be counted: nothing to hold a replay to.
TRUTH_ONLY = {"loss 0.1%"}


class Load:
    """A capture, its truth, and what comparing the two said."""

    def __init__(self, name, sessions, build, folder):
        share, more = KINDS[name]
        self.name, self.build = name, build
        self.generate = ["--sessions", str(max(1, int(sessions * share))), *more]
        stem = "".join(letter if letter.isalnum() else "-" for letter in name)
        self.capture = folder / f"{stem}.pcap"
        truth, each = folder / f"{stem}.json", folder / f"{stem}.jsonl"
        process.progress(f"{name}: generating and comparing with its truth")
        process.run([build / "perf/generate", "--out", self.capture, "--truth", truth,
                     "--per-session", each, *self.generate])
        self.compared = compare(build, self.capture, truth, each, folder)
        self.truth = json.loads(truth.read_text())
        each.unlink()

    @property
    def packets(self):
        return self.truth["capture"]["packets"]

    @property
    def messages(self):
        smtp, pop3 = self.truth["smtp"], self.truth["pop3"]
        return (smtp["messages_accepted"]["count"] + smtp["messages_rejected"]["count"]
                + pop3["messages_retrieved"]["count"])

    def replay(self, *options, loops=LOOPS, may_drop=False):
        """One run of perf/replay; Void when it did not see what the truth says."""
        run = process.json_of([self.build / "perf/replay", self.capture, "--loops", loops,
                               *options])
        if run["packets"] != self.packets * loops or run["drops"]:
            raise Void(f"{self.name}: replay lost packets: {run}")
        if run["pipeline"] == "mail" and run["messages"] != self.messages * loops:
            raise Void(f'{self.name}: replay saw {run["messages"] / loops} messages, '
                       f"not {self.messages}")
        if run["events_dropped"] and not may_drop:
            raise Void(f"{self.name}: replay dropped events: {run}")
        run["cycles"] = run["cycles_per_packet"] * self.packets
        return run

    def described(self):
        capture = self.truth["capture"]
        return {"generate": self.generate, "truth": self.compared, "packets": self.packets,
                "octets": capture["bytes"], "messages": self.messages,
                "mean_frame": round(capture["mean_frame"], 1)}


def compare(build, capture, truth, each, folder):
    """Reads the capture and compares; returns the comparison's last line."""
    eve, metrics = folder / "eve.json", folder / "metrics.txt"
    process.run([build / "mailglass", "read", capture, "--quiet", "--eve", eve,
                 "--metrics", metrics])
    done = subprocess.run([HERE / "truth", "--truth", truth, "--per-session", each,
                           "--metrics", metrics, "--eve", eve], capture_output=True, text=True)
    eve.unlink()
    if done.returncode != 0:
        raise Void(done.stdout + done.stderr)
    return done.stdout.strip().splitlines()[-1]


def frames_with_payload(capture):
    """Of a generated capture: Ethernet without tags, IPv4 or IPv6 without extensions, TCP."""
    data, count = memoryview(capture.read_bytes()), 0
    at = 24
    while at < len(data):
        (size,) = struct.unpack_from("<I", data, at + 8)
        frame = data[at + 16:at + 16 + size]
        at += 16 + size
        if frame[12] == 0x08:
            tcp = 14 + 4 * (frame[14] & 15)
            end = 14 + (frame[16] << 8 | frame[17])
        else:
            tcp = 14 + 40
            end = tcp + (frame[18] << 8 | frame[19])
        count += end > tcp + 4 * (frame[tcp + 12] >> 4)
    return count
