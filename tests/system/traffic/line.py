# SPDX-License-Identifier: BSD-3-Clause
"""A dialogue held by hand over a socket: for what no well-behaved client library would send."""
import socket
import time


class Line:
    def __init__(self, server, port, source=""):
        self.socket = socket.create_connection((server, port), 20, (source, 0) if source else None)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.lines = self.socket.makefile("rb")

    def send(self, *texts):
        """All of it in one write, which over an idle wire is one segment."""
        self.socket.sendall(b"".join(t if isinstance(t, bytes) else t.encode() + b"\r\n"
                                     for t in texts))

    def dribble(self, text, step=3):
        """A command line in many small segments."""
        data = text.encode() + b"\r\n"
        self.dribble_bytes(*(data[at:at + step] for at in range(0, len(data), step)))

    def dribble_bytes(self, *pieces):
        for piece in pieces:
            self.socket.sendall(piece)
            time.sleep(0.002)

    def reply(self, code):
        """Reads one SMTP reply, all its lines; a code that was not expected ends the test."""
        while True:
            line = self.lines.readline()
            if line[3:4] != b"-":
                break
        assert line.startswith(str(code).encode()), f"expected {code}, got {line!r}"
        return line

    def say(self, text, code):
        self.send(text)
        return self.reply(code)

    def status(self, mark):
        """Reads one POP3 status line."""
        line = self.lines.readline()
        assert line.startswith(mark.encode()), f"expected {mark}, got {line!r}"
        return line

    def body(self):
        """Reads a POP3 multi-line answer up to its dot."""
        lines = []
        while (line := self.lines.readline()) not in (b".\r\n", b""):
            lines.append(line)
        return lines

    def close(self):
        """Says that nothing follows and waits for the server's FIN: a whole farewell."""
        self.socket.shutdown(socket.SHUT_WR)
        while self.lines.read(4096):
            pass
        self.lines.close()
        self.socket.close()


def stuffed(message):
    """A message as DATA carries it: dots doubled, the lone dot at the end."""
    return b"\r\n".join(b"." + line if line.startswith(b".") else line
                        for line in message.split(b"\r\n")) + b".\r\n"
