# SPDX-License-Identifier: BSD-3-Clause
"""tshark's dissectors: commands, replies, header fields, names of users, TLS."""
import re
import shutil
import subprocess

from reading import encoded, eve
from reading.facts import Facts, text

NAME = "tshark"
SEPARATOR, COMMA = "\x1f", "\x1e"
OPTIONS = ["-n", *(word for port in (24, 587, 2525, 2526, 2527)
                   for word in ("-d", f"tcp.port=={port},smtp")),
           "-d", "tcp.port==1110,pop", "-d", "udp.port==8472,vxlan", "-o", "tcp.reassemble_out_of_order:TRUE",
           "-o", "smtp.decryption:TRUE"]
ROW = ("tcp.stream", "_ws.col.Source", "_ws.col.Destination", "tcp.srcport", "tcp.dstport")
SMTP = ("smtp.command_line", "smtp.response.code", "smtp.auth.username")
POP3 = ("pop.request.command", "pop.response.indicator", "pop.response.description")
MESSAGE = {"imf.from": "email.from", "imf.to": "email.to", "imf.cc": "email.cc",
           "imf.subject": "email.subject", "imf.date": "email.date",
           "imf.message_id": "email.message_id", "imf.reply_to": "email.reply_to",
           "imf.in_reply_to": "email.in_reply_to", "imf.references": "email.references",
           "imf.user_agent": "email.user_agent", "imf.ext.mailer": "email.x_mailer",
           "imf.received": "email.received"}
TLS = {"tls.handshake.extensions_server_name": "tls.sni", "tls.handshake.ja3": "tls.ja3.hash",
       "tls.handshake.extensions_alpn_str": "tls.client_alpns"}
FIELDS = ("verbs", "codes", "smtp.mail_from", "smtp.rcpt_to", "pop3.request.command",
          "pop3.response.status", "login.user", *MESSAGE.values(), *TLS.values())
DIALOGUE = {"verbs", "codes", "pop3.request.command"}
# What a line of the transcript is taken for a command by; SASL's answers are none.
VERBS = {"HELO", "EHLO", "LHLO", "MAIL", "RCPT", "DATA", "BDAT", "RSET", "NOOP", "QUIT", "VRFY",
         "EXPN", "HELP", "AUTH", "STARTTLS", "ETRN", "XCLIENT", "XFORWARD", "TURN"}
KEYWORDS = {"USER", "PASS", "APOP", "AUTH", "CAPA", "STLS", "STAT", "LIST", "UIDL", "RETR", "TOP",
            "DELE", "RSET", "NOOP", "QUIT", "LAST", "UTF8", "LANG", "XTND"}


def missing():
    return None if shutil.which("tshark") else "there is no tshark"


def _rows(capture, names):
    fields = [option for name in names for option in ("-e", name)]
    done = subprocess.run(
        ["tshark", "-r", capture, *OPTIONS, "-Y", "smtp or pop or imf or tls.handshake", "-T",
         "fields", "-E", f"separator={SEPARATOR}", "-E", f"aggregator={COMMA}", "-E",
         "occurrence=a", *fields], capture_output=True)
    if done.returncode and not done.stdout:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()[-1]
        if "damaged" in said or "cut short" in said:
            return
        raise RuntimeError(f"tshark: {said}")
    for line in done.stdout.decode("utf-8", "replace").split("\n")[:-1]:
        yield {name: value.split(COMMA) if value else []
               for name, value in zip(names, line.split(SEPARATOR))}


def facts(capture, reading):
    """Only of flows that are mail to one of the two: TLS is spoken by many."""
    told, names = Facts(), (*ROW, *SMTP, *POP3, *MESSAGE, *TLS)
    for row in _rows(str(capture), names):
        one, other, port, other_port = (row[name][-1] if row[name] else "" for name in ROW[1:])
        if not port:
            continue
        flow = told.flow(Facts.key((one, port), (other, other_port)))
        for name, value in _said(row):
            # The banner of POP3 answers no command.
            if name != "pop3.response.status" or "pop3.request.command" in flow:
                flow.setdefault(name, []).append(text(value))
    told.flows = {key: flow for key, flow in told.flows.items()
                  if key in reading.mail or DIALOGUE & flow.keys()}
    return told


def _said(row):
    for line in row["smtp.command_line"]:
        line = _unescaped(line)
        verb = line.split(" ")[0].upper()
        if verb in VERBS:
            yield "verbs", verb
        path = re.match(r"(MAIL FROM|RCPT TO):\s*(\S*)", line, re.I)
        if path:
            yield ("smtp.mail_from" if path[1][0] in "mM" else "smtp.rcpt_to"), path[2]
    for code in row["smtp.response.code"]:
        yield "codes", code
    for user in row["smtp.auth.username"]:
        yield "login.user", user
    for verb in row["pop.request.command"]:
        if verb.upper() in KEYWORDS:
            yield "pop3.request.command", verb.upper()
    for status in row["pop.response.indicator"]:
        yield "pop3.response.status", status.lstrip("+-")
    for theirs, name in (*MESSAGE.items(), *TLS.items()):
        for value in row[theirs]:
            yield name, _common(name, encoded.words(_unescaped(value)))


def _unescaped(value):
    return re.sub(r"\\[rnt]", " ", value).strip()


def _common(name, value):
    """Lists are one text to tshark."""
    if name in ("email.to", "email.cc", "email.references"):
        return re.sub(r"[\s,]+", " ", ", ".join(value) if isinstance(value, list) else value)
    return value


def ours(reading):
    """The product's facts as this peer tells them: the transcript for SMTP's lines, and every
    element of a list a value."""
    told = Facts()
    for event in reading.events:
        eve.add(told, event, _ours, each=True)
        if event["event_type"] == "pop3":  # RETR's message
            eve.add(told, {**event, "event_type": "smtp"}, _of_message, each=True)
        user = event.get("login", {}).get("user")
        if user and event["app_proto"] != "pop3":
            told.flow(eve.key(event)).setdefault("login.user", []).append(user)
    for key, said in reading.transcript.flows.items():
        flow = told.flow(key)
        flow["codes"] = [word[:3] for word in said.get("codes", []) if re.match(r"\d{3}", word)]
        flow["verbs"] = [word.upper() for word in said.get("verbs", []) if word.upper() in VERBS]
    return told


def _ours(name, value, _event):
    return _common(name, value) if value else value


def _of_message(name, value, event):
    return _ours(name, value, event) if name.startswith("email.") else None
