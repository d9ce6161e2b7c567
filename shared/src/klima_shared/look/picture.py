"""Pictures as SVG: a title and a description for screen readers, escaped text that fits, bars with
hatchings, and the same numbers as a table under the drawing.

Written by hand because a chart here must take a town's colours, dark mode and print from CSS, carry
its own title, description and numbers, and be served in a few milliseconds; see docs/decisions.
Classes are those of `templates/chart.css`; coordinates are pixels from the upper left.
"""

from collections.abc import Iterable, Sequence
from html import escape
from typing import Final, NamedTuple

from klima_shared.language.numbers import Lang
from klima_shared.language.text import Label
from klima_shared.look.design import LIGHT
from klima_shared.look.templates import stylesheet_of_pictures

WIDTH: Final = 760
MARGIN: Final = 16
_ROW: Final = 24

Point = tuple[float, float]

# Hatchings laid over the colours, so that series differ in black and white too. By position they
# make neighbours differ; the first series has none.
HATCHES: Final = ("", "commerce", "industry", "municipal", "transport")
_STROKES: Final = {
    "commerce": "M0 6L6 0",
    "industry": "M0 3H6",
    "municipal": "M3 0V6",
    "transport": "M0 0L6 6",
}


class Row(NamedTuple):
    """A row of the table under a picture: with the colour and hatching of its series, or as the
    total."""

    label: str
    values: Sequence[str]
    series: str = ""
    hatch: str = ""
    total: bool = False


