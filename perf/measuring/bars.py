# SPDX-License-Identifier: BSD-3-Clause
"""What is asked, and whether it was reached."""
import dataclasses

from measuring import plot, record


@dataclasses.dataclass
class Bar:
    """`most` or `least` is asked of `measured`; None where nothing was measured, and `note` says
    why."""
    number: int
    what: str
    measured: float | None
    most: float | None = None
    least: float | None = None
    stretch: float | None = None
    digits: int = 2
    note: str = ""

    @property
    def limit(self):
        return self.least if self.most is None else self.most

    @property
    def reached(self):
        if self.measured is None:
            return None
        return self.measured <= self.most if self.least is None else self.measured >= self.least

    def asked(self):
        words = f"{'at most' if self.least is None else 'at least'} {self.limit:,}"
        return words + (f" (stretch {self.stretch:,})" if self.stretch else "")

    def verdict(self):
        return {True: "reached", False: "NOT REACHED", None: "not measured"}[self.reached]

    def as_json(self):
        return {"bar": self.number, "what": self.what,
                "asked": {"most" if self.least is None else "least": self.limit},
                "measured": self.measured and round(self.measured, 4), "reached": self.reached,
                **({"stretch": self.stretch} if self.stretch else {}),
                **({"note": self.note} if self.note else {})}


def table(bars):
    rows = [[f"{bar.number} {bar.what}", bar.asked(),
             "-" if bar.measured is None else f"{bar.measured:,.{bar.digits}f}", bar.verdict()]
            for bar in bars]
    notes = [f"{bar.number} {bar.what}: {bar.note}" for bar in bars if bar.note]
    return "\n".join([record.table(["bar", "asked", "measured", ""], rows), *notes])


def drawing(bars):
    """Each bar as a share of what is asked of it: 1 is just reached, longer is better."""
    rows = []
    for bar in bars:
        if bar.measured is None:
            rows.append((f"{bar.number} {bar.what}", 0, "not measured", None))
            continue
        if bar.least is not None:
            share = bar.measured / bar.limit
        else:
            share = bar.limit / bar.measured if bar.measured > 0 else 1.0 if bar.limit == 0 else 2.0
            share = 0.0 if bar.limit == 0 and bar.measured > 0 else share
        rows.append((f"{bar.number} {bar.what}", min(share, 3.0),
                     f"{bar.measured:,.{bar.digits}f}", plot.GOOD if bar.reached else plot.BAD))
    return plot.bars("What is asked, and what was measured: 1 is just reached, more is better",
                     rows, limit=(1.0, "asked"))
