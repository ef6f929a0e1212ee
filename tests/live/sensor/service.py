# SPDX-License-Identifier: BSD-3-Clause
"""`mailglass run` as a process in a namespace."""
import json
import os
import re
import shutil
import signal
import subprocess
import time

ADDRESS = "127.0.0.1:9465"
USER = "nobody"
READY = "inspecting with"
READY_SECONDS = 60
END_SECONDS = 60


class Here:
    """No namespace: memory interfaces have no network."""

    @staticmethod
    def enter(*command):
        return list(command)


class Misbehaved(Exception):
    """The service did not do what it was asked to; the sentence says what it said itself."""


class Service:
    """`side` is the namespace; `settings` are further tables of the configuration, as text."""

    def __init__(self, binary, side, folder, devices, run="", settings=""):
        self.binary, self.side, self.folder = binary, side, folder
        folder.mkdir(parents=True, exist_ok=True)
        shutil.chown(folder, USER)  # where events are rotated, by the service as it then is
        self.eve, self.log = folder / "eve.json", folder / "log"
        self.configuration = folder / "mailglass.toml"
        ports = "".join(f'[[port]]\ndevice = "{device}"\n' for device in devices)
        self.settings = (f'{ports}[run]\nuser = "{USER}"\n{run}\n'
                         f'[metrics]\naddress = "{ADDRESS}"\n'
                         "[flow]\nflows = 65536\n"
                         f'{settings}\n[eve]\nfile = "{self.eve}"\n')
        self.configure()
        self.process = None

    def configure(self, eve=""):
        """Writes the configuration; `eve` is more of the table of events."""
        self.configuration.write_text(self.settings + eve + "\n")

    def start(self):
        lives = self.said().count(READY) if self.log.exists() else 0
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                self.side.enter(self.binary, "run", "--config", self.configuration),
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
        self.wait_for("to be ready", lambda: self.said().count(READY) > lives)
        return self

    def wait_for(self, what, true, seconds=READY_SECONDS):
        deadline = time.monotonic() + seconds
        while not true():
            if self.process.poll() is not None:
                raise Misbehaved(f"status {self.process.returncode}: {self.last_words()}")
            if time.monotonic() > deadline:
                raise Misbehaved(f"waited {seconds} s for it {what}: {self.last_words()}")
            time.sleep(0.05)

    def said(self):
        return self.log.read_text(errors="replace")

    def last_words(self):
        return " | ".join(self.said().splitlines()[-4:])

    def signal(self, number):
        """To the program: nsenter becomes it, so it is the process that was started."""
        os.kill(self.process.pid, number)

    def ask(self, number, answer):
        """A signal, and the line of the log that answers it."""
        before = self.said().count(answer)
        self.signal(number)
        self.wait_for(f"to say «{answer}»", lambda: self.said().count(answer) > before)

    def end(self):
        """As systemd ends it. The service itself fails when its books do not balance."""
        self.signal(signal.SIGTERM)
        try:
            status = self.process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            raise Misbehaved(f"not ended after {END_SECONDS} s: {self.last_words()}") from None
        if status:
            raise Misbehaved(f"ended with status {status}: {self.last_words()}")

    def kill(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def metrics(self):
        """Name with labels to value, as one scrape gives them."""
        done = subprocess.run(self.side.enter("curl", "-sf", "--max-time", "20",
                                              f"http://{ADDRESS}/metrics"),
                              capture_output=True, text=True)
        if done.returncode:
            raise Misbehaved(f"no metrics (curl: {done.returncode}): {self.last_words()}")
        return parse(done.stdout)

    def settle(self):
        """Waits until no frame came for a while; then the metrics."""
        before = None
        for _ in range(120):
            now = self.metrics()
            if before is not None and total(now, "frames_total") == total(before, "frames_total"):
                return now
            before = now
            time.sleep(0.4)
        raise Misbehaved("frames never ceased")

    def events(self, kind=None):
        found = [json.loads(line) for line in self.eve.read_text().splitlines()]
        return [event for event in found if kind in (None, event["event_type"])]


def parse(text):
    found = {}
    for line in text.splitlines():
        if line and not line.startswith("#"):
            name, value = line.rsplit(" ", 1)
            found[name] = float(value)
    return found


def total(metrics, family, **labels):
    """The sum of a family's series that bear these labels; a family that is not there is a fault
    of the test's."""
    series = [(name, value) for name, value in metrics.items()
              if re.match(rf"mailglass_{family}(\{{|$)", name)]
    if not series:
        raise Misbehaved(f"no metric mailglass_{family}")
    wanted = [f'{label}="{value}"' for label, value in labels.items()]
    return int(sum(value for name, value in series if all(word in name for word in wanted)))
