# SPDX-License-Identifier: BSD-3-Clause
"""SMTP as swaks speaks it."""
import subprocess

from lab.accounts import DOMAIN, PASSWORDS, WRONG_PASSWORD
from lab.namespaces import SERVER4

from . import messages

SENDER = "william@example.net"
# What swaks says when the server did not accept the mail or the password.
NO_RECIPIENT, NO_LOGIN = 24, 28


def swaks(port, recipients, *options, code=0):
    done = subprocess.run(
        ["swaks", "--server", SERVER4, "--port", str(port), "--helo", "client.example.net",
         "--from", SENDER, "--to", ",".join(recipients), "--timeout", "20", *options],
        capture_output=True, text=True, stdin=subprocess.DEVNULL)
    said = done.stdout + done.stderr
    assert done.returncode == code, f"swaks {options}: {done.returncode}\n{said}"


def mailbox(*users):
    return [f"{user}@{DOMAIN}" for user in users]


def run(ledger, folder):
    message = messages.plain(SENDER, "alice@example.org", "From swaks", ["Be not afraid."])
    file = folder / "swaks.eml"
    file.write_bytes(message[:-2])      # swaks ends the last line itself, even one that has an end
    data = ("--data", f"@{file}")
    for name, options in (("swaks HELO", ("--protocol", "SMTP")), ("swaks EHLO", ()),
                          ("swaks pipelined", ("--pipeline",))):
        with ledger.session(name, "smtp", 25) as session:
            swaks(25, mailbox("alice"), *data, *options)
            session.mail(SENDER, mailbox("alice"), len(message))
    several(ledger, folder, data, message)
    logins(ledger, data, message)


def several(ledger, folder, data, message):
    attachment = folder / "score.pdf"
    attachment.write_bytes(b"%PDF-1.4\n" + bytes(range(256)) * 12)
    with ledger.session("swaks attachment", "smtp", 25) as session:
        swaks(25, mailbox("alice", "bob", "carol"), "--body", "The score is attached.",
              "--attach-type", "application/pdf", "--attach", f"@{attachment}")
        session.mail(SENDER, mailbox("alice", "bob", "carol"))
    with ledger.session("swaks one recipient unknown", "smtp", 25) as session:
        swaks(25, mailbox("alice", "nobody", "bob"), *data)
        session.mail(SENDER, mailbox("alice", "nobody", "bob"), len(message))
    with ledger.session("swaks relay denied", "smtp", 25) as session:
        swaks(25, ["someone@example.com"], *data, code=NO_RECIPIENT)
        session.mail(SENDER, ["someone@example.com"], accepted=False)


def logins(ledger, data, message):
    for mechanism, user in (("LOGIN", "alice"), ("PLAIN", "bob"), ("CRAM-MD5", "carol")):
        with ledger.session(f"swaks {mechanism}", "smtp", 587) as session:
            # Allowed to relay only because of the log-in, but example.org needs no relaying.
            swaks(587, mailbox("dave"), *data, "--auth", mechanism, "--auth-user", user,
                  "--auth-password", PASSWORDS[user])
            session.login(mechanism, user)
            session.mail(SENDER, mailbox("dave"), len(message))
    with ledger.session("swaks wrong password", "smtp", 587) as session:
        swaks(587, mailbox("dave"), *data, "--auth", "LOGIN", "--auth-user", "alice",
              "--auth-password", WRONG_PASSWORD, code=NO_LOGIN)
        session.login("LOGIN", "alice", success=False)
    with ledger.session("swaks STARTTLS", "smtp", 587) as session:
        swaks(587, mailbox("dave"), *data, "--tls", "--auth", "PLAIN", "--auth-user", "bob",
              "--auth-password", PASSWORDS["bob"])
        session.tls()
