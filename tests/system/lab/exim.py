# SPDX-License-Identifier: BSD-3-Clause
"""Exim, on 25 and 587: CHUNKING, DSN, SMTPUTF8, PRDR, LIMITS as it offers them; mail goes into one
file a user."""
from . import accounts
from .guest import Guest

PACKAGES = ("exim4-daemon-light", "exim4-base", "exim4-config")
CONFIGURATION = """
primary_hostname = {host}
exim_user = Debian-exim
exim_group = Debian-exim
spool_directory = /mnt/spool
log_file_path = /mnt/spool/%slog
daemon_smtp_ports = 25 : 587
domainlist ours = {domain}
acl_smtp_rcpt = rcpt
acl_smtp_vrfy = accept
acl_smtp_expn = accept
acl_smtp_etrn = accept
acl_smtp_data_prdr = accept
tls_certificate = /mnt/certificate.pem
tls_privatekey = /mnt/key.pem
tls_advertise_hosts = *
chunking_advertise_hosts = *
dsn_advertise_hosts = *
smtputf8_advertise_hosts = *
prdr_enable = true
pipelining_connect_advertise_hosts = *
auth_advertise_hosts = *
host_lookup =
rfc1413_query_timeout = 0s
smtp_etrn_command = /bin/true
message_size_limit = 2M
smtp_enforce_sync = true
begin acl
rcpt:
  deny message = no such user here
       domains = +ours
       !local_parts = {users}
  accept domains = +ours
  accept authenticated = *
  deny message = relay not permitted
begin routers
local:
  driver = accept
  domains = +ours
  transport = file
begin transports
file:
  driver = appendfile
  file = /mnt/spool/mail-$local_part
  user = Debian-exim
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = ${{if eq{{$auth3}}{{${{lookup{{$auth2}}lsearch{{/mnt/passwords}}}}}}}}
  server_set_id = $auth2
login:
  driver = plaintext
  public_name = LOGIN
  server_prompts = Username:: : Password::
  server_condition = ${{if eq{{$auth2}}{{${{lookup{{$auth1}}lsearch{{/mnt/passwords}}}}}}}}
  server_set_id = $auth1
cram:
  driver = cram_md5
  public_name = CRAM-MD5
  server_secret = ${{lookup{{$auth1}}lsearch{{/mnt/passwords}}{{$value}}fail}}
  server_set_id = $auth1
"""


class Exim:
    PORTS = (25, 587)

    def __init__(self, side, folder, certificate, key):
        self.guest = Guest(side, folder / "exim", PACKAGES, {"Debian-exim": 4711})
        self.guest.put("configuration", CONFIGURATION.format(
            host=accounts.HOST, domain=accounts.DOMAIN, users=" : ".join(accounts.PASSWORDS)))
        self.guest.put("passwords", "".join(f"{user}: {password}\n" for user, password
                                            in accounts.PASSWORDS.items()))
        self.guest.put("certificate.pem", certificate.read_text())
        self.guest.put("key.pem", key.read_text())

    def start(self):
        # Exim runs only configurations that root owns and nobody else may write.
        self.guest.start("mkdir /mnt/spool && chown Debian-exim /mnt/spool && "
                         "exec exim4 -C /mnt/configuration -bdf -q1h")
