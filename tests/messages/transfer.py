# SPDX-License-Identifier: BSD-3-Clause
"""Messages as SMTP transfers in a capture file: one connection each, in segments of random size."""
import struct

SERVER = ("192.0.2.25", 25)


def capture(messages, sizes):
    """A pcap file's octets. `messages` are bytes with CRLF, `sizes` a random.Random for the cuts."""
    parts = [struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 262144, 1)]
    clock = 1_700_000_000_000_000
    for number, message in enumerate(messages):
        talk = _Talk(20000 + number, clock)
        talk.open()
        talk.server(b"220 mail.example.org ESMTP\r\n")
        talk.client(b"EHLO c.example.com\r\n", sizes)
        talk.server(b"250-mail.example.org\r\n250 8BITMIME\r\n")
        talk.client(b"MAIL FROM:<a@example.com> BODY=8BITMIME\r\n", sizes)
        talk.server(b"250 ok\r\n")
        talk.client(b"RCPT TO:<b@example.org>\r\n", sizes)
        talk.server(b"250 ok\r\n")
        talk.client(b"DATA\r\n", sizes)
        talk.server(b"354 go\r\n")
        stuffed = (b"\r\n" + message).replace(b"\r\n.", b"\r\n..")[2:]
        talk.client(stuffed + b".\r\n", sizes)
        talk.server(b"250 2.0.0 Ok: queued\r\n")
        talk.close()
        parts += talk.records
        clock = talk.clock + 1000
    return b"".join(parts)


class _Talk:
    def __init__(self, port, clock):
        self.port, self.clock, self.records = port, clock, []
        self.seq = {True: 1000, False: 9000}      # by whether the client sends

    def open(self):
        self._send(True, 2)
        self._send(False, 18)
        self._send(True, 16)

    def close(self):
        self._send(True, 17)
        self._send(False, 17)
        self._send(True, 16)

    def server(self, octets):
        self._send(False, 24, octets)

    def client(self, octets, sizes):
        while octets:
            size = sizes.choice((1, 2, 3, 7, 40, 300, 1448, 1448, 1448, 1448))
            self._send(True, 24, octets[:size])
            octets = octets[size:]

    def _send(self, from_client, flags, octets=b""):
        client = ("192.0.2.10", self.port)
        (source, sport), (target, dport) = (client, SERVER) if from_client else (SERVER, client)
        ack = self.seq[not from_client] if flags & 16 else 0
        tcp = struct.pack("!HHIIBBHHH", sport, dport, self.seq[from_client], ack, 80, flags, 65535,
                          0, 0) + octets
        pseudo = _address(source) + _address(target) + struct.pack("!BBH", 0, 6, len(tcp))
        tcp = tcp[:16] + struct.pack("!H", _checksum(pseudo + tcp)) + tcp[18:]
        ip = struct.pack("!BBHHHBBH", 69, 0, 20 + len(tcp), 0, 0, 64, 6, 0)
        ip += _address(source) + _address(target)
        ip = ip[:10] + struct.pack("!H", _checksum(ip)) + ip[12:]
        frame = bytes.fromhex("020000000002020000000001" "0800") + ip + tcp
        self.records.append(struct.pack("<IIII", *divmod(self.clock, 1_000_000), len(frame),
                                        len(frame)) + frame)
        self.clock += 100
        self.seq[from_client] += len(octets) + (1 if flags & 3 else 0)


def _address(text):
    return bytes(int(part) for part in text.split("."))


def _checksum(octets):
    octets += b"\0" * (len(octets) % 2)
    total = sum(struct.unpack(f"!{len(octets) // 2}H", octets))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff
