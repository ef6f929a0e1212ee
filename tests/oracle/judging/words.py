# SPDX-License-Identifier: BSD-3-Clause
"""What one side of a connection said, in a form in which two judges can be compared."""
import hashlib
from dataclasses import dataclass

SIDES = ("to_server", "to_client")


@dataclass(frozen=True)
class Words:
    octets: int
    sha256: str
    gaps: tuple = ()  # pairs: behind so many octets, so many are missing

    def __str__(self):
        missing = sum(length for _, length in self.gaps)
        return f"{self.octets}+{missing}" if missing else str(self.octets)


NOTHING = Words(0, hashlib.sha256().hexdigest())


class Hearing:
    """Collects octets and gaps in the order of the stream."""

    def __init__(self):
        self.octets, self.gaps = bytearray(), []

    def gap(self, length):
        at = len(self.octets)
        if self.gaps and self.gaps[-1][0] == at:
            length += self.gaps.pop()[1]
        self.gaps.append((at, length))

    def words(self):
        return Words(len(self.octets), hashlib.sha256(self.octets).hexdigest(), tuple(self.gaps))
