# SPDX-License-Identifier: BSD-3-Clause
"""The transformations. Each takes a capture, its parameters as words, and a random generator, and
returns another capture that tells of the same dialogues. Two are made to be noticed: `drop` takes
something away, `swap-case` says something else."""
from change import encapsulate, form, fragment, numbers, order, segments

# Name: function, parameters. What stands behind a `?` may be left out.
TRANSFORMATIONS = {
    "cut": (segments.cut, "OCTETS"),
    "cut-at": (segments.cut_at, "OCTET"),
    "merge": (segments.merge, ""),
    "overlap-equal": (segments.overlap_equal, ""),
    "reorder": (order.reorder, "PACKETS ?established"),
    "reorder-direction": (order.reorder_direction, "PACKETS ?established"),
    "duplicate": (order.duplicate, "PROBABILITY"),
    "swap-case": (segments.swap_case, ""),
    "drop": (order.drop, "NUMBER"),
    "fragment": (fragment.fragment, f"OCTETS ?{'|'.join(fragment.ORDERS)}"),
    "vlan": (encapsulate.vlan, "TAGS"),
    "tunnel": (encapsulate.tunnel, f"{'|'.join(encapsulate.TUNNELS)} ?OUTER"),
    "wrap": (numbers.wrap, "OFFSET"),
    "clock": (numbers.clock, "SECONDS"),
    "years": (numbers.years, "YEARS"),
    "ipv6": (form.ipv6, ""),
    "link": (form.link_type, "|".join(form.LINKS)),
    "container": (form.container, "|".join(form.CONTAINERS)),
}


def apply(capture, words, random):
    """Applies the transformations that the words name, one after the other: `cut 3 + reorder 4`."""
    chain, rest = [], list(words) + ["+"]
    while rest:
        end = rest.index("+")
        chain.append(rest[:end])
        rest = rest[end + 1:]
    for name, *parameters in (step or [""] for step in chain):
        if name not in TRANSFORMATIONS:
            raise ValueError(f"no transformation {name!r}")
        change, usage = TRANSFORMATIONS[name]
        most, least = len(usage.split()), len(usage.split(" ?")[0].split())
        if not least <= len(parameters) <= most:
            raise ValueError(f"usage: {name} {usage}")
        capture = change(capture, parameters, random)
    return capture
