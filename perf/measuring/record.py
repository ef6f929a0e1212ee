# SPDX-License-Identifier: BSD-3-Clause
"""Tables for people, records for later."""
import datetime
import json
import pathlib
import re


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


def folder_for(machine):
    """perf/records/DATE-MACHINE: a machine is its processor's name and how many it has."""
    cpu = re.sub(r"\((R|TM)\)|CPU|Processor|@.*", " ", machine["cpu"], flags=re.I)
    name = re.sub(r"[^a-z0-9]+", "-", f'{cpu} {machine["cores"]} cores'.lower()).strip("-")
    day = datetime.date.today().isoformat()
    return pathlib.Path(__file__).parent.parent / "records" / f"{day}-{name}"


def write(folder, kind, content, text, plots):
    """KIND.json, KIND.txt and KIND-NAME.svg for each of `plots`; those of the same day give way."""
    folder.mkdir(parents=True, exist_ok=True)
    day = datetime.date.today().isoformat()
    (folder / f"{kind}.json").write_text(
        json.dumps({"date": day, "kind": kind, **content}, indent=1) + "\n")
    (folder / f"{kind}.txt").write_text(text + "\n")
    for name, drawing in plots.items():
        (folder / f"{kind}-{name}.svg").write_text(drawing)
    return folder
