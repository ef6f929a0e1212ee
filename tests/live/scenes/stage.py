# SPDX-License-Identifier: BSD-3-Clause
"""What a scene plays on: a program, a folder, and a book of what was checked."""
import contextlib

from sensor.prometheus import Prometheus
from sensor.service import Service


class Skipped(Exception):
    """The scene cannot be played here; the message says why."""


class Stage:
    def __init__(self, binary, folder):
        self.binary, self.folder = binary, folder
        self.passed = self.failed = self.skipped = 0

    def check(self, name, faults):
        """One line a check, one more for each of its first faults."""
        print("FAIL" if faults else "ok  ", name, flush=True)
        for fault in faults[:8]:
            print("    ", fault)
        self.failed += bool(faults)
        self.passed += not faults

    def skip(self, name, reason):
        print(f"SKIPPED {name}: {reason}", flush=True)
        self.skipped += 1

    def equal(self, name, wanted, got):
        self.check(name, [] if wanted == got else [f"{wanted} wanted, {got} got"])

    @contextlib.contextmanager
    def service(self, name, side, devices, run="", settings="", prometheus=True):
        """The service at work; ended by SIGTERM when all went well, killed when not."""
        service = Service(self.binary, side, self.folder / name, devices, run, settings)
        scraper = None
        try:
            service.start()
            if prometheus:
                scraper = Prometheus(side, service.folder)
            yield service
            if scraper and scraper.process is None:
                self.skip(f"{name}: scrapes", "prometheus is not installed")
            elif scraper:
                self.check(f"{name}: Prometheus scraped it throughout", scraper.faults())
            service.end()
            self.check(f"{name}: ended with balanced books", [])
        finally:
            service.kill()
            if scraper:
                scraper.end()
