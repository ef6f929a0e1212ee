# SPDX-License-Identifier: BSD-3-Clause
"""What the clients did, noted by the clients themselves: the oracle's second witness beside tshark.

Sessions happen one after another and each is exactly one TCP connection, so the time of the SYN
tells which connection belongs to which entry.
"""
import contextlib
import json
import time


class Session:
    def __init__(self, name, protocol, port):
        self.facts = {"name": name, "protocol": protocol, "port": port, "tls": False,
                      "mails": [], "logins": [], "pop3": None}

    def mail(self, sender, recipients, octets=None, accepted=True):
        """A transaction; `octets` is what the message holds with CRLF and without dot stuffing."""
        self.facts["mails"].append({"mail_from": sender, "rcpt_to": list(recipients),
                                    "octets": octets, "accepted": accepted})

    def login(self, mechanism, user, success=True):
        self.facts["logins"].append({"mechanism": mechanism, "user": user, "success": success})

    def tls(self):
        """From here on nobody on the wire reads along; what follows is not noted."""
        self.facts["tls"] = True

    def pop3(self, *commands):
        """Commands that cross the wire readable, in order."""
        self.facts["pop3"] = (self.facts["pop3"] or []) + list(commands)


class Ledger:
    def __init__(self, path):
        self.path, self.sessions = path, []

    @contextlib.contextmanager
    def session(self, name, protocol, port):
        session = Session(name, protocol, port)
        session.facts["begin"] = time.time()
        yield session
        session.facts["end"] = time.time()
        self.sessions.append(session.facts)
        # The client's last FIN may still be on its way; the next SYN must be clearly later.
        time.sleep(0.01)

    def write(self):
        with open(self.path, "w", encoding="utf-8") as file:
            json.dump(self.sessions, file, indent=1)
