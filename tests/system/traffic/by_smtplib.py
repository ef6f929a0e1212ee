# SPDX-License-Identifier: BSD-3-Clause
"""SMTP and LMTP as Python's smtplib speaks them."""
import smtplib
import ssl

from lab.accounts import PASSWORDS
from lab.namespaces import SERVER4

from . import messages

HOST, SENDER = "py.example.net", "ada@example.net"


def run(ledger, _folder):
    courtesies(ledger)
    starttls(ledger)
    lmtp(ledger)


def courtesies(ledger):
    """The commands that move no mail, then two transactions in one session, the second aborted."""
    recipient = "bob@example.org"
    message = messages.with_attachment(
        SENDER, recipient, "Grüße aus dem Schnee ❄", ["See the attached score."],
        "Märchen.pdf", 1500)
    with ledger.session("smtplib courtesies", "smtp", 25) as session:
        smtp = smtplib.SMTP(SERVER4, 25, HOST, timeout=20)
        smtp.ehlo()
        for command in (lambda: smtp.verify(recipient), lambda: smtp.expn("friends"), smtp.noop,
                        lambda: smtp.docmd("HELP"), smtp.rset):
            command()
        smtp.sendmail(SENDER, [recipient, "erin.unknown@example.org"], message)
        session.mail(SENDER, [recipient, "erin.unknown@example.org"], len(message))
        smtp.mail(SENDER)
        smtp.rcpt(recipient)
        smtp.rset()
        session.mail(SENDER, [recipient], accepted=False)
        smtp.quit()


def starttls(ledger):
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with ledger.session("smtplib STARTTLS", "smtp", 25) as session:
        smtp = smtplib.SMTP(SERVER4, 25, HOST, timeout=20)
        smtp.starttls(context=context)
        session.tls()
        smtp.login("alice", PASSWORDS["alice"])
        smtp.sendmail(SENDER, "alice@example.org",
                      messages.plain(SENDER, "alice@example.org", "Unseen", ["Nobody reads this"]))
        smtp.quit()


def lmtp(ledger):
    """LMTP answers the end of data once for each accepted recipient (RFC 2033 4.2)."""
    recipients = ["carol@example.org", "nobody@example.org", "dave@example.org"]
    message = messages.plain(SENDER, "carol@example.org", "By LMTP", ["Handed over the counter."])
    with ledger.session("LMTP", "lmtp", 24) as session:
        # smtplib's own sendmail reads a single reply at the end, so the steps are taken singly.
        smtp = smtplib.LMTP(SERVER4, 24, HOST, timeout=20)
        smtp.ehlo()
        smtp.mail(SENDER)
        codes = [smtp.rcpt(recipient)[0] for recipient in recipients]
        assert codes == [250, 550, 250], codes
        smtp.data(message)
        assert smtp.getreply()[0] == 250
        session.mail(SENDER, recipients, len(message))
        smtp.quit()
