# SPDX-License-Identifier: BSD-3-Clause
"""What is said about one case under one transformation."""
from dataclasses import dataclass, field


@dataclass
class Verdict:
    case: str
    trial: str
    outcome: str  # passed, failed, skipped
    lines: list = field(default_factory=list)

    def print(self):
        word = {"passed": "ok     ", "failed": "FAIL   ", "skipped": "SKIPPED"}[self.outcome]
        reason = f": {self.lines[0]}" if self.outcome == "skipped" else ""
        print(f"{word} {self.case}: {self.trial}{reason}", flush=True)
        if self.outcome == "failed":
            for line in self.lines:
                print(f"        {line}")


def passed(case, trial):
    return Verdict(case.name, trial, "passed")


def failed(case, trial, lines):
    return Verdict(case.name, trial, "failed", lines)


def skipped(case, trial, reason):
    return Verdict(case.name, trial, "skipped", [reason])
