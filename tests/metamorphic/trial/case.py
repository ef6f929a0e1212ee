# SPDX-License-Identifier: BSD-3-Clause
"""A case: a capture, the words its folder adds to the command line, and what is said about it."""
import pathlib
import random
import zlib

from capture import container
from change import apply

CASES = pathlib.Path(__file__).resolve().parents[2] / "cases"


class Case:
    def __init__(self, name):
        path = pathlib.Path(name)
        if not path.is_file():  # a capture by itself is a case too
            path = next((CASES / name).glob("input.pcap*"))
        self.name = path.stem if path.parent.parent != CASES else path.parent.name
        self.folder = path.resolve().parent
        arguments = self.folder / "arguments"
        self.arguments = arguments.read_text().split() if arguments.exists() else []
        self.capture = container.read(path)

    def random(self, words):
        """The same numbers for the same case and transformation, whatever else is run."""
        return random.Random(zlib.crc32(f"{self.name} {words}".encode()))

    def rewritten(self, words):
        return apply(self.capture, words.split(), self.random(words))


def all_names():
    return sorted(path.parent.name for path in CASES.glob("*/input.pcap*"))
