# SPDX-License-Identifier: BSD-3-Clause
"""To Exim and to OpenSMTPD: by hand what they offer, and the mail programs that people use."""
import subprocess
import time

from lab.accounts import PASSWORDS, WRONG_PASSWORD
from lab.namespaces import SERVER4

from . import messages
from .by_swaks import mailbox, swaks
from .line import Line, stuffed

SENDER, RECIPIENT = "hand@example.net", "dave@example.org"


def exim(ledger, folder):
    for scene in (by_hand_exim, pipelined_chunks, out_of_order):
        scene(ledger)
        time.sleep(0.05)
    programs(ledger, folder, ("PLAIN", "LOGIN", "CRAM-MD5"))
    with ledger.session("swaks wrong password", "smtp", 587) as session:
        swaks(587, mailbox("dave"), "--auth", "PLAIN", "--auth-user",
              "erin", "--auth-password", WRONG_PASSWORD, code=28)
        session.login("PLAIN", "erin", success=False)


def opensmtpd(ledger, folder):
    """It offers AUTH under TLS only, and refuses it in clear."""
    by_hand_opensmtpd(ledger)
    programs(ledger, folder, ())


def greeted():
    line = Line(SERVER4, 25)
    line.reply(220)
    line.say("EHLO hand.example.net", 250)
    return line


def by_hand_exim(ledger):
    text = messages.with_attachment(SENDER, RECIPIENT, "Grüße", ["Attached."], "Süden.pdf", 700)
    with ledger.session("by hand", "smtp", 25) as session:
        line = greeted()
        line.say("VRFY alice@example.org", 250)
        line.say("EXPN staff", 553)
        line.say("HELP", 214)
        line.say("ETRN #example.org", 250)
        line.say("FROB", 500)
        line.say(f"MAIL FROM:<{SENDER}> SIZE={len(text)} BODY=8BITMIME RET=FULL ENVID=x+2By PRDR", 250)
        line.say(f"RCPT TO:<{RECIPIENT}> NOTIFY=FAILURE ORCPT=rfc822;dave@example.org", 250)
        line.say("RCPT TO:<nobody@example.org>", 550)
        line.say("RCPT TO:<alice@elsewhere.example>", 550)
        third = len(text) // 3
        for at in range(0, len(text), third):
            chunk = text[at:at + third]
            line.send(f"BDAT {len(chunk)}" + (" LAST" if at + third >= len(text) else ""), chunk)
            line.reply(250)
        session.mail(SENDER, [RECIPIENT, "nobody@example.org", "alice@elsewhere.example"],
                     len(text))
        line.say("QUIT", 221)
        line.close()


def pipelined_chunks(ledger):
    text = messages.plain(SENDER, RECIPIENT, "Chunks", [".", "MAIL FROM:<x@example.com>"])
    with ledger.session("BDAT pipelined", "smtp", 25) as session:
        line = greeted()
        line.send(f"MAIL FROM:<{SENDER}>", f"RCPT TO:<{RECIPIENT}>",
                  f"BDAT {len(text)} LAST", text, "QUIT")
        for code in (250, 250, 250, 221):
            line.reply(code)
        session.mail(SENDER, [RECIPIENT], len(text))
        line.close()


def out_of_order(ledger):
    """Exim keeps the transaction when it refuses DATA without a recipient, or a second MAIL."""
    text = messages.plain(SENDER, RECIPIENT, "After all", ["It came through."])
    with ledger.session("out of order", "smtp", 25) as session:
        line = greeted()
        line.say(f"MAIL FROM:<{SENDER}>", 250)
        line.say("DATA", 503)
        line.say("MAIL FROM:<other@example.net>", 503)
        line.say(f"RCPT TO:<{RECIPIENT}>", 250)
        line.say("DATA", 354)
        line.send(stuffed(text))
        line.reply(250)
        session.mail(SENDER, [RECIPIENT], len(text))
        line.say("QUIT", 221)
        line.close()


def by_hand_opensmtpd(ledger):
    text = messages.plain(SENDER, RECIPIENT, "By hand", ["To OpenSMTPD."])
    with ledger.session("by hand", "smtp", 25) as session:
        line = greeted()
        line.say("HELP", 214)
        line.say("NOOP", 250)
        line.say("VRFY alice", 500)
        line.say("AUTH PLAIN AGFsaWNlAHdyb25n", 503)
        line.say(f"MAIL FROM:<{SENDER}> SIZE={len(text)} BODY=8BITMIME RET=FULL ENVID=xy", 250)
        line.say(f"RCPT TO:<{RECIPIENT}> NOTIFY=FAILURE", 250)
        line.say("RCPT TO:<nobody@example.org>", 524)
        line.say("DATA", 354)
        line.send(stuffed(text))
        line.reply(250)
        session.mail(SENDER, [RECIPIENT, "nobody@example.org"], len(text))
        line.say("QUIT", 221)
        line.close()


def programs(ledger, folder, mechanisms):
    message = messages.plain("william@example.net", "dave@example.org", "From a program",
                             ["As it sends it."])
    file = folder / "program.eml"
    file.write_bytes(message[:-2])
    for mechanism, user in zip(mechanisms, PASSWORDS):
        with ledger.session(f"swaks {mechanism}", "smtp", 587) as session:
            swaks(587, mailbox("dave"), "--data", f"@{file}", "--auth", mechanism, "--auth-user",
                  user, "--auth-password", PASSWORDS[user])
            session.login(mechanism, user)
    with ledger.session("curl", "smtp", 25):
        run("curl", "-s", f"smtp://{SERVER4}/client.example.net", "--mail-from", SENDER,
            "--mail-rcpt", RECIPIENT, "--upload-file", str(file))
    with ledger.session("msmtp", "smtp", 25):
        run("msmtp", f"--host={SERVER4}", "--port=25", "--domain=client.example.net",
            f"--from={SENDER}", "--tls=off", "--auth=off", RECIPIENT, said=message)
    home = {"HOME": str(folder), "EMAIL": SENDER, "MAILRC": "/dev/null", "PATH": "/usr/bin:/bin",
            "LC_ALL": "C.UTF-8"}
    score = folder / "Noten für Süden.pdf"
    score.write_bytes(b"%PDF-1.4\n" + bytes(range(256)) * 2)
    with ledger.session("s-nail", "smtp", 25):
        run("s-nail", "-:/", "-Sv15-compat", f"-Smta=smtp://{SERVER4}:25", "-Ssmtp-auth=none",
            "-Shostname=client.example.net", f"-Sfrom={SENDER}", "-Ssendwait", "-s",
            "Über den Süden", "-a", str(score), RECIPIENT, said="Mit Noten ❄.\n".encode(), env=home)
    with ledger.session("mutt", "smtp", 25):
        run("mutt", "-n", "-F", "/dev/null", "-e", f"set smtp_url=smtp://{SERVER4}:25/", "-e",
            "set ssl_starttls=no ssl_force_tls=no copy=no", "-e", f"set from={SENDER}", "-e",
            "set hostname=client.example.net", "-s", "Ein Wintermärchen", "-a", str(score), "--",
            RECIPIENT, said="Mit Noten ❄.\n".encode(), env=home)


def run(*command, said=b"", env=None):
    done = subprocess.run(command, input=said, capture_output=True, env=env, timeout=60)
    assert done.returncode == 0, f"{command}: {done.returncode} {done.stdout}{done.stderr}"
    time.sleep(0.05)
