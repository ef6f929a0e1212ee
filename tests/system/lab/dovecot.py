# SPDX-License-Identifier: BSD-3-Clause
"""Dovecot with its own configuration: POP3 on 110 (STLS) and 995, on 1110 behind a balancer's PROXY
header, LMTP on 24, SASL for Postfix."""
import subprocess

from . import accounts

CONFIGURATION = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
protocols = pop3 lmtp
listen = *, ::
ssl = yes
ssl_cert = <{certificate}
ssl_key = <{key}
disable_plaintext_auth = no
# APOP and CRAM-MD5 need the password itself on the server's side, so the file holds it readable.
auth_mechanisms = {mechanisms}
haproxy_trusted_networks = 192.0.2.0/24
auth_username_format = %Ln
auth_failure_delay = 1 secs
mail_location = maildir:{folder}/mail/%n
# Any account that exists on every Debian and owns nothing here.
mail_uid = mail
mail_gid = mail
first_valid_uid = 1
passdb {{
  driver = passwd-file
  args = scheme=PLAIN {folder}/passwords
}}
userdb {{
  driver = static
  args = uid=mail gid=mail home={folder}/home/%n
}}
service auth {{
  unix_listener {auth_socket} {{
    mode = 0660
    user = postfix
    group = postfix
  }}
}}
# After a wrong password every later log-in from the same address would be made to wait.
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service pop3-login {{
  inet_listener pop3_proxied {{
    port = 1110
    haproxy = yes
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    address = *
    port = 24
  }}
}}
protocol lmtp {{
  postmaster_address = postmaster@{domain}
}}
"""


class Dovecot:
    def __init__(self, side, folder, certificate, key, auth_socket, mechanisms):
        self.folder = folder / "dovecot"
        for name in ("", "run", "state", "mail", "home"):
            (self.folder / name).mkdir(mode=0o755)
        for name in ("mail", "home"):
            subprocess.run(["chown", "mail:mail", str(self.folder / name)], check=True)
        self.configuration = self.folder / "dovecot.conf"
        self.configuration.write_text(CONFIGURATION.format(
            folder=self.folder, certificate=certificate, key=key, auth_socket=auth_socket,
            domain=accounts.DOMAIN, mechanisms=mechanisms))
        passwords = self.folder / "passwords"
        passwords.write_text("".join(f"{user}:{{PLAIN}}{password}\n"
                                     for user, password in accounts.PASSWORDS.items()))
        subprocess.run(["chown", "dovecot", str(passwords)], check=True)
        passwords.chmod(0o600)
        self.side, self.log, self.process = side, self.folder / "log", None

    def start(self):
        with open(self.folder / "stderr", "wb") as stderr:
            self.process = subprocess.Popen(
                self.side.enter("dovecot", "-F", "-c", str(self.configuration)),
                stdin=subprocess.DEVNULL, stdout=stderr, stderr=stderr, start_new_session=True)

    def put(self, user, number, message):
        """Places a message (CRLF line ends) in a mailbox before anyone opens it.

        POP3 counts octets with CRLF whatever the file holds; W= in the name is that very number;
        the time at its front keeps the order.
        """
        new = self.folder / "mail" / user / "new"
        for name in (new, new.parent / "cur", new.parent / "tmp"):
            name.mkdir(parents=True, exist_ok=True)
        name = f"{1700000000 + number}.M{number}.{accounts.HOST},S={len(message)},W={len(message)}"
        (new / name).write_bytes(message)
        subprocess.run(["chown", "-R", "mail:mail", str(new.parent)], check=True)
