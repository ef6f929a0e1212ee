#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Compares an event log with the recording it was made from.

    oracle.py CAPTURE EVE [--ledger FILE] [--policy redact|hash|reveal]

tshark says what was on the wire; the ledger, if there is one, what the clients did. Every
difference is one line that names the connection and the field; exit status 1 when there is any.
"""
import argparse
import json
import pathlib
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from compare import connection, message                             # noqa: E402
from compare import pop3 as compare_pop3, smtp as compare_smtp      # noqa: E402
from compare.eve import Log                                         # noqa: E402
from compare.report import Report                                   # noqa: E402
from witness import exceptions, pop3, smtp, tls, tshark             # noqa: E402

PROTOCOLS = {25: "smtp", 587: "smtp", 2525: "smtp", 24: "lmtp", 110: "pop3"}
PRIVATE = {465: "smtp", 995: "pop3"}


class Truth:
    """The dialogue of one connection on which readers, dissectors and client agree."""

    def __init__(self, stream, entry):
        self.stream, self.entry = stream, entry
        self.protocol = PROTOCOLS[stream.server.port]
        self.mail = self.protocol != "pop3"
        self.session = (smtp.Session(stream, self.protocol == "lmtp") if self.mail
                        else pop3.Session(stream))

    def witnesses(self):
        """A report on the witnesses themselves: were they at the same scene?"""
        report = Report(_label(self.stream, self.entry) + " (witnesses)")
        session, stream = self.session, self.stream
        if self.mail:
            codes = [str(reply.code) for reply in session.replies]
            faults = (exceptions.smtp_verbs(session.exchanges, stream.verbs, stream.codes),
                      exceptions.smtp_codes(codes, stream.codes))
        else:
            commands = [exchange.command for exchange in session.exchanges]
            pipelined = len(commands) > stream.client.segments
            faults = (exceptions.pop3(commands, stream.verbs, pipelined),
                      exceptions.pop3(session.statuses, stream.codes, pipelined))
        for what, fault in zip(("verbs", "answers"), faults):
            report.holds(what, fault is None, f"tshark dissects {fault}")
        if self.entry:
            self._client(report)
        return report

    def _client(self, report):
        entry, session = self.entry, self.session
        report.same("log-ins", [{name: one[name] for name in ("mechanism", "user", "success")}
                                for one in session.logins], entry["logins"])
        if not self.mail:
            if entry["pop3"] is not None:
                seen = [" ".join([one.command, *one.args[:len(one.args) - one.secrets]])
                        for one in session.exchanges]
                report.same("commands", seen, entry["pop3"])
            return
        report.same("mails", len(session.transactions), len(entry["mails"]))
        for transaction, sent in zip(session.transactions, entry["mails"]):
            report.same("mail_from", transaction.mail_from, f"<{sent['mail_from']}>")
            report.same("rcpt_to", [path for path, _, _ in transaction.recipients],
                        [f"<{address}>" for address in sent["rcpt_to"]])
            report.same("accepted", transaction.outcome == "accepted", sent["accepted"])
            if sent["octets"] is not None:
                report.same("octets", len(transaction.message), sent["octets"])

    def compare(self, log, hello, policy):
        report = Report(_label(self.stream, self.entry))
        kind = "smtp" if self.mail else "pop3"
        events = log.of(self.stream, kind)
        if self.mail:
            compare_smtp.compare(report, events, self.session)
            messages = [one.message for one in self.session.transactions if one.result]
        else:
            compare_pop3.compare(report, self.stream, events, self.session)
            messages = [one.message for one in self.session.exchanges
                        if one.command == "RETR" and one.success]
        attempts = log.of(self.stream, "login")
        connection.common(report, self.stream, events + attempts, self.protocol)
        connection.logins(report, attempts, self.session.logins, policy)
        connection.flow(report, self.stream, log.of(self.stream, "flow"))
        message.files(report, log.of(self.stream, "fileinfo"), messages)
        if hello:
            connection.tls(report, log.of(self.stream, "tls"), hello, kind)
        else:
            report.same("tls events", len(log.of(self.stream, "tls")), 0)
        return report


def _label(stream, entry):
    client, port = stream.client, stream.server.port
    name = f" {entry['name']}" if entry else ""
    return f"stream {stream.index}{name} ({client.address} {client.port} to {port})"


def truths(capture, ledger=None):
    """The dialogues of a capture, and apart from them what nobody can read: SMTPS and POP3S."""
    readable, opaque = [], []
    for stream in tshark.streams(capture).values():
        entry = next((one for one in ledger or ()
                      if one["begin"] <= stream.begun <= one["end"]), None)
        if stream.server.port in PROTOCOLS:
            readable.append(Truth(stream, entry))
        else:
            opaque.append((stream, entry))
    return readable, opaque


def private(stream, entry, log, hello):
    """A connection that is TLS from its first octet: nobody can know a command of it."""
    report = Report(_label(stream, entry))
    for kind in ("smtp", "pop3", "login"):
        report.same(f"{kind} events", len(log.of(stream, kind)), 0)
    connection.tls(report, log.of(stream, "tls"), hello or {}, PRIVATE[stream.server.port])
    return report


def examine(capture, eve, ledger=None, policy="redact"):
    """All reports on one log: on the log as such, the witnesses, and each connection."""
    log, hellos = Log(eve), tls.handshakes(capture)
    readable, opaque = truths(capture, ledger)
    whole = Report("event log")
    whole.same("lines that are not JSON", log.faults, [])
    if ledger is not None:
        whole.same("connections", len(readable) + len(opaque), len(ledger))
    streams = [truth.stream for truth in readable] + [stream for stream, _ in opaque]
    whole.same("mail events of no connection", log.strangers(streams), [])
    return ([whole] + [truth.witnesses() for truth in readable]
            + [truth.compare(log, hellos.get(truth.stream.index), policy) for truth in readable]
            + [private(stream, entry, log, hellos.get(stream.index)) for stream, entry in opaque])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("capture")
    parser.add_argument("eve")
    parser.add_argument("--ledger")
    parser.add_argument("--policy", choices=("redact", "hash", "reveal"), default="redact")
    said = parser.parse_args()
    ledger = json.loads(pathlib.Path(said.ledger).read_text("utf-8")) if said.ledger else None
    reports = examine(said.capture, said.eve, ledger, said.policy)
    for report in reports:
        for line in report.differences:
            print(line)
    wrong = sum(len(report.differences) for report in reports)
    print(f"{sum(report.compared for report in reports)} comparisons, {wrong} differences")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
