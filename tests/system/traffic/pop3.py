# SPDX-License-Identifier: BSD-3-Clause
"""POP3 as Python's poplib speaks it, and by hand where it does not."""
import base64
import poplib
import ssl

from lab.accounts import PASSWORDS, WRONG_PASSWORD
from lab.namespaces import SERVER4

from .line import Line


def run(ledger, _folder):
    everything(ledger)
    wrong_password(ledger)
    apop(ledger)
    stls(ledger)
    by_hand(ledger)


def everything(ledger):
    with ledger.session("poplib everything", "pop3", 110) as session:
        pop = poplib.POP3(SERVER4, timeout=20)
        pop.user("erin")
        pop.pass_(PASSWORDS["erin"])
        session.login("USER/PASS", "erin")
        pop.stat()
        pop.list()
        pop.list(2)
        pop.uidl()
        pop.uidl(1)
        pop.top(1, 0)
        pop.top(2, 3)
        pop.retr(2)
        pop.dele(2)
        pop.rset()
        pop.noop()
        pop.dele(3)
        pop.quit()
        session.pop3("USER erin", "PASS", "STAT", "LIST", "LIST 2", "UIDL", "UIDL 1", "TOP 1 0",
                     "TOP 2 3", "RETR 2", "DELE 2", "RSET", "NOOP", "DELE 3", "QUIT")


def wrong_password(ledger):
    with ledger.session("poplib wrong password", "pop3", 110) as session:
        pop = poplib.POP3(SERVER4, timeout=20)
        pop.user("erin")
        try:
            pop.pass_(WRONG_PASSWORD)
            raise AssertionError("a wrong password was accepted")
        except poplib.error_proto:
            session.login("USER/PASS", "erin", success=False)
        pop.quit()
        session.pop3("USER erin", "PASS", "QUIT")


def apop(ledger):
    with ledger.session("poplib APOP", "pop3", 110) as session:
        pop = poplib.POP3(SERVER4, timeout=20)
        pop.apop("erin", PASSWORDS["erin"])
        session.login("APOP", "erin")
        pop.stat()
        pop.quit()
        session.pop3("APOP erin", "STAT", "QUIT")


def stls(ledger):
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with ledger.session("poplib STLS", "pop3", 110) as session:
        pop = poplib.POP3(SERVER4, timeout=20)
        pop.stls(context)
        session.pop3("CAPA", "STLS")
        session.tls()
        pop.user("erin")
        pop.pass_(PASSWORDS["erin"])
        pop.stat()
        pop.quit()


def by_hand(ledger):
    for name, dialogue in (("POP3 pipelined", pipelined), ("POP3 SASL", sasl),
                           ("POP3 mistakes", mistakes)):
        with ledger.session(name, "pop3", 110) as session:
            line = Line(SERVER4, 110)
            line.status("+OK")
            dialogue(line, session)
            line.close()


def pipelined(line, session):
    """RFC 2449 6.6: the server said PIPELINING, so commands need not wait for answers."""
    line.send("USER erin", f"PASS {PASSWORDS['erin']}")
    line.status("+OK")
    line.status("+OK")
    session.login("USER/PASS", "erin")
    line.send("STAT", "LIST", "RETR 1", "UIDL", "NOOP", "QUIT")
    line.status("+OK")
    for _ in range(3):
        line.status("+OK")
        line.body()
    line.status("+OK")
    line.status("+OK")
    session.pop3("USER erin", "PASS", "STAT", "LIST", "RETR 1", "UIDL", "NOOP", "QUIT")


def sasl(line, session):
    """RFC 5034: the secret beside the verb, after one refusal and one on a line of its own."""
    def blob(password):
        return base64.b64encode(f"\0erin\0{password}".encode()).decode()

    line.send("AUTH PLAIN")
    line.status("+")
    line.send(blob(WRONG_PASSWORD))
    line.status("-ERR")
    session.login("PLAIN", "erin", success=False)
    line.send(f"AUTH PLAIN {blob(PASSWORDS['erin'])}")
    line.status("+OK")
    session.login("PLAIN", "erin")
    line.send("QUIT")
    line.status("+OK")
    session.pop3("AUTH PLAIN", "AUTH PLAIN", "QUIT")


def mistakes(line, session):
    for command in ("STAT", "XYZZY plugh"):
        line.send(command)
        line.status("-ERR")
    line.send("user erin", f"pass {PASSWORDS['erin']}")
    line.status("+OK")
    line.status("+OK")
    session.login("USER/PASS", "erin")
    for command in ("RETR 99", "DELE", "LIST x"):
        line.send(command)
        line.status("-ERR")
    line.send("QUIT")
    line.status("+OK")
    session.pop3("STAT", "XYZZY plugh", "USER erin", "PASS", "RETR 99", "DELE", "LIST x", "QUIT")
