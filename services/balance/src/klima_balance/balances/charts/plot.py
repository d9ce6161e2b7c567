"""What the charts over years have in common: scale, axes, table under the picture, lines of the
source."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from klima_shared.language.numbers import Lang, number
from klima_shared.language.text import Text
from klima_shared.look import svg

WIDTH = 760
LEFT, RIGHT, TOP = 64, 744, 84

# Hatchings by position, so that neighbours differ in black and white too.
HATCHES = ("", "commerce", "industry", "municipal", "transport")
# Dashes of lines by position: the first is solid.
DASHES = ("", "8 4", "2 4", "10 3 2 3", "1 3")

SOURCE = Text("Quelle: {a} · Lizenz {l} · {m}", "Source: {a} · licence {l} · {m}")
YEAR = Text("Jahr", "Year")


@dataclass(frozen=True)
class Frame:
    """A plot from (left, top) to (right, bottom) with years across and a value up, from `low` to
    `high`."""

    left: float
    right: float
    top: float
    bottom: float
    first: int
    last: int
    low: float
    high: float

    def x(self, year: float) -> float:
        return self.left + (year - self.first) / max(self.last - self.first, 1) * (
            self.right - self.left
        )

    def y(self, value: float) -> float:
        return self.bottom - (value - self.low) / (self.high - self.low) * (self.bottom - self.top)


def ticks(low: float, high: float, most: int = 6) -> list[float]:
    """Round numbers from at most `low` to at least `high`."""
    span = (high - low) or 1.0
    step = 10 ** math.floor(math.log10(span / most))
    step *= next((f for f in (1, 2, 2.5, 5, 10) if span / (step * f) <= most), 10)
    return [step * i for i in range(math.floor(low / step), math.ceil(high / step) + 1)]


def axes(frame: Frame, marks: Sequence[float], lang: Lang, unit: str) -> list[str]:
    """Lines across with their numbers, years below."""
    body = [svg.text(frame.left - 8, frame.top - 16, unit, "s")]
    body[0] = body[0].replace(f'x="{frame.left - 8:g}"', 'x="16"')
    decimals = 0 if all(abs(m - round(m)) < 1e-9 for m in marks) else 1
    for mark in marks:
        y = frame.y(mark)
        body.append(
            svg.line(frame.left, round(y, 1), frame.right, round(y, 1), "a" if mark == 0 else "l")
        )
        body.append(svg.text(frame.left - 8, round(y + 4, 1), number(mark, lang, decimals), "s e"))
    years = [
        frame.first,
        *(y for y in range(frame.first + 1, frame.last) if y % 5 == 0),
        frame.last,
    ]
    years = [
        y
        for i, y in enumerate(years)
        if i == 0 or y == frame.last or frame.x(y) - frame.x(years[i - 1]) > 34
    ]
    for year in years:
        if year != frame.last and frame.x(frame.last) - frame.x(year) < 34:
            continue
        x = round(frame.x(year), 1)
        body += [
            svg.line(x, frame.bottom, x, frame.bottom + 5, "a"),
            svg.text(x, frame.bottom + 19, str(year), "m s"),
        ]
    return body


def milestones(years: Sequence[int], most: int = 6) -> list[int]:
    """The years a table shows: the first, the round ones, the last."""
    chosen = [years[0], *(y for y in years[1:-1] if y % 5 == 0), years[-1]]
    while len(chosen) > most:
        chosen = [chosen[0], *chosen[1:-1][1::2], chosen[-1]]
    return chosen


def table(
    top: float,
    head: str,
    columns: Sequence[str],
    rows: Sequence[tuple[str, Sequence[str], str]],
    first: float = 300,
) -> tuple[list[str], float]:
    """The same numbers as text: rows of (label, values, swatch). Returns the parts and where the
    table ends."""
    step = (RIGHT - first) / max(len(columns), 1)
    ends = [first + step * (i + 1) for i in range(len(columns))]
    body = [svg.text(16, top, head, "s")]
    body += [svg.text(round(x, 1), top, c, "s e") for x, c in zip(ends, columns, strict=True)]
    body.append(svg.line(16, top + 8, RIGHT, top + 8, "a"))
    y = top + 8
    for label, values, swatch in rows:
        bold = " b" if not swatch else ""
        left = 38 if swatch else 16
        body += [swatch.replace("{y}", f"{y + 6:g}")] if swatch else []
        # Up to the first figure, which ends its column: a carrier's name is longer than the space
        # before the columns.
        room = max((first - left) / 6.4, (ends[0] - 64 - left) / 6.8) if ends else 100
        body.append(svg.text(left, y + 17, svg.wrap(label, int(room), 1)[0], bold.strip()))
        body += [
            svg.text(round(x, 1), y + 17, v, f"e{bold}") for x, v in zip(ends, values, strict=True)
        ]
        body.append(svg.line(16, y + 24, RIGHT, y + 24))
        y += 24
    return body, y


def swatch(colour: str, hatch: str, prefix: str) -> str:
    """A small square of a series; `{y}` is filled in by the table."""
    box = f'<rect x="16" y="{{y}}" width="14" height="14" class="c-{colour}"/>'
    return box + (
        f'<rect x="16" y="{{y}}" width="14" height="14" fill="url(#{prefix}-{hatch})"/>'
        if hatch
        else ""
    )


def polygon(points: Sequence[tuple[float, float]], classes: str, extra: str = "") -> str:
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return (
        f'<polygon points="{path}" class="{classes}"{extra}/>'
        if classes
        else f'<polygon points="{path}"{extra}/>'
    )


def polyline(
    points: Sequence[tuple[float, float]], colour: str, dash: str = "", width: float = 2.5
) -> str:
    """A line in a colour of the palette; `dash` tells lines apart without colour."""
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    stroke = f"var(--klima-{colour.replace('_', '-')},{_fallback(colour)})"
    return f'<polyline points="{path}" fill="none" style="stroke:{stroke}" stroke-width="{width:g}"{dashed}/>'


def _fallback(colour: str) -> str:
    from klima_shared.look.design import LIGHT

    return LIGHT[colour]


def source_lines(content: Mapping[str, Any], lang: Lang, top: float) -> tuple[list[str], float]:
    """Where the figures come from, in lines that fit; and where they end."""
    meta = content["meta"]
    extra = Text(
        "Annahmen mit Quellen beim Szenario", "assumptions with sources at the scenario"
    ).get(lang)
    lines = svg.wrap(
        SOURCE.get(lang).format(a=meta["attribution"], l=meta["licence"], m=extra), 100, 4
    )
    return [svg.text(16, top + 17 * i, line, "s") for i, line in enumerate(lines)], top + 17 * len(
        lines
    )


def spread_apart(places: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Places of labels moved just so far that they keep `gap` between each other, in their
    order."""
    order = sorted(range(len(places)), key=lambda i: places[i])
    found = list(places)
    last = low - gap
    for i in order:
        found[i] = max(found[i], last + gap)
        last = found[i]
    over = last - high
    if over > 0:
        for i in reversed(order):
            found[i] = min(found[i], high)
            high = found[i] - gap
    return found
