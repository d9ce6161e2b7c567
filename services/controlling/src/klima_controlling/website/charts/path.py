"""The way to the target: what was emitted (thick, with dots), where it goes by scenarios (solid,
the trend with its band), and the paths (dashed, each in its own way). Each line has its name beside
it: it is known without colour.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10
from typing import Final

from klima_controlling.website.charts.labels import CHARACTER, Box, Point, baseline, beside
from klima_shared.language.numbers import Lang, number
from klima_shared.language.text import Text
from klima_shared.look import svg

_TITLE = Text("Treibhausgase und Zielpfad", "Greenhouse gases and target path")
_FROM_TO = Text("von {low} bis {high}", "from {low} to {high}")
_ACTUAL = Text("Bilanz", "Balance")
# On a page part of its one style sheet; in a picture of its own inside the file.
PATH_CSS: Final = (
    ".kc .g{stroke:var(--klima-line,#d8dfda)}.kc .actual{fill:none;stroke:var(--klima-ink,#16211c);stroke-width:3.5}"
    ".kc .dot{fill:var(--klima-ink,#16211c)}.kc .path{fill:none;stroke:var(--klima-brand,#0b6b53);stroke-width:2.5}"
    ".kc .path2{fill:none;stroke:var(--klima-soft,#55635c);stroke-width:2.5}.kc .n{fill:var(--klima-brand,#0b6b53)}"
    ".kc .band{fill:var(--klima-soft,#55635c);fill-opacity:.15}"
)
_DASHES = ("7 5", "2 4", "12 4 2 4")
_AHEAD = (
    ("path2", "s"),
    ("path", "n"),
)  # classes of the trend and of a second scenario, and of their names


@dataclass(frozen=True)
class Line:
    """A path or a scenario as it is drawn: its corner points, its name, whether it goes in steps,
    its band (year, lowest, highest).
    """

    label: str
    points: Sequence[tuple[int, float]]
    stepped: bool = False
    band: Sequence[tuple[int, float, float]] = ()


def path_chart(
    actual: Sequence[tuple[int, float]],
    lines: Sequence[Line],
    ahead: Sequence[Line],
    lang: Lang,
    name: str,
    *,
    width: int,
    identity: str,
) -> str:
    """`actual`: (year, t CO2e), at least one. In kt; the vertical axis begins at 0, lower where
    something is."""
    narrow = width < 500
    height = 280 if narrow else 300
    beyond = 0.0 if narrow else max((len(line.label) for line in ahead), default=0) * CHARACTER
    left, right, top, bottom = 64, 14 + beyond, 14, 34
    points = [*actual, *(point for line in (*lines, *ahead) for point in line.points)]
    first, last = min(y for y, _ in points), max(y for y, _ in points)
    highest = (
        max([v for _, v in points] + [high for line in ahead for _, _, high in line.band]) or 1.0
    )
    step = _nice(max(highest, -min(v for _, v in points)) / 4)
    above, below = (
        ceil(highest / step),
        min(0, floor(min(v for _, v in points) / step)),
    )  # grid lines, and those below 0
    places = max(0, ceil(3 - log10(step)))

    def x(year: float) -> float:
        return left + (year - first) / max(last - first, 1) * (width - left - right)

    def y(value: float) -> float:
        return top + (above - value / step) / (above - below) * (height - top - bottom)

    body = []
    for n in range(below, above + 1):
        body.append(svg.line(left, y(n * step), width - right, y(n * step), "a" if n == 0 else "g"))
        unit = " kt" if n == above else ""
        body.append(
            svg.text(left - 8, y(n * step) + 5, number(n * step / 1000, lang, places) + unit, "e s")
        )
    marks = sorted(
        {first, last, *(line.points[-1][0] for line in lines), *(() if narrow else (2030, 2040))}
    )
    for year in _apart([m for m in marks if first <= m <= last], x, 44):
        anchor = "m" if first < year < last else ("e" if year == last else "")
        body.append(svg.text(x(year), height - 10, str(year), f"s {anchor}".strip()))
    for line in ahead:
        if line.band:
            edge = [(x(a), y(high)) for a, _, high in line.band] + [
                (x(a), y(low)) for a, low, _ in reversed(line.band)
            ]
            body.append(f'<polygon points="{_joined(edge)}" class="band"/>')
    known = [(x(a), y(b)) for a, b in actual]
    drawn = [[(x(a), y(b)) for a, b in _corners(line)] for line in lines]
    solid = [[(x(a), y(b)) for a, b in line.points] for line in ahead]
    for place, corners in enumerate(solid):
        body.append(f'<polyline points="{_joined(corners)}" class="{_AHEAD[place % 2][0]}"/>')
    for place, corners in enumerate(drawn):
        kind = "path" if place == 0 else "path2"
        body.append(
            f'<polyline points="{_joined(corners)}" class="{kind}" stroke-dasharray="{_DASHES[place % 3]}"/>'
        )
    body.append(f'<polyline points="{_joined(known)}" class="actual"/>')
    body += [f'<circle cx="{a:.1f}" cy="{b:.1f}" r="5" class="dot"/>' for a, b in known]
    last_year, last_value = actual[-1]
    words = f"{_ACTUAL.get(lang)} {last_year}: {number(last_value / 1000, lang, places)} kt"
    a, b = known[-1]
    own: Box = (a + 9, b - 12, a + 9 + len(words) * CHARACTER, b + 3)
    body.append(svg.text(own[0], baseline(own), words, "b"))
    taken, area = [own], (left, 0.0, width, height - bottom - 1.0)
    named = [
        (c, one.label, "s" if place else "n")
        for place, (one, c) in enumerate(zip(lines, drawn, strict=True))
    ]
    if narrow:
        named = [*_ends(ahead, solid), *named]
    else:  # at their ends, where no other line is near
        base = 0.0
        for corners, label, kind in sorted(_ends(ahead, solid), key=lambda end: end[0][-1][1]):
            base = max(corners[-1][1] + 4, base + 16)
            body.append(svg.text(width - right + 8, round(base, 1), label, kind))
            taken.append((width - right + 8, base - 12, width, base + 4))
    for corners, label, kind in named:
        box = beside(corners, label, [known, *solid, *drawn], taken, area)
        body.append(svg.text(round(box[0], 1), round(baseline(box), 1), label, kind))
        taken.append(box)

    def said(tonnes: float) -> str:
        return f"{number(tonnes / 1000, lang, places)} kt"

    spoken = [f"{_ACTUAL.get(lang)} {a}: {said(b)}" for a, b in actual]
    for one in (*ahead, *lines):
        between = {a: _FROM_TO.get(lang).format(low=said(b), high=said(c)) for a, b, c in one.band}
        figures = (
            f"{a} {said(b)}" + (f" ({between[a]})" if a in between else "") for a, b in one.points
        )
        spoken.append(f"{one.label}: {', '.join(figures)}")
    title = f"{_TITLE.get(lang)}: {name}"
    return svg.document(
        width, height, title, ". ".join(spoken) + ".", body, standalone=False, identity=identity
    )


def _ends(
    ahead: Sequence[Line], drawn: Sequence[list[Point]]
) -> list[tuple[list[Point], str, str]]:
    """Each scenario as it is drawn, its name, the class of its name."""
    return [
        (c, line.label, _AHEAD[place % 2][1])
        for place, (line, c) in enumerate(zip(ahead, drawn, strict=True))
    ]


def _joined(points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{a:.1f},{b:.1f}" for a, b in points)


def _corners(line: Line) -> list[tuple[int, float]]:
    if not line.stepped:
        return list(line.points)
    corners: list[tuple[int, float]] = []
    for year, value in line.points:
        if corners:
            corners.append((year, corners[-1][1]))
        corners.append((year, value))
    return corners


def _nice(rough: float) -> float:
    """1, 2 or 5 times a power of ten, at least `rough`."""
    power = 10.0 ** int(log10(rough)) if rough >= 1 else 1.0
    return next(m * power for m in (1, 2, 5, 10) if m * power >= rough)


def _apart(years: Sequence[int], x: Callable[[float], float], pixels: float) -> list[int]:
    """Years whose labels don't run into each other; the first and the last one stay."""
    if len(years) < 2:
        return list(years)
    kept = [years[0]]
    for year in years[1:-1]:
        if (
            x(year) - x(kept[-1]) >= pixels and x(years[-1]) - x(year) >= 1.5 * pixels
        ):  # the last one ends at its year
            kept.append(year)
    return [*kept, years[-1]]