class Picture:
    """A picture while it is drawn, part by part, from back to front."""

    def __init__(
        self, lang: Lang, title: str, identity: str, *, width: int = WIDTH, hatched: bool = False
    ) -> None:
        self.lang, self.title, self.identity, self.width = lang, title, identity, width
        self.parts: list[str] = []
        if hatched:
            patterns = "".join(
                f'<pattern id="{identity}-{name}" width="6" height="6"'
                ' patternUnits="userSpaceOnUse">'
                f'<path d="{path}" class="h"/></pattern>'
                for name, path in _STROKES.items()
            )
            self.parts.append(f"<defs>{patterns}</defs>")

    def heading(self, under: str) -> None:
        """The title and a line under it, in the picture itself."""
        self.text(MARGIN, 32, self.title, "t")
        self.text(MARGIN, 52, under, "s")

    def text(self, x: float, y: float, content: str, classes: str = "") -> None:
        self.parts.append(f'<text x="{x:g}" y="{y:g}"{_class(classes)}>{escape(content)}</text>')

    def texts(self, xs: Sequence[float], y: float, contents: Iterable[str], classes: str) -> None:
        """Texts in a row, one at each place."""
        for x, content in zip(xs, contents, strict=True):
            self.text(x, y, content, classes)

    def label(self, x: float, y: float, content: str, width: int, *, step: int = 15) -> None:
        """A name in one line at `y` or in two around it."""
        lines = wrap(content, width)
        top = y if len(lines) == 1 else y - 7
        for offset, part in enumerate(lines):
            self.text(x, top + step * offset, part)

    def paragraph(
        self, y: float, content: str, width: int, *, most: int = 4, x: float = MARGIN
    ) -> float:
        """Small text in lines of 17 pixels. Returns where it ends."""
        lines = wrap(content, width, most)
        for offset, part in enumerate(lines):
            self.text(x, y + 17 * offset, part, "s")
        return y + 17 * len(lines)

    def rect(
        self, x: float, y: float, width: float, height: float, classes: str, extra: str = ""
    ) -> None:
        self.parts.append(_rect(x, y, width, height, classes, extra))

    def bar(
        self, x: float, y: float, width: float, height: float, series: str, hatch: str = ""
    ) -> None:
        """A rectangle in the colour of a series, with its hatching over it."""
        self.rect(x, y, width, height, f"c-{series}")
        if hatch:
            self.hatch(x, y, width, height, hatch)

    def hatch(self, x: float, y: float, width: float, height: float, hatch: str) -> None:
        self.rect(x, y, width, height, "", self._fill(hatch))

    def line(self, x1: float, y1: float, x2: float, y2: float, classes: str = "l") -> None:
        self.parts.append(
            f'<line x1="{x1:g}" y1="{y1:g}" x2="{x2:g}" y2="{y2:g}"{_class(classes)}/>'
        )

    def polyline(
        self, points: Iterable[Point], colour: str, dash: str = "", width: float = 2.5
    ) -> None:
        """A line in a colour of the palette; `dash` tells lines apart without colour."""
        stroke = f"var(--klima-{colour.replace('_', '-')},{LIGHT[colour]})"
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        self.parts.append(
            f'<polyline points="{_joined(points)}" fill="none" style="stroke:{stroke}"'
            f' stroke-width="{width:g}"{dashed}/>'
        )

    def path(self, points: Iterable[Point], classes: str, dash: str = "") -> None:
        """A line as its class says."""
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        self.parts.append(f'<polyline points="{_joined(points)}" class="{classes}"{dashed}/>')

    def polygon(
        self, points: Iterable[Point], classes: str, extra: str = "", hatch: str = ""
    ) -> None:
        shape = f'<polygon points="{_joined(points)}"'
        self.parts.append(f"{shape}{_class(classes)}{extra}/>")
        if hatch:
            self.parts.append(f"{shape}{self._fill(hatch)}/>")

    def dot(self, x: float, y: float, kind: str = "dot") -> None:
        self.parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" class="{kind}"/>')

    def table(
        self, top: float, head: str, columns: Sequence[str], rows: Sequence[Row], first: float = 300
    ) -> float:
        """The same numbers as text. Figures begin right of `first`. Returns where it ends."""
        right = self.width - MARGIN
        step = (right - first) / max(len(columns), 1)
        ends = [round(first + step * (i + 1), 1) for i in range(len(columns))]
        self.text(MARGIN, top, head, "s")
        self.texts(ends, top, columns, "s e")
        self.line(MARGIN, top + 8, right, top + 8, "a")
        y = top + 8
        for row in rows:
            left = MARGIN if row.total else MARGIN + 22
            if row.series:
                self._swatch(y + 6, row.series, row.hatch)
            # Up to the first figure, which ends its column: a carrier's name is longer than the
            # space before the columns.
            room = max((first - left) / 6.4, (ends[0] - 64 - left) / 6.8) if ends else 100
            self.text(left, y + 17, wrap(row.label, int(room), 1)[0], "b" if row.total else "")
            self.texts(ends, y + 17, row.values, "e b" if row.total else "e")
            self.line(MARGIN, y + _ROW, right, y + _ROW)
            y += _ROW
        return y

    def _swatch(self, y: float, series: str, hatch: str) -> None:
        box = f'<rect x="{MARGIN}" y="{y:g}" width="14" height="14"'
        self.parts.append(f'{box} class="c-{series}"/>')
        if hatch:
            self.parts.append(f"{box}{self._fill(hatch)}/>")

    def _fill(self, hatch: str) -> str:
        return f' fill="url(#{self.identity}-{hatch})"'

    def svg(self, height: float, description: str, *, standalone: bool) -> str:
        """The whole picture, with title and description for screen readers; `standalone` adds the
        style and the ground: it is a file of its own then."""
        width, height, identity = self.width, int(height), self.identity
        size = f' width="{width}" height="{height}"' if standalone else ""
        ground = _rect(0, 0, width, height, "p")
        return "".join(
            [
                f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"'
                f' class="kc" role="img" aria-labelledby="{identity}-t {identity}-d"{size}>',
                f'<title id="{identity}-t">{escape(self.title)}</title>',
                f'<desc id="{identity}-d">{escape(description)}</desc>',
                f"<style>{stylesheet_of_pictures()}</style>{ground}" if standalone else "",
                *self.parts,
                "</svg>",
            ]
        )


SOURCE: Final = Label("Quelle: {a} · Lizenz {l} · {m}", "Source: {a} · licence {l} · {m}")


def wrap(content: str, width: int, most: int = 2) -> list[str]:
    """Lines of at most about `width` characters; what does not fit into `most` lines ends with an
    ellipsis."""
    lines: list[str] = [""]
    for word in content.split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > width:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".strip()
    if len(lines) > most:
        last = lines[most - 1].removesuffix(" und").removesuffix(" and").rstrip(",")
        return [*lines[: most - 1], f"{last} …"]
    return lines


def _rect(x: float, y: float, width: float, height: float, classes: str, extra: str = "") -> str:
    size = f'width="{max(width, 0):.1f}" height="{max(height, 0):.1f}"'
    return f'<rect x="{x:.1f}" y="{y:.1f}" {size}{_class(classes)}{extra}/>'


def _class(classes: str) -> str:
    return f' class="{classes}"' if classes else ""


def _joined(points: Iterable[Point]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
