# SPDX-License-Identifier: BSD-3-Clause
"""One morning at example.org, for the quickstart: what goes well, what goes wrong, what leaks."""
import base64
import poplib
import smtplib
import ssl
import time

from lab.accounts import PASSWORDS, WRONG_PASSWORD
from lab.namespaces import CLIENT4, NEIGHBOUR4, SERVER4, SERVER6, STRANGER4

from . import messages
from .line import Line, stuffed

ENSEMBLE, SHOP = "globe@example.net", "shop@example.com"


def run(ledger, _folder):
    for scene in (a_score_arrives, one_name_is_wrong, a_stranger_guesses, a_careless_user,
                  a_careful_user, in_chunks, a_line_breaks, pick_up, a_private_pick_up):
        scene(ledger)
        time.sleep(0.2)


def _trusting():
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def a_score_arrives(ledger):
    """A good delivery: an encoded subject, and an attachment with a name that is not ASCII."""
    to = "alice@example.org"
    message = messages.with_attachment(
        ENSEMBLE, to, "Ein Wintermärchen ❄ die Partitur",
        ["Dear Alice,", "", "the score for Friday."], "Wintermärchen.pdf", 6000)
    with ledger.session("a score arrives", "smtp", 25) as session:
        smtp = smtplib.SMTP(SERVER4, 25, "mx.example.net", 20, source_address=(CLIENT4, 0))
        smtp.sendmail(ENSEMBLE, to, message, mail_options=["BODY=8BITMIME"])
        session.mail(ENSEMBLE, [to], len(message))
        smtp.quit()


def one_name_is_wrong(ledger):
    """Three recipients in one segment (RFC 2920), the second of them unknown."""
    names = ["alice@example.org", "alcie@example.org", "bob@example.org"]
    message = messages.plain(ENSEMBLE, names[0], "Rehearsal moved to 18:30",
                             ["Same stage.", "..two dots begin this line."])
    with ledger.session("one name is wrong", "smtp", 25) as session:
        line = Line(SERVER4, 25, CLIENT4)
        line.reply(220)
        line.say("EHLO mx.example.net", 250)
        line.send(f"MAIL FROM:<{ENSEMBLE}> SIZE={len(message)}",
                  *(f"RCPT TO:<{name}>" for name in names), "DATA")
        for code in (250, 250, 550, 250, 354):
            line.reply(code)
        line.send(stuffed(message), "QUIT")
        line.reply(250)
        line.reply(221)
        session.mail(ENSEMBLE, names, len(message))
        line.close()


def a_stranger_guesses(ledger):
    """Two wrong passwords, then an attempt to relay."""
    with ledger.session("a stranger guesses", "smtp", 587) as session:
        line = Line(SERVER4, 587, STRANGER4)
        line.reply(220)
        line.say("EHLO [192.0.2.66]", 250)
        for guess in (WRONG_PASSWORD, WRONG_PASSWORD[::-1]):
            line.say("AUTH LOGIN", 334)
            line.say(base64.b64encode(b"alice").decode(), 334)
            line.say(base64.b64encode(guess.encode()).decode(), 535)
            session.login("LOGIN", "alice", success=False)
        line.say("VRFY alice@example.org", 252)
        line.say("MAIL FROM:<prize@example.com>", 250)
        line.say("RCPT TO:<victim@example.com>", 554)
        session.mail("prize@example.com", ["victim@example.com"], accepted=False)
        line.say("QUIT", 221)
        line.close()


def a_careless_user(ledger):
    """STARTTLS is offered, and the password crosses the wire without it; over IPv6."""
    message = messages.plain("bob@example.org", "alice@example.org", "Re: Rehearsal moved to 18:30",
                             ["I shall be late."])
    with ledger.session("a careless user", "smtp", 587) as session:
        line = Line(SERVER6, 587)
        line.reply(220)
        line.say("EHLO bobs-phone", 250)
        blob = base64.b64encode(f"\0bob\0{PASSWORDS['bob']}".encode()).decode()
        line.say(f"AUTH PLAIN {blob}", 235)
        session.login("PLAIN", "bob")
        line.say("MAIL FROM:<bob@example.org>", 250)
        line.say("RCPT TO:<alice@example.org>", 250)
        line.say("DATA", 354)
        line.send(stuffed(message))
        line.reply(250)
        session.mail("bob@example.org", ["alice@example.org"], len(message))
        line.say("QUIT", 221)
        line.close()


