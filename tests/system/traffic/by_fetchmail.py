# SPDX-License-Identifier: BSD-3-Clause
"""POP3 as fetchmail speaks it: the messages stay on the server and go nowhere."""
import os
import subprocess

from lab.accounts import PASSWORDS
from lab.namespaces import SERVER4

RC = """
poll {server} protocol pop3 timeout 20 {uidl} auth password
user "erin" password "{password}" {tls} keep fetchall
mda "cat > /dev/null"
"""


def run(ledger, folder):
    with ledger.session("fetchmail plain", "pop3", 110) as session:
        fetch(folder, "sslproto ''", "")
        session.login("USER/PASS", "erin")
    with ledger.session("fetchmail STLS", "pop3", 110) as session:
        fetch(folder, "sslproto 'tls1.2+' no sslcertck", "uidl")
        session.pop3("CAPA", "STLS")
        session.tls()


def fetch(folder, tls, uidl):
    home = folder / "fetchmail"
    home.mkdir(exist_ok=True)
    file = home / "rc"
    file.write_text(RC.format(server=SERVER4, uidl=uidl, tls=tls, password=PASSWORDS["erin"]))
    file.chmod(0o600)
    done = subprocess.run(["fetchmail", "--nosyslog", "--nodetach", "--fetchmailrc", str(file),
                           "--idfile", str(home / "ids"), "--pidfile", str(home / "pid")],
                          capture_output=True, text=True, stdin=subprocess.DEVNULL,
                          env={**os.environ, "HOME": str(home)})
    assert done.returncode == 0, f"fetchmail: {done.returncode} {done.stdout}{done.stderr}"
