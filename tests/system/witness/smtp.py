# SPDX-License-Identifier: BSD-3-Clause
"""Reads a finished SMTP or LMTP conversation: two strings of octets in, a dialogue out.

Nobody is in a hurry here, so nothing is incremental: commands are taken from the client's octets
one by one, and each takes its replies from the server's. Pipelining needs no thought that way.
"""
import base64
import bisect
import re


class Ended(Exception):
    """One side has said all it said."""


class Text:
    def __init__(self, octets):
        self.octets, self.at = octets, 0

    def line(self):
        return self._raw_line().decode("utf-8", "replace")

    def take(self, count):
        if self.at + count > len(self.octets):
            raise Ended
        self.at += count
        return self.octets[self.at - count:self.at]

    def data(self):
        """A message up to its lone dot, dots unstuffed (RFC 5321 4.5.2)."""
        lines = []
        while (line := self._raw_line()) != b".":
            lines.append(line[1:] if line.startswith(b".") else line)
        return b"".join(line + b"\r\n" for line in lines)

    def _raw_line(self):
        end = self.octets.find(b"\r\n", self.at)
        if end < 0:
            raise Ended
        line, self.at = self.octets[self.at:end], end + 2
        return line


class Reply:
    def __init__(self, text):
        self.lines = []
        while True:
            line = text.line()
            self.lines.append(line[4:])
            if line[3:4] != "-":
                break
        self.code = int(line[:3])
        self.text = self.lines[-1]
        self.enhanced = self.short = None
        found = re.match(r"([245]\.\d{1,3}\.\d{1,3}) (.*)", self.text)      # RFC 3463
        if found:
            self.enhanced, self.short = found.groups()

    @property
    def good(self):
        return 200 <= self.code < 300


class Transaction:
    def __init__(self, session, argument, reply):
        self.helo, self.greeting = session.helo, session.greeting
        path, self.parameters = _path(argument)
        self.mail_from, self.mail_reply = path, reply
        self.recipients, self.result = [], None
        self.transfer = self.message = None
        self.chunks, self.outcome = 0, "incomplete"

    def rcpt(self, argument, reply):
        path, parameters = _path(argument)
        self.recipients.append((path, parameters, reply))

    @property
    def queue_id(self):
        found = re.search(r"queued as (\w+)", self.result.text) if self.result else None
        return found and found.group(1)


def _path(argument):
    """<address> and the ESMTP parameters behind it; None where there are no brackets."""
    found = re.match(r"(?i)(?:FROM|TO):\s*(<[^>]*>)(.*)", argument)
    if not found:
        return None, {}
    pairs = (word.partition("=") for word in found.group(2).split())
    return found.group(1), {name.upper(): value for name, _, value in pairs}


class Session:
    def __init__(self, stream, lmtp=False):
        self.client, self.server = Text(stream.client.said), Text(stream.server.said)
        self.lmtp = lmtp
        self.banner = self.helo = self.greeting = None
        self.extensions, self.exchanges, self.replies = [], [], []
        self.segments, self.command_starts = stream.client.starts, []
        self.transactions, self.logins = [], []
        self.open = None
        self.starttls = {"offered": False, "requested": False, "accepted": False}
        try:
            self.banner = self._reply().text
            while self._exchange():
                pass
        except Ended:
            pass

    @property
    def pipelined(self):
        """Whether two commands began in one segment (RFC 2920)."""
        places = [bisect.bisect(self.segments, start) for start in self.command_starts]
        return len(set(places)) < len(places)

    def _reply(self):
        self.replies.append(reply := Reply(self.server))
        return reply

    def _exchange(self):
        """One command with its replies; False when the rest is not for us to read."""
        start = self.client.at
        verb, _, argument = self.client.line().partition(" ")
        self.command_starts.append(start)
        verb = verb.upper()
        self.exchanges.append(verb)
        step = getattr(self, "_" + verb.lower(), None)
        if step:
            return step(argument) is not False
        self._reply()
        return True

    def _hello(self, verb, argument):
        reply = self._reply()
        if reply.good:
            self.helo, self.greeting = argument, verb
            self.extensions = reply.lines[1:]
            self.starttls["offered"] |= "STARTTLS" in self.extensions
            self._finish("reset")

    def _helo(self, argument):
        self._hello("HELO", argument)

    def _ehlo(self, argument):
        self._hello("EHLO", argument)

    def _lhlo(self, argument):
        self._hello("LHLO", argument)

    def _starttls(self, _):
        self.starttls["requested"] = True
        self.starttls["accepted"] = self._reply().code == 220
        return not self.starttls["accepted"]

    def _mail(self, argument):
        reply = self._reply()
        if self.open:
            return                      # 503: a transaction is open already
        transaction = Transaction(self, argument, reply)
        if transaction.mail_from is None:
            return                      # not a MAIL command by any grammar, so not a transaction
        self.transactions.append(transaction)
        if reply.good:
            self.open = transaction
        else:
            transaction.outcome = "rejected"

    def _rcpt(self, argument):
        reply = self._reply()
        if self.open:
            self.open.rcpt(argument, reply)

    def _rset(self, _):
        if self._reply().good:
            self._finish("reset")

    def _quit(self, _):
        self._reply()
        self._finish("aborted")

    def _finish(self, outcome):
        if self.open:
            self.open.outcome, self.open = outcome, None

    def _data(self, _):
        if self._reply().code != 354:
            return
        self.open.transfer = "DATA"
        self._end_of_message(self.client.data())

    def _bdat(self, argument):
        words = argument.upper().split()
        chunk = self.client.take(int(words[0]))
        transaction = self.open
        if transaction:
            transaction.transfer = "BDAT"
            transaction.chunks += 1
            transaction.message = (transaction.message or b"") + chunk
        if transaction and words[1:] == ["LAST"]:
            self._end_of_message(transaction.message)
        else:
            self._reply()

    def _end_of_message(self, message):
        """RFC 2033 4.2: LMTP answers once for each recipient it had accepted."""
        self.open.message = message
        accepted = sum(reply.good for _, _, reply in self.open.recipients) if self.lmtp else 1
        replies = [self._reply() for _ in range(accepted)]
        self.open.result = replies[0]
        self._finish("accepted" if any(reply.good for reply in replies) else "rejected")

    def _auth(self, argument):
        mechanism, _, initial = argument.partition(" ")
        said = [initial] if initial else []
        reply = self._reply()
        while reply.code == 334:
            said.append(self.client.line())
            reply = self._reply()
        self.logins.append(login(mechanism.upper(), said, reply.good))


def login(mechanism, said, success):
    """Who tried to log in how; `secret` when it could be read on the wire; `unseen` are strings of
    the wire that must not be repeated to anyone."""
    told = {"mechanism": mechanism, "user": None, "success": success, "secret": None,
            "unseen": said}
    if not said or "*" in said:                                 # taken back, RFC 4954 4
        return told
    plain = [base64.b64decode(line).decode() for line in said]
    if mechanism == "PLAIN":                                    # RFC 4616
        _, told["user"], told["secret"] = plain[0].split("\0")
    elif mechanism == "LOGIN":
        told.update(user=plain[0], secret=plain[1], unseen=said[1:])
    elif mechanism == "CRAM-MD5":                               # RFC 2195
        told["user"], _, digest = plain[0].rpartition(" ")
        told["unseen"] = said + [digest]
    return told
