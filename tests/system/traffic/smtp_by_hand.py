# SPDX-License-Identifier: BSD-3-Clause
"""SMTP dialogues that a library does not offer: pipelining, BDAT, and every way to go wrong."""
import base64

from lab.accounts import PASSWORDS, WRONG_PASSWORD
from lab.namespaces import SERVER4
from lab.postfix import REFUSED_SENDER

from . import messages
from .line import Line, stuffed

SENDER, RECIPIENT = "hand@example.net", "dave@example.org"
MAIL, RCPT = f"MAIL FROM:<{SENDER}>", f"RCPT TO:<{RECIPIENT}>"


def run(ledger, _folder):
    for name, port, dialogue in (
            ("pipelining by hand", 25, pipelining), ("BDAT", 25, bdat),
            ("BDAT pipelined", 2525, bdat_pipelined), ("RSET and abandon", 25, reset),
            ("hung up in DATA", 25, hang_up), ("mistakes", 25, mistakes),
            ("refused sender", 25, refused), ("log-ins by hand", 587, logins),
            ("in small pieces", 25, pieces), ("DSN", 25, dsn)):
        with ledger.session(name, "smtp", port) as session:
            line = Line(SERVER4, port)
            line.reply(220)
            line.say("EHLO hand.example.net", 250)
            dialogue(line, session)
            line.close()


def b64(text):
    return base64.b64encode(text.encode()).decode()


def message(subject, *lines):
    return messages.plain(SENDER, RECIPIENT, subject, lines or ["By hand."])


def pipelining(line, session):
    """RFC 2920: the envelope in one segment, the message and QUIT in another."""
    text = message("Pipelined")
    line.send(MAIL, RCPT, "RCPT TO:<nobody@example.org>", "DATA")
    for code in (250, 250, 550, 354):
        line.reply(code)
    line.send(stuffed(text), "QUIT")
    line.reply(250)
    line.reply(221)
    session.mail(SENDER, [RECIPIENT, "nobody@example.org"], len(text))


def bdat(line, session):
    """RFC 3030: two chunks; a lone dot inside means nothing here, and neither does a verb."""
    text = message("Chunks", ".", "QUIT", "after the dot")
    line.say(MAIL, 250)
    line.say(RCPT, 250)
    half = len(text) // 2
    line.send(f"BDAT {half}", text[:half])
    line.reply(250)
    line.send(f"BDAT {len(text) - half} LAST", text[half:])
    line.reply(250)
    line.say("QUIT", 221)
    session.mail(SENDER, [RECIPIENT], len(text))


def bdat_pipelined(line, session):
    """Envelope, the only chunk and QUIT in one write; the chunk has no line end of its own."""
    text = message("One chunk")[:-2]
    line.send(MAIL, RCPT, f"BDAT {len(text)} LAST", text, "QUIT")
    for code in (250, 250, 250, 221):
        line.reply(code)
    session.mail(SENDER, [RECIPIENT], len(text))


def reset(line, session):
    line.say(MAIL, 250)
    line.say(RCPT, 250)
    line.say("RSET", 250)
    session.mail(SENDER, [RECIPIENT], accepted=False)
    line.say(MAIL, 250)
    line.say("QUIT", 221)
    session.mail(SENDER, [], accepted=False)


def hang_up(line, session):
    """The client goes away in the middle of the message."""
    line.say(MAIL, 250)
    line.say(RCPT, 250)
    line.say("DATA", 354)
    line.send("Subject: never finished", "", "To be contin")
    session.mail(SENDER, [RECIPIENT], accepted=False)


def mistakes(line, _session):
    line.say("FOO bar", 500)
    line.say(RCPT, 503)
    line.say("DATA", 503)
    line.say("mail from <nobrackets", 501)
    line.say("noop", 250)
    line.say("QUIT", 221)


def refused(line, session):
    """The server refuses one sender at once, a declared size next, and takes the third."""
    text = message("At the third attempt")
    line.say(f"MAIL FROM:<{REFUSED_SENDER}>", 250)
    line.say(RCPT, 550)
    session.mail(REFUSED_SENDER, [RECIPIENT], accepted=False)
    line.say("RSET", 250)
    line.say(f"{MAIL} SIZE=99000000", 552)
    session.mail(SENDER, [], accepted=False)
    line.say(f"{MAIL} SIZE={len(text)} BODY=8BITMIME", 250)
    line.say(RCPT, 250)
    line.say("DATA", 354)
    line.send(stuffed(text))
    line.reply(250)
    session.mail(SENDER, [RECIPIENT], len(text))
    line.say("QUIT", 221)


def logins(line, session):
    """One wrong, one taken back with `*`, one with the user beside the verb but empty-handed."""
    line.say("AUTH LOGIN", 334)
    line.say(b64("erin"), 334)
    line.say(b64(WRONG_PASSWORD), 535)
    session.login("LOGIN", "erin", success=False)
    line.say("AUTH PLAIN", 334)
    line.say("*", 501)
    session.login("PLAIN", None, success=False)
    line.say("AUTH PLAIN", 334)
    line.say(b64(f"\0erin\0{PASSWORDS['erin']}"), 235)
    session.login("PLAIN", "erin")
    line.say("QUIT", 221)


def pieces(line, session):
    """Every command torn into segments of three octets."""
    text = message("In pieces")
    for command, code in ((MAIL, 250), (RCPT, 250), ("DATA", 354)):
        line.dribble(command)
        line.reply(code)
    line.dribble_bytes(text[:100], text[100:101], text[101:], b".", b"\r", b"\n")
    line.reply(250)
    line.dribble("QUIT")
    line.reply(221)
    session.mail(SENDER, [RECIPIENT], len(text))


def dsn(line, session):
    """RFC 3461 parameters, and the empty reverse-path of a bounce (RFC 5321 4.5.5)."""
    text = message("Undelivered Mail Returned to Sender")
    line.say(f"MAIL FROM:<> SIZE={len(text)} RET=HDRS ENVID=QQ314159", 250)
    line.say(f"{RCPT} NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;Dave@Example.ORG", 250)
    line.say("DATA", 354)
    line.send(stuffed(text))
    line.reply(250)
    line.say("QUIT", 221)
    session.mail("", [RECIPIENT], len(text))
