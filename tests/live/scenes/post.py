# SPDX-License-Identifier: BSD-3-Clause
"""Mail in quantity, sent by SMTP and fetched by POP3, each message with a body of its own.

As a program, in the client's namespace: post deliver USER CLIENTS MESSAGES OCTETS SEED
                                         post fetch USER PASSWORD
Both print a digest of each message's body, one a line."""
import concurrent.futures
import hashlib
import poplib
import random
import smtplib
import sys

SERVER = "192.0.2.25"
SENDER, DOMAIN = "ada@example.net", "example.org"


def body(seed, octets):
    """Printable lines with dots at their beginnings, CRLF line ends."""
    words = random.Random(seed)
    letters = bytes(range(0x21, 0x7f))
    lines, size = [], 0
    while size < octets:
        line = bytes(words.choices(letters, k=words.randint(0, 75)))
        line = b"." * words.randint(0, 2) + line if words.random() < 0.1 else line
        lines.append(line + b"\r\n")
        size += len(line) + 2
    return b"".join(lines)


def digest(of):
    return hashlib.sha256(of.rstrip(b"\r\n")).hexdigest()


def deliver_some(user, client, messages, octets, seed):
    digests = []
    with smtplib.SMTP(SERVER, 25, "py.example.net", timeout=60) as smtp:
        for number in range(messages):
            text = body(f"{seed}/{client}/{number}", octets)
            head = f"From: {SENDER}\r\nTo: {user}@{DOMAIN}\r\nSubject: {seed} {client} {number}"
            smtp.sendmail(SENDER, f"{user}@{DOMAIN}", head.encode() + b"\r\n\r\n" + text)
            digests.append(digest(text))
    return digests


def deliver(user, clients, messages, octets, seed):
    with concurrent.futures.ThreadPoolExecutor(int(clients)) as pool:
        runs = [pool.submit(deliver_some, user, client, int(messages), int(octets), seed)
                for client in range(int(clients))]
        return [one for run in runs for one in run.result()]


def fetch(user, password):
    pop = poplib.POP3(SERVER, timeout=60)
    pop.user(user)
    pop.pass_(password)
    digests = []
    for number in range(1, pop.stat()[0] + 1):
        message = b"\r\n".join(pop.retr(number)[1])
        digests.append(digest(message.partition(b"\r\n\r\n")[2]))
        pop.dele(number)
    pop.quit()
    return digests


if __name__ == "__main__":
    print("\n".join({"deliver": deliver, "fetch": fetch}[sys.argv[1]](*sys.argv[2:])))
