# SPDX-License-Identifier: BSD-3-Clause
"""tshark's judgements: which frame holds which TCP segment, its stream, and `follow`'s octets.

Checksums are not judged, the default. VXLAN is known on both its ports. A TCP header quoted by
ICMP is no segment; of TCP carried in TCP's own payload only the innermost counts."""
import re
import subprocess
from dataclasses import dataclass

from judging.words import NOTHING, SIDES, Hearing

OPTIONS = ["-n", "-d", "udp.port==8472,vxlan", "-o", "tcp.check_checksum:FALSE"]
# The columns show the innermost addresses, whichever of IPv4 and IPv6 is around the other.
SOURCE, DESTINATION = "_ws.col.Source", "_ws.col.Destination"
FIELDS = ("frame.number", "tcp.stream", SOURCE, DESTINATION, "tcp.srcport", "tcp.dstport",
          "tcp.seq_raw", "tcp.flags", "tcp.len", "tcp.payload", "tcp.reset_cause",
          "tcp.ack_raw", "ip.len", "ip.hdr_len", "ipv6.plen", "ipv6.nxt", "tcp.hdr_len")
MISSING = re.compile(rb"\[(\d+) bytes missing in capture file\]\0?\Z")
FIN, SYN, ACK = 0x01, 0x02, 0x10


@dataclass
class Segment:
    frame: int
    stream: int
    source: tuple
    destination: tuple
    seq: int
    ack: int
    flags: int
    length: int       # as declared; of `payload` the snap length may have cut some
    payload: bytes


def _run(capture, *options):
    done = subprocess.run(["tshark", "-r", str(capture), *OPTIONS, *options], capture_output=True)
    # Status 2 with output: the file ends in the middle of a frame; those before count.
    if done.returncode and not done.stdout:
        raise RuntimeError(f"tshark: {done.stderr.decode('utf-8', 'replace').strip()}")
    return done.stdout.decode("utf-8", "replace")


def segments(capture):
    """All TCP segments, in the order of the capture."""
    names = [word for name in FIELDS for word in ("-e", name)]
    text = _run(capture, "-Y", "tcp.seq_raw && !icmp && !icmpv6", "-T", "fields",
                "-E", "occurrence=l", *names)
    found = []
    for line in text.splitlines():
        one = dict(zip(FIELDS, line.split("\t")))
        if not one["tcp.stream"] or not one["tcp.len"] or not one["tcp.flags"]:
            continue  # the frame ends inside the header
        # What comes with an RST is text to tshark (RFC 9293 section 3.5.3), not payload.
        payload = bytes.fromhex(one["tcp.payload"]) or one["tcp.reset_cause"].encode("latin-1", "replace")
        found.append(Segment(
            int(one["frame.number"]), int(one["tcp.stream"]),
            (one[SOURCE], int(one["tcp.srcport"])), (one[DESTINATION], int(one["tcp.dstport"])),
            int(one["tcp.seq_raw"]), int(one["tcp.ack_raw"]), int(one["tcp.flags"], 16),
            _length(one), payload))
    return found


def _length(one):
    """Octets as IP declares them: tshark believes the frame where that is shorter."""
    shown, declared = int(one["tcp.len"]), 0
    if shown and "." in one[SOURCE] and one["ip.len"]:
        declared = int(one["ip.len"]) - int(one["ip.hdr_len"]) - int(one["tcp.hdr_len"])
    elif shown and one["ipv6.nxt"] == "6":  # no extension headers
        declared = int(one["ipv6.plen"]) - int(one["tcp.hdr_len"])
    return max(declared, shown)


def follow(capture, streams):
    """By stream and node ("first" speaker or "second"): the words `follow` puts in order. A stream
    it has no answer for is left out."""
    taps = [word for number in streams for word in ("-z", f"follow,tcp,raw,{number}")]
    if not taps:
        return {}
    found, hearings = {}, None
    for line in _run(capture, "-q", *taps).splitlines():
        if line.startswith("Filter: tcp.stream eq "):
            hearings = {}
            found[int(line.rsplit(" ", 1)[1])] = hearings
        elif line.startswith("Node "):
            address, port = line.split(": ", 1)[1].rsplit(":", 1)
            hearings[address.strip("[]"), int(port)] = Hearing()
        elif hearings and line and not line.startswith(("=", "Follow:")):
            hearing = list(hearings.values())[line.startswith("\t")]
            octets = bytes.fromhex(line.strip())
            missing = MISSING.fullmatch(octets)
            if missing:
                hearing.gap(int(missing[1]))
            else:
                hearing.octets += octets
    return {stream: {node: hearing.words() for node, hearing in hearings.items()}
            for stream, hearings in found.items()}


def sides(nodes, client):
    """Follow's words by our names for the sides, given who we say the client is."""
    said = {SIDES[0]: NOTHING, SIDES[1]: NOTHING}
    for node, words in nodes.items():
        said[SIDES[node != client]] = words
    return said
