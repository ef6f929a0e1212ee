# SPDX-License-Identifier: BSD-3-Clause
"""SMTP and POP3 as curl speaks them, once over IPv6."""
import subprocess

from lab.accounts import HOST, PASSWORDS
from lab.namespaces import SERVER4, SERVER6

from . import messages

SENDER, RECIPIENT = "curl@example.net", "carol@example.org"


def curl(*options):
    done = subprocess.run(["curl", "--silent", "--show-error", "--max-time", "20", *options],
                          capture_output=True, stdin=subprocess.DEVNULL)
    assert done.returncode == 0, f"curl {options}: {done.returncode} {done.stderr.decode()}"
    return done.stdout


def run(ledger, folder):
    send(ledger, folder)
    collect(ledger)


def send(ledger, folder):
    message = messages.dotted(SENDER, RECIPIENT)
    file = folder / "curl.eml"
    file.write_bytes(message)
    upload = ("--mail-from", SENDER, "--mail-rcpt", RECIPIENT, "--upload-file", str(file))
    with ledger.session("curl dots", "smtp", 2525) as session:
        curl(f"smtp://{SERVER4}:2525/curl.example.net", *upload)
        session.mail(SENDER, [RECIPIENT], len(message))
    with ledger.session("curl IPv6 PLAIN", "smtp", 587) as session:
        curl(f"smtp://[{SERVER6}]:587/curl.example.net", *upload, "--sasl-ir",
             "--login-options", "AUTH=PLAIN", "--user", f"dave:{PASSWORDS['dave']}")
        session.login("PLAIN", "dave")
        session.mail(SENDER, [RECIPIENT], len(message))
    # With TLS 1.2 the certificate crosses the wire readable, with 1.3 it does not; a name in the
    # address makes curl send it (SNI), a number does not.
    for version in ("1.2", "1.3"):
        with ledger.session(f"curl SMTP STARTTLS {version}", "smtp", 25) as session:
            curl(f"smtp://{HOST}/curl.example.net", *upload, "--ssl-reqd", "--insecure",
                 "--resolve", f"{HOST}:25:{SERVER4}", f"--tlsv{version}", "--tls-max", version)
            session.tls()


def collect(ledger):
    user = ("--user", f"bob:{PASSWORDS['bob']}")
    login = ("--login-options", "AUTH=LOGIN")
    for name, path, options, command in (("LIST", "", (), "LIST"), ("RETR", "1", (), "RETR 1"),
                                         ("STAT", "", ("-X", "STAT"), "STAT")):
        with ledger.session(f"curl {name}", "pop3", 110) as session:
            # curl takes STAT for a command with a body unless it is told that there is none.
            head = ("--head",) if name == "STAT" else ()
            curl(f"pop3://{SERVER4}/{path}", *user, *login, *options, *head)
            session.pop3("CAPA", "AUTH LOGIN", command, "QUIT")
            session.login("LOGIN", "bob")
    with ledger.session("curl APOP", "pop3", 110) as session:
        curl(f"pop3://{SERVER4}/", *user, "--login-options", "AUTH=+APOP")
        session.pop3("CAPA", "APOP bob", "LIST", "QUIT")
        session.login("APOP", "bob")
    with ledger.session("curl POP3 STLS", "pop3", 110) as session:
        curl(f"pop3://{SERVER4}/1", *user, "--ssl-reqd", "--insecure")
        session.pop3("CAPA", "STLS")
        session.tls()
    with ledger.session("curl POP3S", "pop3", 995) as session:
        curl(f"pop3s://{SERVER4}/1", *user, "--insecure")
        session.tls()
