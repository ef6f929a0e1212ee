# SPDX-License-Identifier: BSD-3-Clause
"""Which transformations are tried, and what each may change in the events."""
from dataclasses import dataclass

from change.encapsulate import TUNNELS
from change.form import CONTAINERS, LINKS


@dataclass(frozen=True)
class Trial:
    words: str        # as for `rewrite`
    turn: int = 1     # random ones are tried more than once
    also: tuple = ()  # names left out of the comparison, besides those that always are
    base: str = ""    # what is done first to both, to the capture rewritten and the one compared

    @property
    def name(self):
        words = f"{self.base} + {self.words}" if self.base else self.words
        return words + (f" #{self.turn}" if self.turn > 1 else "")


RANDOM = ("overlap-equal", "reorder 2", "reorder 4 established", "reorder 8 established",
          "reorder-direction 2 established", "reorder-direction 3 established",
          "duplicate 0.1", "duplicate 0.5", "duplicate 1", "cut 1 + reorder 4 established",
          "cut 11 + reorder 8 established", "overlap-equal + reorder 3 established",
          "cut 5 + overlap-equal + duplicate 0.3 + reorder 4 established",
          "wrap 40 + cut 3 + reorder 4 established", "merge + reorder 3 established",
          "wrap 1 + overlap-equal + reorder 2 established")
ONCE = ("cut 1", "cut 2", "cut 3", "cut 7", "cut 100", "cut 536", "merge", "cut 3 + merge",
        "clock 0.5", "clock -0.5", "clock 3", "clock -3", "years 20", "years 70", "years -50",
        "duplicate 1 + clock -0.5", "wrap 0 + merge", "wrap 3 + cut 1")
# More than one thing around the packets; all that an event says of it.
MIXED = ("gre vxlan", "ip-in-ip gre-key", "geneve ip-in-ip6", "vxlan mpls", "erspan3 pppoe",
         "vxlan + vlan 2", "pppoe + vlan 2", "gre + fragment 64 shuffled", "vxlan + fragment 200",
         "ip-in-ip6 + fragment 200 duplicated", "erspan2 + vlan 1 + fragment 1000 reversed")
CARRIED = ("ether", "vlan", "tunnel")
CUTS = (1, 2, 3, 5, 6, 10)
WRAPS = (-1, 0, 1, 2, 7, 30, 100)


def _trials(turns, cuts, wraps):
    trials = [Trial(words) for words in ONCE]
    trials += [Trial(f"cut-at {octet}") for octet in cuts]
    trials += [Trial(f"wrap {offset}") for offset in wraps]
    trials += [Trial(words, turn) for turn in turns for words in RANDOM]
    trials += [Trial(f"container {name}") for name in CONTAINERS]
    trials += [Trial(f"link {name}", also=("ether", "vlan")) for name in LINKS]
    trials += [Trial(f"vlan {tags}", also=("vlan",)) for tags in (1, 2, 3)]
    for base, sizes in (("", (8, 64, 1000)), ("ipv6", (64, 1000))):
        trials += [Trial(f"fragment {size}{order}", turn, base=base)
                   for size in sizes for order in ("", " reversed")
                   for turn in turns[:1]]
        trials += [Trial(f"fragment {size} {order}", turn, base=base)
                   for size in sizes for order in ("shuffled", "duplicated")
                   for turn in turns]
        trials += [Trial(f"tunnel {words}", also=CARRIED, base=base)
                   for words in (*TUNNELS, *MIXED) if base or words != "6in4"]
    return trials


QUICK = _trials(range(1, 2), CUTS, WRAPS)
FULL = _trials(range(1, 6), range(1, 41), (*range(-1, 41), *range(50, 1500, 50)))

# The quick run's budget in runs of the inspector, whatever the number of cases. They take some 20
# seconds on two idle cores; what is not done after QUICK_SECONDS is left out, and said to be.
QUICK_SECONDS = 50
QUICK_REWRITES, QUICK_LOSSES, QUICK_CANARIES = 160, 20, 10
LOSSES = 60  # of each case, unless all are asked for


def dealt(cases, trials, budget):
    """Pairs of case and trial: all of them, or as many as the budget allows, dealt so that every
    trial meets about as many cases as any other."""
    each = max(1, min(len(trials), budget // max(1, len(cases)))) if budget else len(trials)
    pairs = []
    for number, case in enumerate(cases):
        first = number * each
        pairs += [(case, trials[(first + place) % len(trials)]) for place in range(each)]
    return pairs
