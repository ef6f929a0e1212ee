# SPDX-License-Identifier: BSD-3-Clause
"""What happens to a service in its life, while mail flows. Frames and events balance each time."""
import contextlib
import signal
import socket
import subprocess
import threading
import time

from lab.site import Site
from scenes import client
from sensor.service import total

TAP = ["net_af_packet0,iface=mail0"]
USER = "carol"


def play(stage, _system):
    with Site() as site:
        site.start()
        reload_under_load(stage, site)
        rotation(stage, site)
        sink_gone_and_back(stage, site)
        disk_full(stage, site)
        port_down_and_up(stage, site)
        killed_and_restarted(stage, site)


def _mail(stage, site, name, count=3):
    """Some messages, and how many events must follow."""
    return len(client.deliver(site, USER, 1, count, 5000, name))


def _accepted(service):
    return len([event for event in service.events("smtp")
                if event["smtp"].get("outcome") == "accepted" and event["dest_port"] == 25])


def _nothing_missed(stage, name, metrics):
    stage.equal(f"{name}: frames received are frames taken",
                total(metrics, "port_rx_frames_total"), total(metrics, "frames_total"))


def reload_under_load(stage, site):
    name = "reload under load"
    with stage.service(name, site.wire.client, TAP) as service:
        load = client.start(site, "deliver", USER, 4, 8, 20000, name)
        for _ in range(5):
            service.ask(signal.SIGHUP, "reloaded")
        whole = service.configuration.read_text()
        service.configuration.write_text(whole + "[nonsense]\n")
        service.ask(signal.SIGHUP, "nonsense")
        service.configuration.write_text(whole)
        service.ask(signal.SIGHUP, "reloaded")
        sent = len(client.outcome(load))
        metrics = service.settle()
        _nothing_missed(stage, name, metrics)
        stage.check(f"{name}: the failed one was counted", [] if total(
            metrics, "reloads_total", outcome="failure") == 1 else ["it was not"])
    stage.equal(f"{name}: an event for each message", sent, _accepted(service))


def rotation(stage, site):
    name = "rotation"
    with stage.service(name, site.wire.client, TAP, prometheus=False) as service:
        sent = _mail(stage, site, "before")
        service.settle()
        old = service.eve.with_suffix(".1")
        service.eve.rename(old)
        service.ask(signal.SIGUSR1, "opened anew")
        sent += _mail(stage, site, "after")
        service.settle()
    stage.check(f"{name}: both files have events",
                [] if old.stat().st_size and service.eve.stat().st_size else ["one is empty"])
    first = old.read_text()
    service.eve.write_text(first + service.eve.read_text())
    stage.equal(f"{name}: an event for each message, in one file or the other", sent,
                _accepted(service))


class Listener(threading.Thread):
    """Whoever reads events from the socket."""

    def __init__(self, path):
        super().__init__(daemon=True)
        path.unlink(missing_ok=True)
        self.lines, self.server = 0, socket.socket(socket.AF_UNIX)
        self.server.bind(str(path))
        path.chmod(0o777)
        self.server.listen()
        self.connection = None
        self.start()

    def run(self):
        try:
            self.connection, _ = self.server.accept()
            while piece := self.connection.recv(65536):
                self.lines += piece.count(b"\n")
        except OSError:
            pass

    def close(self):
        for one in (self.server, self.connection):
            if one:
                try:
                    one.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass
                one.close()
        self.join(5)


def sink_gone_and_back(stage, site):
    name = "sink gone and back"
    path = stage.folder / "events.sock"
    first = Listener(path)
    with stage.service(name, site.wire.client, TAP, prometheus=False) as service:
        service.configure(f'socket = "{path}"\n')
        service.ask(signal.SIGHUP, "reloaded")
        _mail(stage, site, "listened to")
        service.settle()
        first.close()
        _mail(stage, site, "nobody listens")
        service.settle()
        stage.check(f"{name}: the log says so",
                    [] if "events wait" in service.said() else ["it does not"])
        second = Listener(path)
        _mail(stage, site, "listened to again")
        service.wait_for("to find the listener", lambda: second.connection is not None)
    second.join(5)
    stage.check(f"{name}: both listeners heard something",
                [] if first.lines and second.lines else [f"{first.lines}, {second.lines} lines"])


def _fill(path):
    with open(path, "wb", buffering=0) as file, contextlib.suppress(OSError):
        while file.write(bytes(4096)):
            pass


def disk_full(stage, site):
    name = "disk full"
    disk = stage.folder / "small-disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k,mode=777", "tmpfs", str(disk)],
                   check=True)
    try:
        with stage.service(name, site.wire.client, TAP, prometheus=False) as service:
            service.configuration.write_text(service.settings.replace(
                f'file = "{service.eve}"', f'file = "{disk}/eve.json"'))
            service.ask(signal.SIGHUP, "reloaded")
            _mail(stage, site, "room")
            service.settle()
            filler = disk / "filler"
            _fill(filler)
            for number in range(3):
                _mail(stage, site, f"no room {number}")
            full = service.settle()
            filler.unlink()
            _mail(stage, site, "room again")
            after = service.settle()
            _nothing_missed(stage, name, after)
        dropped = [total(metrics, "eve_lines_total", sink="file", fate="dropped")
                   for metrics in (full, after)]
        written = [total(metrics, "eve_lines_total", sink="file", fate="written")
                   for metrics in (full, after)]
        stage.check(f"{name}: lines were dropped by count while it was",
                    [] if dropped[0] else ["none was"])
        stage.check(f"{name}: writing went on as soon as there was room",
                    [] if written[1] > written[0] else [f"{written[0]}, then {written[1]}"])
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


def port_down_and_up(stage, site):
    name = "port down and up"
    with stage.service(name, site.wire.client, TAP, prometheus=False) as service:
        sent = _mail(stage, site, "up")
        service.settle()
        site.wire.client.do("ip", "link", "set", "mail0", "down")
        time.sleep(1.5)
        down = service.metrics()
        site.wire.client.do("ip", "link", "set", "mail0", "up")
        sent += _mail(stage, site, "up again")
        up = service.settle()
        stage.equal(f"{name}: the metric follows the link", (0, 1),
                    (total(down, "port_link_up"), total(up, "port_link_up")))
        lines = ["net_af_packet0 has no link", "net_af_packet0 has its link again"]
        stage.equal(f"{name}: the log says each change once", [1, 1],
                    [service.said().count(line) for line in lines])
        _nothing_missed(stage, name, up)
    stage.equal(f"{name}: an event for each message", sent, _accepted(service))


def killed_and_restarted(stage, site):
    name = "killed and restarted"
    with stage.service(name, site.wire.client, TAP, prometheus=False) as service:
        sent = _mail(stage, site, "first life")
        service.settle()
        service.wait_for("to write its events", lambda: _accepted(service) == sent)
        service.kill()
        service.start()
        sent += _mail(stage, site, "second life")
        service.settle()
    stage.equal(f"{name}: the event log of both lives, appended", sent, _accepted(service))