def a_careful_user(ledger):
    """The same with STARTTLS: after the answer 220 there is nothing left to read."""
    message = messages.plain("carol@example.org", "alice@example.org", "Between us", ["Hush."])
    with ledger.session("a careful user", "smtp", 587) as session:
        smtp = smtplib.SMTP(SERVER4, 587, "carols-laptop", 20, source_address=(NEIGHBOUR4, 0))
        smtp.starttls(context=_trusting())
        session.tls()
        smtp.login("carol", PASSWORDS["carol"])
        smtp.sendmail("carol@example.org", "alice@example.org", message)
        smtp.quit()


def in_chunks(ledger):
    """BDAT (RFC 3030); the subject is in Japanese."""
    to = "alice@example.org"
    message = messages.plain(SHOP, to, "冬物語の切符 (your tickets)",
                             ["Row 7, seats 11 and 12:", "https://shop.example.com/tickets/1611"])
    with ledger.session("in chunks", "smtp", 25) as session:
        line = Line(SERVER4, 25, CLIENT4)
        line.reply(220)
        line.say("EHLO out.example.com", 250)
        line.say(f"MAIL FROM:<{SHOP}> RET=HDRS ENVID=T1611", 250)
        line.say(f"RCPT TO:<{to}> NOTIFY=FAILURE ORCPT=rfc822;{to}", 250)
        line.send("BDAT 300", message[:300])
        line.reply(250)
        line.send(f"BDAT {len(message) - 300} LAST", message[300:])
        line.reply(250)
        session.mail(SHOP, [to], len(message))
        line.say("QUIT", 221)
        line.close()


def a_line_breaks(ledger):
    """The stranger again: gone in the middle of a message."""
    with ledger.session("a line breaks", "smtp", 25) as session:
        line = Line(SERVER4, 25, STRANGER4)
        line.reply(220)
        line.say("HELO winner.example.com", 250)
        line.say("MAIL FROM:<prize@example.com>", 250)
        line.say("RCPT TO:<bob@example.org>", 250)
        line.say("DATA", 354)
        line.send("From: prize@example.com", "Subject: You have won", "", "Dear winn")
        session.mail("prize@example.com", ["bob@example.org"], accepted=False)
        line.close()


def pick_up(ledger):
    """Alice mistypes once, then reads what arrived; her password is readable both times."""
    time.sleep(1)       # Postfix hands mail to the mailbox on its own time.
    with ledger.session("a typing mistake", "pop3", 110) as session:
        pop = poplib.POP3(SERVER4, timeout=20)
        pop.user("alice")
        try:
            pop.pass_(WRONG_PASSWORD)
        except poplib.error_proto:
            session.login("USER/PASS", "alice", success=False)
        pop.quit()
        session.pop3("USER alice", "PASS", "QUIT")
    with ledger.session("the pick-up", "pop3", 110) as session:
        pop = poplib.POP3(SERVER4, timeout=20)
        pop.capa()
        pop.user("alice")
        pop.pass_(PASSWORDS["alice"])
        session.login("USER/PASS", "alice")
        count = pop.stat()[0]
        assert count == 5, f"{count} messages have arrived, not 5"
        pop.uidl()
        pop.list()
        pop.top(1, 0)
        pop.retr(1)
        pop.retr(2)
        pop.dele(2)
        pop.quit()
        session.pop3("CAPA", "USER alice", "PASS", "STAT", "UIDL", "LIST", "TOP 1 0", "RETR 1",
                     "RETR 2", "DELE 2", "QUIT")


def a_private_pick_up(ledger):
    """Bob shows only a digest (APOP), Carol nothing at all (STLS)."""
    with ledger.session("APOP", "pop3", 110) as session:
        pop = poplib.POP3(SERVER4, timeout=20)
        pop.apop("bob", PASSWORDS["bob"])
        session.login("APOP", "bob")
        pop.stat()
        pop.quit()
        session.pop3("APOP bob", "STAT", "QUIT")
    with ledger.session("STLS", "pop3", 110) as session:
        pop = poplib.POP3(SERVER4, timeout=20)
        pop.stls(_trusting())
        session.pop3("CAPA", "STLS")
        session.tls()
        pop.user("carol")
        pop.pass_(PASSWORDS["carol"])
        pop.stat()
        pop.quit()
