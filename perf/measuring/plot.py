# SPDX-License-Identifier: BSD-3-Clause
"""Plots as SVG, without a library: bars beside each other, and lines over sizes."""
import math
from xml.sax.saxutils import escape

SPAN, RIGHT, ROW = 400, 110, 26
COLOURS = ["#2c6fbb", "#b8b8b8", "#d9822b", "#4c9a52"]
GOOD, BAD = "#4c9a52", "#c23b3b"


def text(x, y, words, anchor="start", size=12, weight="normal"):
    return (f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" '
            f'font-weight="{weight}">{escape(str(words))}</text>')


def page(title, width, height, shapes):
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" font-family="sans-serif">',
        f'<rect width="{width}" height="{height}" fill="white"/>',
        text(12, 24, title, size=14, weight="bold"), *shapes, "</svg>", ""])


def bars(title, rows, logarithmic=False, limit=None):
    """`rows`: label, value, what to write at its end, colour or None. `limit`: a line to be at."""
    left = 20 + 6.6 * max(len(label) for label, _, _, _ in rows)  # an ordinary letter's width
    most = max([value for _, value, _, _ in rows] + ([limit[0]] if limit else [])) or 1
    least = min([value for _, value, _, _ in rows if value > 0] + ([limit[0]] if limit else []))

    def length(value):
        if value <= 0:
            return 0
        if not logarithmic:
            return SPAN * value / most
        floor = math.log10(least) - 0.3  # the least is still to be seen
        return SPAN * (math.log10(value) - floor) / (math.log10(most) - floor)
    bottom = 44 + len(rows) * ROW
    shapes = []
    if limit:
        x = left + length(limit[0])
        shapes += [f'<line x1="{x:.1f}" y1="36" x2="{x:.1f}" y2="{bottom}" stroke="black" '
                   'stroke-dasharray="4 3"/>', text(x, bottom + 14, limit[1], "middle", 11)]
    for number, (label, value, words, colour) in enumerate(rows):
        y = 44 + number * ROW
        shapes += [text(left - 8, y + 14, label, "end"),
                   f'<rect x="{left:.1f}" y="{y}" width="{length(value):.1f}" height="{ROW - 8}" '
                   f'fill="{colour or COLOURS[0]}"/>',
                   text(left + length(value) + 6, y + 14, words)]
    if logarithmic:
        shapes.append(text(12, bottom + 14, "logarithmic", size=11))
    return page(title, round(left + SPAN + RIGHT), bottom + 26, shapes)


def lines(title, at, series, unit):
    """`at`: the sizes, apart as their logarithms are; `series`: name to one value for each."""
    bottom, top, left, right = 280, 50, 70, 590
    most = max(max(values) for values in series.values()) * 1.1
    first, last = math.log10(at[0]), math.log10(at[-1])

    def place(size, value):
        x = left + (right - left) * (math.log10(size) - first) / (last - first)
        return x, bottom - (bottom - top) * value / most
    shapes = [f'<path d="M{left} {top}V{bottom}H{right}" fill="none" stroke="black"/>',
              text(12, 42, unit, size=11)]
    for part in range(1, 5):
        value = most * part / 4
        y = place(at[0], value)[1]
        shapes += [text(left - 6, y + 4, f"{value:.0f}", "end", 11),
                   f'<path d="M{left} {y:.1f}H{right}" stroke="#dddddd"/>']
    shapes += [text(place(size, 0)[0], bottom + 18, f"{size:,}", "middle", 11) for size in at]
    for number, (name, values) in enumerate(series.items()):
        points = [place(size, value) for size, value in zip(at, values)]
        colour = COLOURS[number % len(COLOURS)]
        shapes.append('<polyline fill="none" stroke-width="2" stroke="%s" points="%s"/>' % (
            colour, " ".join(f"{x:.1f},{y:.1f}" for x, y in points)))
        shapes.append(text(points[-1][0] + 8, points[-1][1] + 4, f"{name}: {values[-1]:.0f}"))
    return page(title, right + 170, bottom + 34, shapes)
