# SPDX-License-Identifier: BSD-3-Clause
"""One line for each check, and the exit status they sum up to."""
import pathlib

SOURCE = pathlib.Path(__file__).resolve().parent.parent.parent
DEPLOY = SOURCE / "deploy"


class Verdicts:
    def __init__(self):
        self.failed = 0
        self.count = 0

    def passed(self, name):
        self.count += 1
        print(f"ok       {name}")

    def fail(self, name, why):
        self.count += 1
        self.failed += 1
        print(f"FAILED   {name}: {why}")

    def skip(self, name, why):
        print(f"SKIPPED  {name}: {why}")

    def check(self, name, faults):
        """`faults`: sentences, or one; none when all is well."""
        faults = [faults] if isinstance(faults, str) else list(faults)
        faults = [fault for fault in faults if fault]
        if faults:
            self.fail(name, "\n         ".join(faults))
        else:
            self.passed(name)

    def status(self):
        return 1 if self.failed or not self.count else 0
