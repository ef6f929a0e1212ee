# SPDX-License-Identifier: BSD-3-Clause
"""Postfix with its own configuration, queue and data directories; the machine's /etc is not used.

It listens on 25, 587, 465 (TLS at once) and 2525 (a port no standard gives to SMTP); on 2526 it
believes what XCLIENT and XFORWARD say, on 2527 a balancer's PROXY header stands in front. It asks
Dovecot who may log in, and hands accepted mail to Dovecot's LMTP over the loopback of the server's
namespace.
"""
import shutil
import subprocess

from . import accounts

MAIN = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
mail_owner = postfix
setgid_group = postdrop
maillog_file = /dev/stdout
myhostname = {host}
inet_interfaces = all
inet_protocols = all
mynetworks = 127.0.0.0/8
mydestination =
alias_maps =
local_recipient_maps =
virtual_mailbox_domains = {domain}
virtual_mailbox_maps = texthash:{folder}/recipients
virtual_transport = lmtp:inet:127.0.0.1:24
# No resolver reaches these namespaces; every look-up would only be a delay.
disable_dns_lookups = yes
smtp_host_lookup = native
smtpd_peername_lookup = no
smtpd_relay_restrictions = permit_sasl_authenticated, reject_unauth_destination
smtpd_sender_restrictions = check_sender_access texthash:{folder}/senders
# Postfix sleeps a second before the reply to a client that errs; the test errs a lot.
smtpd_error_sleep_time = 0
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = private/auth
smtpd_sasl_security_options = noanonymous
smtpd_tls_security_level = may
smtpd_tls_auth_only = no
smtpd_tls_cert_file = {certificate}
smtpd_tls_key_file = {key}
message_size_limit = 2048000
fast_flush_domains = {domain}
"""

MASTER = """
25         inet  n - n - - smtpd
587        inet  n - n - - smtpd
2525       inet  n - n - - smtpd
465        inet  n - n - - smtpd -o smtpd_tls_wrappermode=yes
{relay}       inet  n - n - - smtpd -o smtpd_authorized_xclient_hosts=192.0.2.0/24
  -o smtpd_authorized_xforward_hosts=192.0.2.0/24
{proxied}       inet  n - n - - smtpd -o smtpd_upstream_proxy_protocol=haproxy
pickup     unix  n - n 60 1 pickup
cleanup    unix  n - n - 0 cleanup
qmgr       unix  n - n 300 1 qmgr
tlsmgr     unix  - - n 1000? 1 tlsmgr
rewrite    unix  - - n - - trivial-rewrite
bounce     unix  - - n - 0 bounce
defer      unix  - - n - 0 bounce
trace      unix  - - n - 0 bounce
verify     unix  - - n - 1 verify
flush      unix  n - n 1000? 0 flush
proxymap   unix  - - n - - proxymap
smtp       unix  - - n - - smtp
lmtp       unix  - - n - - lmtp
error      unix  - - n - - error
retry      unix  - - n - - error
discard    unix  - - n - - discard
anvil      unix  - - n - 1 anvil
scache     unix  - - n - 1 scache
postlog    unix-dgram n - n - 1 postlogd
"""

RELAY, PROXIED = 2526, 2527

# The sender that the server refuses: MAIL FROM itself is answered 550.
REFUSED_SENDER = "spammer@example.net"


class Postfix:
    def __init__(self, side, folder, certificate, key):
        self.folder = folder / "postfix"
        self.folder.mkdir(mode=0o755)
        # Postfix makes the rest of its queue; Dovecot's socket must lie in this part before that.
        for name, mode in (("queue", 0o755), ("queue/private", 0o700), ("data", 0o700)):
            (self.folder / name).mkdir(mode=mode)
        for name in ("queue/private", "data"):
            shutil.chown(self.folder / name, "postfix")
        self._write("main.cf", MAIN.format(
            folder=self.folder, host=accounts.HOST, domain=accounts.DOMAIN,
            certificate=certificate, key=key))
        self._write("master.cf", MASTER.format(relay=RELAY, proxied=PROXIED))
        self._write("recipients", "".join(f"{user}@{accounts.DOMAIN} {user}\n"
                                          for user in accounts.PASSWORDS))
        self._write("senders", f"{REFUSED_SENDER} 550 5.7.1 We know you\n")
        self.side, self.log, self.process = side, self.folder / "log", None

    def _write(self, name, text):
        (self.folder / name).write_text(text)

    def start(self):
        """start-fg makes the queue's directories, checks their owners, and becomes master."""
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                self.side.enter("postfix", "-c", str(self.folder), "start-fg"),
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)

    @property
    def auth_socket(self):
        return self.folder / "queue" / "private" / "auth"
