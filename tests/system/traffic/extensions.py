# SPDX-License-Identifier: BSD-3-Clause
"""What SMTP has grown: said to Postfix, and what stands in front of it."""
import socket
import struct
import time

from lab.namespaces import SERVER4
from lab.postfix import PROXIED, RELAY

from . import messages
from .line import Line, stuffed

SENDER, RECIPIENT = "hand@example.net", "dave@example.org"


def run(ledger, _folder):
    for scene in (delivery_notices, smtputf8, chunks, small_commands, told_by_a_relay,
                  behind_a_balancer):
        scene(ledger)
        time.sleep(0.05)


def greeted(port, before=b""):
    line = Line(SERVER4, port)
    if before:
        line.socket.sendall(before)
    line.reply(220)
    line.say("EHLO hand.example.net", 250)
    return line


def bye(line):
    line.say("QUIT", 221)
    line.close()


def delivery_notices(ledger):
    """RFC 3461, RFC 1870."""
    text = messages.plain(SENDER, RECIPIENT, "Tell me of it", ["By return of post."])
    with ledger.session("DSN", "smtp", 25) as session:
        line = greeted(25)
        line.say(f"MAIL FROM:<{SENDER}> SIZE={len(text)} RET=HDRS ENVID=QQ314159+2Bx", 250)
        line.say(f"RCPT TO:<{RECIPIENT}> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;D+2Bave@example.org", 250)
        line.say("RCPT TO:<erin@example.org> NOTIFY=NEVER", 250)
        line.say("RCPT TO:<carol@example.org> NOTIFY=SOMETIMES", 501)
        line.say("DATA", 354)
        line.send(stuffed(text))
        line.reply(250)
        session.mail(SENDER, [RECIPIENT, "erin@example.org", "carol@example.org"], len(text))
        line.say("MAIL FROM:<> SIZE=99999999", 552)
        bye(line)


def smtputf8(ledger):
    """RFC 6531, RFC 6532: an address and header fields in UTF-8."""
    text = ("From: Jürgen <jürgen@example.net>\r\nTo: dave@example.org\r\n"
            "Subject: Grüße aus dem Süden\r\nDate: Mon, 23 Dec 2024 17:00:00 +0000\r\n"
            "Message-ID: <grüße@example.net>\r\nContent-Type: text/plain; charset=utf-8\r\n"
            "Content-Transfer-Encoding: 8bit\r\n\r\nEs schneit: https://example.net/schnee?für=alle\r\n"
            ).encode()
    with ledger.session("SMTPUTF8", "smtp", 25) as session:
        line = greeted(25)
        line.say("MAIL FROM:<jürgen@example.net> BODY=8BITMIME SMTPUTF8", 250)
        line.say(f"RCPT TO:<{RECIPIENT}>", 250)
        line.say("DATA", 354)
        line.send(stuffed(text))
        # Dovecot's LMTP, behind it, knows no SMTPUTF8: Postfix takes the message all the same.
        line.reply(250)
        session.mail("jürgen@example.net", [RECIPIENT], len(text))
        bye(line)


def chunks(ledger):
    """RFC 3030: three chunks, the last one empty, all in one segment; one that is refused."""
    text = messages.plain(SENDER, RECIPIENT, "Chunks", [".", "QUIT", "..", "DATA"])
    half = len(text) // 2
    with ledger.session("BDAT pipelined", "smtp", 25) as session:
        line = greeted(25)
        line.send(f"MAIL FROM:<{SENDER}>", f"RCPT TO:<{RECIPIENT}>", f"BDAT {half}", text[:half],
                  f"BDAT {len(text) - half}", text[half:], "BDAT 0 LAST")
        for code in (250, 250, 250, 250, 250):
            line.reply(code)
        session.mail(SENDER, [RECIPIENT], len(text))
        line.send("BDAT 5 LAST", b"a: b\r")     # outside of a transaction: read, and refused
        line.reply(503)
        bye(line)


def small_commands(ledger):
    with ledger.session("small commands", "smtp", 25) as session:
        line = greeted(25)
        line.say("NOOP is there anybody", 250)
        line.say("VRFY alice@example.org", 252)
        line.say("VRFY nobody@example.org", 550)
        line.say("EXPN staff", 500)
        line.say("HELP", 500)
        line.say("ETRN example.org", 250)
        line.say("ETRN elsewhere.example", 459)
        line.say("TURN", 500)
        line.say(f"MAIL FROM:<{SENDER}>", 250)
        line.say("RSET", 250)
        line.say(f"MAIL FROM:<{SENDER}>", 250)
        line.say("MAIL FROM:<other@example.net>", 503)
        line.say("RCPT TO:<nobody@example.org>", 550)
        line.say("DATA", 554)
        session.mail(SENDER, [], accepted=False)
        line.say("STARTTLS now", 501)
        bye(line)


def told_by_a_relay(ledger):
    """Postfix's XFORWARD and XCLIENT, from an address it trusts."""
    text = messages.plain(SENDER, RECIPIENT, "Forwarded", ["From one who is known."])
    with ledger.session("XFORWARD and XCLIENT", "smtp", RELAY) as session:
        line = greeted(RELAY)
        line.say("XFORWARD NAME=spike.example.com ADDR=203.0.113.9 PORT=4711", 250)
        line.say("XFORWARD PROTO=ESMTP HELO=spike.example.com IDENT=a+2Bb SOURCE=REMOTE", 250)
        line.say(f"MAIL FROM:<{SENDER}>", 250)
        line.say(f"RCPT TO:<{RECIPIENT}>", 250)
        line.say("DATA", 354)
        line.send(stuffed(text))
        line.reply(250)
        session.mail(SENDER, [RECIPIENT], len(text))
        line.say("XCLIENT NAME=porch.example.com ADDR=IPV6:2001:db8::66 LOGIN=alice", 220)
        line.say("EHLO porch.example.com", 250)
        line.say("MAIL FROM:<alice@example.org>", 250)
        line.say(f"RCPT TO:<{RECIPIENT}>", 250)
        line.say("QUIT", 221)
        session.mail("alice@example.org", [RECIPIENT], accepted=False)
        line.close()


def behind_a_balancer(ledger):
    """The PROXY protocol's two headers, in front of Postfix and of Dovecot."""
    first = b"PROXY TCP4 203.0.113.7 192.0.2.25 51234 25\r\n"
    second = (b"\r\n\r\n\0\r\nQUIT\n" + struct.pack(">BBH", 0x21, 0x21, 36)
              + socket.inet_pton(socket.AF_INET6, "2001:db8::7")
              + socket.inet_pton(socket.AF_INET6, "2001:db8::25") + struct.pack(">HH", 51235, 25))
    text = messages.plain(SENDER, RECIPIENT, "Balanced", ["Through a door of glass."])
    for header in (first, second):
        with ledger.session("PROXY, SMTP", "smtp", PROXIED) as session:
            line = greeted(PROXIED, header)
            line.say(f"MAIL FROM:<{SENDER}>", 250)
            line.say(f"RCPT TO:<{RECIPIENT}>", 250)
            line.say("DATA", 354)
            line.send(stuffed(text))
            line.reply(250)
            session.mail(SENDER, [RECIPIENT], len(text))
            bye(line)
        with ledger.session("PROXY, POP3", "pop3", 1110):
            line = Line(SERVER4, 1110)
            line.socket.sendall(header)
            line.status("+OK")
            line.send("CAPA")
            line.status("+OK")
            line.body()
            line.send("QUIT")
            line.status("+OK")
            line.close()
        time.sleep(0.05)
