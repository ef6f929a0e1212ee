# SPDX-License-Identifier: BSD-3-Clause
"""Asks tshark for the TCP connections of a capture: who, when, how much, and every octet said."""
import collections
import subprocess

# Ports that tshark does not know as mail.
DECODE = ["-d", "tcp.port==2525,smtp", "-d", "tcp.port==587,smtp", "-d", "tcp.port==24,smtp"]
SEPARATOR, COMMA = "\x1f", "\x1e"


def tshark(capture, *options):
    """Checksums are looked at and segments put in order, as a receiver does."""
    command = ["tshark", "-n", "-r", str(capture), *DECODE, "-o", "tcp.check_checksum:TRUE",
               "-o", "tcp.reassemble_out_of_order:TRUE",
               "--enable-protocol", "communityid", *options]
    done = subprocess.run(command, capture_output=True)
    if done.returncode:
        raise RuntimeError(f"tshark: {done.stderr.decode().strip()}")
    return done.stdout.decode("utf-8", "replace")


def rows(capture, display_filter, names):
    """One dictionary of lists for each packet: a field may occur several times in one."""
    fields = [option for name in names for option in ("-e", name)]
    text = tshark(capture, "-Y", display_filter, "-T", "fields", "-E", f"separator={SEPARATOR}",
                  "-E", f"aggregator={COMMA}", "-E", "occurrence=a", *fields)
    for line in text.split("\n")[:-1]:
        yield {name: value.split(COMMA) if value else []
               for name, value in zip(names, line.split(SEPARATOR))}


class Side:
    def __init__(self, address, port, mac):
        self.address, self.port, self.mac = address, port, mac
        self.packets = self.octets = self.segments = 0      # segments: those that carry data
        self.said, self.starts = b"", []        # starts: where in `said` a segment begins


class Stream:
    """One connection; `client` sent the first SYN."""

    def __init__(self, index, begun, client, server, community_id):
        self.index, self.begun, self.ended = index, begun, begun
        self.client, self.server, self.community_id = client, server, community_id
        self.verbs, self.codes = [], []         # as tshark's dissector sees them

    @property
    def key(self):
        return (self.client.address, self.client.port, self.server.address, self.server.port)


PACKET = ("tcp.stream", "frame.time_epoch", "frame.len", "ip.src", "ip.dst", "ipv6.src", "ipv6.dst",
          "tcp.srcport", "tcp.dstport", "eth.src", "eth.dst", "tcp.len",
          "communityid")


def streams(capture):
    found = {}
    for row in rows(capture, "tcp", PACKET):
        one = {name: values[0] if values else "" for name, values in row.items()}
        source = (one["ip.src"] or one["ipv6.src"], int(one["tcp.srcport"]), one["eth.src"])
        target = (one["ip.dst"] or one["ipv6.dst"], int(one["tcp.dstport"]), one["eth.dst"])
        index = int(one["tcp.stream"])
        if index not in found:
            found[index] = Stream(index, float(one["frame.time_epoch"]), Side(*source),
                                  Side(*target), one["communityid"])
        stream = found[index]
        stream.ended = float(one["frame.time_epoch"])
        sender = stream.client if source[:2] == stream.key[:2] else stream.server
        sender.packets += 1
        sender.octets += int(one["frame.len"])
        sender.segments += int(one["tcp.len"]) > 0
    _follow(capture, found)
    _dissect(capture, found)
    return found


def _follow(capture, found):
    """`follow` prints one line of hex a segment, the second speaker's behind a tab."""
    taps = [option for index in found for option in ("-z", f"follow,tcp,raw,{index}")]
    text = tshark(capture, "-q", *taps) if taps else ""
    stream = first = None
    for line in text.splitlines():
        if line.startswith("Filter: tcp.stream eq "):
            stream = found[int(line.rsplit(" ", 1)[1])]
        elif line.startswith("Node 0: "):
            first = int(line.rsplit(":", 1)[1]) == stream.client.port
        elif stream and line and not line.startswith(("=", "Follow:", "Node 1: ")):
            by_client = first != line.startswith("\t")
            side = stream.client if by_client else stream.server
            side.starts.append(len(side.said))
            side.said += bytes.fromhex(line.strip())


DIALOGUE = ("tcp.stream", "smtp.req.command", "smtp.response.code", "pop.request.command",
            "pop.response.indicator")


def _dissect(capture, found):
    for row in rows(capture, "smtp or pop", DIALOGUE):
        stream = found[int(row["tcp.stream"][0])]
        stream.verbs += [verb.upper() for verb in
                         row["smtp.req.command"] + row["pop.request.command"]]
        stream.codes += row["smtp.response.code"] + row["pop.response.indicator"]
