# SPDX-License-Identifier: BSD-3-Clause
"""Tables for people, records for later."""
import datetime
import json
import pathlib


def table(header, rows):
    """Aligned text; numbers to the right."""
    cells = [[str(cell) for cell in row] for row in [header, *rows]]
    widths = [max(len(row[i]) for row in cells) for i in range(len(header))]
    lines = []
    for number, row in enumerate(cells):
        first = row[0].ljust(widths[0])
        rest = [cell.rjust(width) for cell, width in zip(row[1:], widths[1:])]
        lines.append("  ".join([first, *rest]).rstrip())
        if number == 0:
            lines.append("  ".join("-" * width for width in widths))
    return "\n".join(lines)


def write(kind, content):
    """A new file perf/record/DATE-KIND.json, numbered when the day has one already."""
    folder = pathlib.Path(__file__).parent.parent / "record"
    folder.mkdir(exist_ok=True)
    day = datetime.date.today().isoformat()
    path = folder / f"{day}-{kind}.json"
    number = 2
    while path.exists():
        path = folder / f"{day}-{kind}-{number}.json"
        number += 1
    path.write_text(json.dumps({"date": day, "kind": kind, **content}, indent=1) + "\n")
    return path
