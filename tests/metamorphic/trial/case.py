# SPDX-License-Identifier: BSD-3-Clause
"""A case: a capture, the words its folder adds to the command line, and what is said about it."""
import pathlib
import random
import threading
import zlib
from functools import cached_property

from capture import container
from change import apply

CASES = pathlib.Path(__file__).resolve().parents[2] / "cases"


class Case:
    def __init__(self, name, inspector):
        path = pathlib.Path(name)
        if not path.is_file():  # a capture by itself is a case too
            path = next((CASES / name).glob("input.pcap*"))
        self.path = path.resolve()
        self.folder = self.path.parent
        self.name = self.folder.name if self.folder.parent == CASES else path.name
        arguments = self.folder / "arguments"
        self.arguments = arguments.read_text().split() if arguments.exists() else []
        self.capture = container.read(path)
        self._inspector = inspector
        self._based, self._lock = {}, threading.Lock()

    @cached_property
    def inspection(self):
        return self.inspect(self.capture)

    def inspect(self, capture):
        return self._inspector.inspect(capture, self)

    def based(self, words):
        """The case itself, or rewritten, as that from which more is made."""
        if not words:
            return self
        with self._lock:
            if words not in self._based:
                self._based[words] = _Rewritten(self, words)
            return self._based[words]

    def seed(self, words):
        """The same for the same case and transformation, whatever else is run."""
        return zlib.crc32(f"{self.name} {words}".encode()) & 0xffff

    def rewritten(self, words, seed):
        return apply(self.capture, words.split(), random.Random(seed))


class _Rewritten:
    def __init__(self, case, words):
        self.capture = case.rewritten(words, 0)
        self.inspection = case.inspect(self.capture)


def all_names():
    return sorted(path.parent.name for path in CASES.glob("*/input.pcap*"))
