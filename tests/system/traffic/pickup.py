# SPDX-License-Identifier: BSD-3-Clause
"""A mailbox picked up: by hand with every command Dovecot knows, by fetchmail, by getmail."""
import os
import subprocess

from lab.accounts import PASSWORDS
from lab.namespaces import SERVER4

from .line import Line

USER = "123shi"


def run(ledger, folder):
    by_hand(ledger)
    by_getmail(ledger, folder)
    by_fetchmail(ledger, folder)


def by_hand(ledger):
    with ledger.session("every command", "pop3", 110) as session:
        line = Line(SERVER4, 110)
        line.status("+OK")
        session.login("USER/PASS", USER)
        for command, mark, several in (
                ("CAPA", "+OK", True), (f"USER {USER}", "+OK", False),
                (f"PASS {PASSWORDS[USER]}", "+OK", False), ("STAT", "+OK 3 17395", False),
                ("LIST", "+OK", True), ("LIST 2", "+OK 2 882", False), ("LIST 9", "-ERR", False),
                ("UIDL", "+OK", True), ("UIDL 1", "+OK 1 ", False), ("TOP 1 0", "+OK", True),
                ("TOP 2 3", "+OK", True), ("RETR 2", "+OK 882", True), ("LAST", "-ERR", False),
                ("DELE 2", "+OK", False), ("RETR 2", "-ERR", False), ("RSET", "+OK", False),
                ("NOOP", "+OK", False), ("XTND XMIT", "-ERR", False), ("QUIT", "+OK", False)):
            line.send(command)
            line.status(mark)
            if several:
                line.body()
            session.pop3("PASS" if command.startswith("PASS") else command)
        line.close()
    with ledger.session("pipelined", "pop3", 110) as session:
        line = Line(SERVER4, 110)
        line.status("+OK")
        session.login("USER/PASS", USER)
        line.send(f"USER {USER}", f"PASS {PASSWORDS[USER]}", "STAT", "RETR 2", "RETR 3", "QUIT")
        for several in (False, False, False, True, True, False):
            line.status("+OK")
            if several:
                line.body()
        session.pop3(f"USER {USER}", "PASS", "STAT", "RETR 2", "RETR 3", "QUIT")
        line.close()


def by_getmail(ledger, folder):
    """Leaves everything on the server."""
    home = folder / "getmail"
    home.mkdir()
    (home / "getmailrc").write_text(
        f"[retriever]\ntype = SimplePOP3Retriever\nserver = {SERVER4}\nusername = {USER}\n"
        f"password = {PASSWORDS[USER]}\n[destination]\ntype = MDA_external\npath = /bin/cat\n"
        "allow_root_commands = true\n[options]\nread_all = true\ndelete = false\n")
    with ledger.session("getmail", "pop3", 110) as session:
        done = subprocess.run(["getmail", f"--getmaildir={home}"], capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        session.login("USER/PASS", USER)


def by_fetchmail(ledger, folder):
    """Takes everything away: a mailbox drained."""
    home = folder / "pickup"
    home.mkdir()
    file = home / "rc"
    file.write_text(f"poll {SERVER4} protocol pop3 timeout 20 auth password\nuser \"{USER}\" "
                    f"password \"{PASSWORDS[USER]}\" sslproto '' fetchall\n"
                    "mda \"cat > /dev/null\"\n")
    file.chmod(0o600)
    with ledger.session("fetchmail", "pop3", 110) as session:
        done = subprocess.run(["fetchmail", "--nosyslog", "--nodetach", "--fetchmailrc", str(file),
                               "--pidfile", str(home / "pid")], capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, env={**os.environ, "HOME": str(home)})
        assert done.returncode == 0, f"fetchmail: {done.returncode} {done.stdout}{done.stderr}"
        session.login("USER/PASS", USER)
