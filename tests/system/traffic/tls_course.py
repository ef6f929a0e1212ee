# SPDX-License-Identifier: BSD-3-Clause
"""TLS in all the ways mail comes to it, and what can be seen of it in clear."""
import base64
import ssl
import time

from lab.accounts import HOST, PASSWORDS
from lab.namespaces import SERVER4

from .line import Line


def run(ledger, _folder):
    for scene in (starttls_12, starttls_13, no_common_suite, smtps, stls, pop3s,
                  in_clear_all_the_same):
        scene(ledger)
        time.sleep(0.1)


def _context(version, alpn=()):
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.minimum_version = context.maximum_version = version
    if alpn:
        context.set_alpn_protocols(alpn)
    return context


def _encrypt(line, context):
    """The same line, spoken through TLS from here on."""
    line.lines.close()
    line.socket = context.wrap_socket(line.socket, server_hostname=HOST)
    line.lines = line.socket.makefile("rb")


def _close(line):
    line.lines.close()
    line.socket.unwrap().close()


def _upgrade(port):
    line = Line(SERVER4, port)
    line.reply(220)
    line.say("EHLO client.example.net", 250)
    line.say("STARTTLS", 220)
    return line


def starttls_12(ledger):
    """Up to TLS 1.2 the certificate is sent in clear."""
    with ledger.session("STARTTLS, TLS 1.2", "smtp", 25) as session:
        line = _upgrade(25)
        session.tls()
        _encrypt(line, _context(ssl.TLSVersion.TLSv1_2))
        line.say("EHLO client.example.net", 250)
        line.say("QUIT", 221)
        _close(line)


def starttls_13(ledger):
    with ledger.session("STARTTLS, TLS 1.3", "smtp", 587) as session:
        line = _upgrade(587)
        session.tls()
        _encrypt(line, _context(ssl.TLSVersion.TLSv1_3))
        line.say("EHLO client.example.net", 250)
        line.say("QUIT", 221)
        _close(line)


def no_common_suite(ledger):
    """The server's key is RSA; this client takes ECDSA only, and is sent away with an alert."""
    context = _context(ssl.TLSVersion.TLSv1_2)
    context.set_ciphers("ECDHE-ECDSA-AES256-GCM-SHA384")
    with ledger.session("no common suite", "smtp", 587) as session:
        line = _upgrade(587)
        session.tls()
        try:
            _encrypt(line, context)
            raise AssertionError("the server took a suite it has no key for")
        except ssl.SSLError:
            line.socket.close()


def smtps(ledger):
    """RFC 8314: TLS from the first octet."""
    with ledger.session("SMTPS", "smtp", 465) as session:
        line = Line(SERVER4, 465)
        session.tls()
        _encrypt(line, _context(ssl.TLSVersion.TLSv1_3, ["smtp"]))
        line.reply(220)
        line.say("QUIT", 221)
        _close(line)


def stls(ledger):
    with ledger.session("STLS, TLS 1.2", "pop3", 110) as session:
        line = Line(SERVER4, 110)
        line.status("+OK")
        line.send("CAPA")
        line.status("+OK")
        line.body()
        line.send("STLS")
        line.status("+OK")
        session.tls()
        _encrypt(line, _context(ssl.TLSVersion.TLSv1_2))
        line.send("QUIT")
        line.status("+OK")
        _close(line)


def pop3s(ledger):
    with ledger.session("POP3S", "pop3", 995) as session:
        line = Line(SERVER4, 995)
        session.tls()
        _encrypt(line, _context(ssl.TLSVersion.TLSv1_2, ["pop3", "h2"]))
        line.status("+OK")
        line.send("QUIT")
        line.status("+OK")
        _close(line)


def in_clear_all_the_same(ledger):
    with ledger.session("in clear all the same", "smtp", 587) as session:
        line = Line(SERVER4, 587)
        line.reply(220)
        line.say("EHLO client.example.net", 250)
        blob = base64.b64encode(f"\0alice\0{PASSWORDS['alice']}".encode()).decode()
        line.say(f"AUTH PLAIN {blob}", 235)
        session.login("PLAIN", "alice")
        line.say("QUIT", 221)
        line.close()
