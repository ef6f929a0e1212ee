# SPDX-License-Identifier: BSD-3-Clause
"""OpenSMTPD, on 25 and, for those who log in, on 587; mail is thrown away."""
import subprocess

from . import accounts
from .guest import Guest

PACKAGES = ("opensmtpd",)
CONFIGURATION = """
pki {host} cert "/mnt/certificate.pem"
pki {host} key "/mnt/key.pem"
table users file:/mnt/recipients
table passwords file:/mnt/passwords
listen on 0.0.0.0 port 25 tls pki {host} hostname {host}
listen on 0.0.0.0 port 587 tls pki {host} hostname {host} auth-optional <passwords>
action "drop" mda "cat > /dev/null" virtual <users>
match from any for domain "{domain}" action "drop"
"""


class OpenSmtpd:
    PORTS = (25, 587)

    def __init__(self, side, folder, certificate, key):
        self.guest = Guest(side, folder / "opensmtpd", PACKAGES,
                           {"opensmtpd": 4712, "opensmtpq": 4713})
        self.guest.put("configuration", CONFIGURATION.format(
            host=accounts.HOST, domain=accounts.DOMAIN))
        self.guest.put("recipients", "".join(f"{user}@{accounts.DOMAIN} mail\n"
                                             for user in accounts.PASSWORDS))
        hashed = {user: subprocess.check_output(["openssl", "passwd", "-6", password], text=True)
                  for user, password in accounts.PASSWORDS.items()}
        self.guest.put("passwords", "".join(f"{user} {word}" for user, word in hashed.items()))
        self.guest.put("certificate.pem", certificate.read_text())
        self.guest.put("key.pem", key.read_text())

    def start(self):
        self.guest.start("mkdir -p /var/empty && chmod 755 /var/empty && chmod 600 /mnt/key.pem && "
                         "exec smtpd -d -f /mnt/configuration")
