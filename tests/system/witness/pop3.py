# SPDX-License-Identifier: BSD-3-Clause
"""Reads a finished POP3 conversation (RFC 1939, 2449, 5034) in the manner of smtp.py beside it."""
from .smtp import Ended, Text, login

# RFC 1939 5 and 7, RFC 2449 5: these always answer with lines, LIST and UIDL only without argument.
ALWAYS_LINES, LINES_IF_BARE = ("RETR", "TOP", "CAPA"), ("LIST", "UIDL", "AUTH")


class Exchange:
    def __init__(self, command, args):
        self.command, self.args = command, args
        self.status = self.header = None
        self.lines = self.message = None
        self.secrets = 0                # how many of the last args nobody may see

    @property
    def success(self):
        return self.status == "+OK"


class Session:
    def __init__(self, stream):
        self.client, self.server = Text(stream.client.said), Text(stream.server.said)
        self.exchanges, self.logins, self.statuses = [], [], []
        self.tls, self.user = False, None
        try:
            self._status()
            while not self.tls:
                self._exchange()
        except Ended:
            pass

    def _status(self):
        status, _, header = self.server.line().partition(" ")
        self.statuses.append(status)
        return status, header

    def _exchange(self):
        words = self.client.line().split(" ")
        exchange = Exchange(words[0].upper(), words[1:])
        self.exchanges.append(exchange)
        said = exchange.args[1:] if exchange.command == "AUTH" else []
        exchange.secrets = len(said)
        exchange.status, exchange.header = self._status()
        while exchange.status == "+" and exchange.command == "AUTH":        # RFC 5034 4
            said.append(self.client.line())
            exchange.status, exchange.header = self._status()
        if exchange.success:
            self._body(exchange)
        self._note_login(exchange, said)
        self.tls = exchange.command == "STLS" and exchange.success

    def _body(self, exchange):
        if exchange.command in ALWAYS_LINES or (
                exchange.command in LINES_IF_BARE and not exchange.args):
            exchange.message = self.server.data()
            exchange.lines = exchange.message.decode("utf-8", "replace").split("\r\n")[:-1]

    def _note_login(self, exchange, said):
        if exchange.command == "USER":
            self.user = exchange.args[0]
        elif exchange.command == "PASS":
            exchange.secrets = len(exchange.args)
            secret = " ".join(exchange.args)        # RFC 1939 7: a password may hold spaces
            self.logins.append({"mechanism": "USER/PASS", "user": self.user, "secret": secret,
                                "success": exchange.success, "unseen": [secret]})
        elif exchange.command == "APOP":
            exchange.secrets = 1
            self.logins.append({"mechanism": "APOP", "user": exchange.args[0], "secret": None,
                                "success": exchange.success, "unseen": exchange.args[1:]})
        elif exchange.command == "AUTH" and exchange.args:
            self.logins.append(login(exchange.args[0].upper(), said, exchange.success))
