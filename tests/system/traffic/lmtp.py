# SPDX-License-Identifier: BSD-3-Clause
"""LMTP (RFC 2033) as Dovecot answers it: one reply for each recipient behind the end of data."""
from lab.namespaces import SERVER4

from . import messages
from .line import Line, stuffed

SENDER = "list@example.net"


def run(ledger, _folder):
    text = messages.plain(SENDER, "readers@example.org", "To several", ["One for each of you."])
    with ledger.session("LMTP", "lmtp", 24) as session:
        line = Line(SERVER4, 24)
        line.reply(220)
        line.say("EHLO mx.example.org", 500)
        line.say("LHLO mx.example.org", 250)
        line.say(f"MAIL FROM:<{SENDER}> SIZE={len(text)}", 555)     # not offered
        line.say(f"MAIL FROM:<{SENDER}> BODY=8BITMIME", 250)
        for user, code in (("alice", 250), ("nobody", 550), ("bob", 250), ("carol", 250)):
            line.say(f"RCPT TO:<{user}@example.org>", code)
        line.say("DATA", 354)
        line.send(stuffed(text))
        for _ in range(3):
            line.reply(250)
        session.mail(SENDER, [f"{u}@example.org" for u in ("alice", "nobody", "bob", "carol")],
                     len(text))
        half = len(text) // 2
        line.send(f"MAIL FROM:<{SENDER}>", "RCPT TO:<alice@example.org>",
                  "RCPT TO:<bob@example.org>", f"BDAT {half}", text[:half],
                  f"BDAT {len(text) - half} LAST", text[half:], "QUIT")
        for code in (250, 250, 250, 250, 250, 250, 221):
            line.reply(code)
        session.mail(SENDER, ["alice@example.org", "bob@example.org"], len(text))
        line.close()
