# SPDX-License-Identifier: BSD-3-Clause
"""Differences, one line each: which connection, which field, what the log says, what was true."""


class Report:
    def __init__(self, label):
        self.label, self.compared, self.differences = label, 0, []
        self.skipped = []       # what the contract has and the inspector does not say yet

    def not_yet(self, field):
        """Due with MIME parts; shown as skipped, never as passed."""
        self.skipped.append(f"{self.label}: {field}")

    def same(self, field, logged, true):
        """An absent key is None; None for the truth means that the field must be absent."""
        self.compared += 1
        if logged != true:
            self.differences.append(f"{self.label}: {field}: logged {logged!r}, true {true!r}")

    def among(self, field, logged, truths):
        """For the few fields that the contract lets be said in more than one way."""
        self.compared += 1
        if logged not in truths:
            self.differences.append(
                f"{self.label}: {field}: logged {logged!r}, true {' or '.join(map(repr, truths))}")

    def holds(self, field, condition, explanation):
        self.compared += 1
        if not condition:
            self.differences.append(f"{self.label}: {field}: {explanation}")
