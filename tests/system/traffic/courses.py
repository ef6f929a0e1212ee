# SPDX-License-Identifier: BSD-3-Clause
"""The two experiments with which courses on mail begin, typed slowly enough to be read."""
import base64
import time

from lab.accounts import PASSWORDS
from lab.namespaces import SERVER4

from . import messages
from .line import Line, stuffed

USER = "123shi"
ADDRESS = f"{USER}@example.org"

# The sizes that LIST shows; together 17395 octets, as STAT says.
SIZES = (14417, 882, 2096)


def mailbox():
    """The three messages that wait for USER."""
    subjects = ("Lecture notes, chapter 7", "Room changed", "Exercise 3: reading a capture")
    return [messages.of_octets(size, "course@example.net", ADDRESS, subject)
            for size, subject in zip(SIZES, subjects)]


def pop3(ledger, _folder):
    with ledger.session("POP3 course", "pop3", 110) as session:
        line = Line(SERVER4, 110)
        line.status("+OK")
        session.login("USER/PASS", USER)
        for command, answer in ((f"USER {USER}", "+OK"), (f"PASS {PASSWORDS[USER]}", "+OK"),
                                ("STAT", "+OK 3 17395"), ("UIDL", "+OK"), ("LIST", "+OK")):
            time.sleep(0.05)
            line.send(command)
            line.status(answer)
            lines = line.body() if command in ("UIDL", "LIST") else []
            session.pop3(command.split()[0] if command.startswith("PASS") else command)
        assert lines == [f"{n} {size}\r\n".encode() for n, size in enumerate(SIZES, 1)], lines
        line.send("QUIT")
        line.status("+OK")
        session.pop3("QUIT")
        line.close()


def smtp(ledger, _folder):
    message = messages.plain(ADDRESS, "alice@example.org", "Greetings", ["Merry Christmas!!!"])
    with ledger.session("SMTP course", "smtp", 25) as session:
        line = Line(SERVER4, 25)
        line.reply(220)
        session.login("LOGIN", USER)
        for command, code in (
                (f"HELO {USER}", 250), ("AUTH LOGIN", 334),
                (base64.b64encode(USER.encode()).decode(), 334),
                (base64.b64encode(PASSWORDS[USER].encode()).decode(), 235),
                (f"MAIL FROM:<{ADDRESS}>", 250), ("RCPT TO:<alice@example.org>", 250),
                ("DATA", 354)):
            time.sleep(0.05)
            line.say(command, code)
        line.send(stuffed(message))
        line.reply(250)
        session.mail(ADDRESS, ["alice@example.org"], len(message))
        line.say("QUIT", 221)
        line.close()
