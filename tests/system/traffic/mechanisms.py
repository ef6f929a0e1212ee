# SPDX-License-Identifier: BSD-3-Clause
"""Every way to log in that Dovecot knows, over SMTP and over POP3; some fail, one is given up."""
import base64
import time

from lab.accounts import HOST, PASSWORDS, WRONG_PASSWORD
from lab.namespaces import SERVER4

from . import sasl
from .line import Line

TOKEN = "ya29.Winter-Token_1611"


def ways(service):
    """Name, user, exchange, whether the first response goes with the command, and the end."""
    return (
        ("PLAIN", "alice", sasl.plain("alice", PASSWORDS["alice"]), True, True),
        ("PLAIN", "bob", sasl.plain("bob", PASSWORDS["bob"]), False, True),
        ("LOGIN", "carol", sasl.login("carol", PASSWORDS["carol"]), False, True),
        ("CRAM-MD5", "dave", sasl.cram_md5("dave", PASSWORDS["dave"]), False, True),
        ("DIGEST-MD5", "erin", sasl.digest_md5("erin", PASSWORDS["erin"], f"{service}/{HOST}"),
         False, True),
        ("SCRAM-SHA-1", "alice", sasl.scram("alice", PASSWORDS["alice"], "sha1"), True, True),
        ("SCRAM-SHA-256", "bob", sasl.scram("bob", PASSWORDS["bob"], "sha256"), False, True),
        ("PLAIN", "carol", sasl.plain("carol", WRONG_PASSWORD), True, False),
        ("SCRAM-SHA-256", "dave", sasl.scram("dave", WRONG_PASSWORD, "sha256"), True, False),
        ("XOAUTH2", "erin", sasl.xoauth2("erin", TOKEN), True, False),
        ("OAUTHBEARER", "alice", sasl.oauthbearer("alice", TOKEN), True, False),
    )


def run(ledger, _folder):
    for name, user, exchange, initial, good in ways("smtp"):
        with ledger.session(f"SMTP {name} {user}", "smtp", 587) as session:
            line = Line(SERVER4, 587)
            line.reply(220)
            line.say("EHLO client.example.net", 250)
            code = talk(line, name, exchange, initial)
            assert code.startswith(b"235") == good, (name, user, code)
            session.login(name, user, good)
            line.say("QUIT", 221)
            line.close()
        time.sleep(0.05)
    for name, user, exchange, initial, good in ways("pop"):
        with ledger.session(f"POP3 {name} {user}", "pop3", 110) as session:
            line = Line(SERVER4, 110)
            line.status("+OK")
            status = talk(line, name, exchange, initial)
            assert status.startswith(b"+OK") == good, (name, user, status)
            session.login(name, user, good)
            line.send("QUIT")
            line.status("+OK")
            line.close()
        time.sleep(0.05)
    given_up(ledger)


def talk(line, name, exchange, initial):
    """Until the server's last word, which is returned. Challenges are `334 ...` or `+ ...`."""
    response = next(exchange)
    line.send(f"AUTH {name}" + (f" {sasl.encode(response)}" if initial else ""))
    waits = not initial and response is not None    # the first response, held back
    while (said := line.lines.readline()).startswith((b"334", b"+ ", b"+\r")):
        if not waits:
            challenge = base64.b64decode(said.split(b" ", 1)[-1].strip() or b"")
            response = exchange.send(challenge)
        waits = False
        line.send(base64.b64encode(response).decode())
    return said


def given_up(ledger):
    """RFC 4954 section 4: a lone asterisk; and a response that is no base64."""
    with ledger.session("SMTP given up", "smtp", 587) as session:
        line = Line(SERVER4, 587)
        line.reply(220)
        line.say("EHLO client.example.net", 250)
        line.say("AUTH LOGIN", 334)
        line.say("*", 501)
        line.say("AUTH CRAM-MD5", 334)
        line.say("%%%", 535)
        line.say("AUTH GSSAPI", 535)
        session.login("LOGIN", None, False)
        line.say("QUIT", 221)
        line.close()
    with ledger.session("POP3 given up", "pop3", 110) as session:
        line = Line(SERVER4, 110)
        line.status("+OK")
        line.send("AUTH")
        line.status("+OK")
        line.body()
        line.send("AUTH PLAIN")
        line.status("+")
        line.send("*")
        line.status("-ERR")
        session.login("PLAIN", None, False)
        line.send("QUIT")
        line.status("+OK")
        line.close()
