# SPDX-License-Identifier: BSD-3-Clause
"""One `mailglass run`, its configuration and what it says."""
import collections
import contextlib
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

SOURCE = pathlib.Path(__file__).resolve().parent.parent.parent
CAPTURE = SOURCE / "tests/cases/demo/input.pcap"
PROGRAM = os.path.abspath(sys.argv[1])
PATIENCE = 60  # seconds, on a busy machine
ROOT = os.geteuid() == 0
INTERFACE = f"mg{os.getpid()}"


class Skipped(Exception):
    pass


def wait_for(what, condition):
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if condition():
            return
        time.sleep(0.05)
    raise AssertionError(f"waited in vain for {what}")


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Frames:
    """Sends frames of 100 octets out of an interface, some hundreds a second."""

    def __init__(self, interface):
        subprocess.run(["ip", "link", "set", interface, "up"], check=True)
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
        self.socket.bind((interface, 0))
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.send)
        self.sent = 0

    def send(self):
        while not self.over.wait(0.005):
            self.socket.send(b"\x02\0\0\0\0\1\x02\0\0\0\0\2\x88\xb5".ljust(100, b"."))
            self.sent += 1

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()
        self.socket.close()


class Service:
    """One `mailglass run` in a folder of its own."""

    def __init__(self, folder, device, run="", eve="", more=""):
        self.folder = pathlib.Path(folder)
        self.folder.chmod(0o755)
        self.eve = self.folder / "eve.json"
        self.config = self.folder / "mailglass.toml"
        self.port = free_port()
        self.device, self.run, self.eve_keys, self.more = device, run, eve, more
        self.write_config()
        self.log = open(self.folder / "log", "w+")
        self.notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.notify.bind(str(self.folder / "notify"))
        self.notify.settimeout(PATIENCE)
        (self.folder / "runtime").mkdir(exist_ok=True)
        self.process = None

    def write_config(self, eve_file=None, **changed):
        self.__dict__.update(changed)
        self.config.write_text(
            f'[run]\nuser = "{"nobody" if ROOT else ""}"\n{self.run}\n'
            f'[eve]\nfile = "{eve_file or self.eve}"\n{self.eve_keys}\n'
            f'[metrics]\naddress = "127.0.0.1:{self.port}"\n'
            f'[flow]\nflows = 4096\n[mail]\nsessions = 1024\nblocks = 2048\n{self.more}\n'
            + "".join(f'[[port]]\ndevice = "{d}"\n' for d in self.device.split("|")))

    def start(self, *through):
        environment = dict(os.environ, NOTIFY_SOCKET=str(self.folder / "notify"),
                           WATCHDOG_USEC="1000000",
                           RUNTIME_DIRECTORY=str(self.folder / "runtime"))
        environment.pop("JOURNAL_STREAM", None)
        self.process = subprocess.Popen([*through, PROGRAM, "run", "--config", str(self.config)],
                                        stdout=self.log, stderr=self.log, env=environment)
        return self

    def said(self, message):
        """The next datagram of the notifications that begins so."""
        while True:
            got = self.notify.recv(4096).decode()
            if got.startswith(message):
                return got

    def text(self):
        return (self.folder / "log").read_text()

    def metrics(self):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/metrics", timeout=20) as answer:
            return answer.read().decode()

    def metric(self, series):
        found = re.findall(rf"^{re.escape(series)} (\S+)$", self.metrics(), re.M)
        assert len(found) == 1, f"{series}: {found}"
        return float(found[0])

    def sum(self, family, label=""):
        found = re.findall(rf"^{family}{{.*{re.escape(label)}.*}} (\S+)$", self.metrics(), re.M)
        assert found, family
        return sum(float(value) for value in found)

    def end(self, how=signal.SIGTERM):
        if how is not None:
            self.process.send_signal(how)
        status = self.process.wait(PATIENCE)
        assert status == 0, f"exit status {status}\n{self.text()}"
        return self.balance()

    def balance(self):
        text = self.text()
        assert "does not come out even" not in text, text
        block = text.partition("the balance:")[2]
        assert block, f"no balance in\n{text}"
        return block

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.log.close()
        self.notify.close()


@contextlib.contextmanager
def service(device=f"net_pcap0,rx_pcap={CAPTURE},infinite_rx=1", **keys):
    with tempfile.TemporaryDirectory(prefix="mailglass-service-") as folder:
        with Service(folder, device, **keys) as one:
            yield one


def events(text):
    """As a multiset, without what only a capture has."""
    found = collections.Counter()
    for line in text.splitlines():
        event = json.loads(line)
        event.pop("pcap_filename", None)
        if event["event_type"] != "stats":
            found[json.dumps(event, sort_keys=True)] += 1
    return found


@contextlib.contextmanager
def hugetlbfs():
    """One is mounted: that of the machine, or one for as long as this lasts."""
    if any(line.split()[2] == "hugetlbfs" for line in open("/proc/mounts", encoding="utf-8")):
        yield
        return
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["mount", "-t", "hugetlbfs", "hugetlbfs", folder], check=True)
        try:
            yield
        finally:
            subprocess.run(["umount", folder], check=True)


def free_hugepages_mib():
    text = pathlib.Path("/proc/meminfo").read_text()
    said = dict(line.split(":", 1) for line in text.splitlines())
    return int(said["HugePages_Free"]) * int(said["Hugepagesize"].split()[0]) // 1024
