"""Small pieces for drawing SVG: escaped elements, text that fits, the style. Colours are CSS
properties with fallbacks.

Written by hand because a chart here must take a town's colours, dark mode and print from CSS, carry
its own title, description and numbers, and be served in a few milliseconds; see docs/decisions.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from klima_shared.look.design import DARK, LIGHT

SERIES = (
    "households",
    "commerce",
    "industry",
    "municipal",
    "transport",
    "agriculture",
    "land_use",
    "process_ets",
    "renewables",
)

# The rules of a chart. On a page they are part of its one style sheet; in a file of its own they
# stand in the file.
CHART_CSS = (
    ".kc text{font:13px var(--klima-font,system-ui,sans-serif);fill:var(--klima-ink,#16211c);font-variant-numeric:tabular-nums}"
    ".kc .t{font-size:17px;font-weight:650}.kc .s{fill:var(--klima-soft,#55635c)}.kc .e{text-anchor:end}"
    ".kc .m{text-anchor:middle}"
    ".kc .b{font-weight:650}.kc .l{stroke:var(--klima-line,#d8dfda)}.kc .a{stroke:var(--klima-soft,#55635c)}"
    ".kc .p{fill:var(--klima-paper,#fff)}.kc .w{fill:#fff}.kc .h{fill:none;stroke:#fff;stroke-opacity:.55;stroke-width:1.4}"
    + "".join(f".kc .c-{n}{{fill:var(--klima-{n.replace('_', '-')},{LIGHT[n]})}}" for n in SERIES)
    + ".kc .c-brand{fill:var(--klima-brand,#0b6b53)}"
)
FILE_CSS = (
    CHART_CSS
    + "@media(prefers-color-scheme:dark){:root{"
    + "".join(f"--klima-{n.replace('_', '-')}:{v};" for n, v in DARK.items())
    + "}}@media print{:root{"
    + "".join(f"--klima-{n.replace('_', '-')}:{v};" for n, v in LIGHT.items())
    + "}}"
)


def text(x: float, y: float, content: str, classes: str = "") -> str:
    return f'<text x="{x:g}" y="{y:g}"{_class(classes)}>{escape(content)}</text>'


def rect(x: float, y: float, width: float, height: float, classes: str, extra: str = "") -> str:
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(width, 0):.1f}" height="{max(height, 0):.1f}"{_class(classes)}{extra}/>'


def line(x1: float, y1: float, x2: float, y2: float, classes: str = "l") -> str:
    return f'<line x1="{x1:g}" y1="{y1:g}" x2="{x2:g}" y2="{y2:g}"{_class(classes)}/>'


def _class(classes: str) -> str:
    return f' class="{classes}"' if classes else ""


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
        return [
            *lines[: most - 1],
            lines[most - 1].removesuffix(" und").removesuffix(" and").rstrip(",") + " …",
        ]
    return lines


def patterns(prefix: str) -> str:
    """Hatchings laid over the colours, so that series differ in black and white too."""
    strokes = {
        "commerce": "M0 6L6 0",
        "industry": "M0 3H6",
        "municipal": "M3 0V6",
        "transport": "M0 0L6 6",
    }
    return "".join(
        f'<pattern id="{prefix}-{name}" width="6" height="6" patternUnits="userSpaceOnUse"><path d="{d}" class="h"/></pattern>'
        for name, d in strokes.items()
    )


def document(
    width: int,
    height: int,
    title: str,
    description: str,
    body: Sequence[str],
    *,
    standalone: bool,
    identity: str,
) -> str:
    """The whole picture, with title and description for screen readers; `standalone` adds the style
    and the ground."""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" class="kc" role="img"'
        f' aria-labelledby="{identity}-t {identity}-d"'
        + (f' width="{width}" height="{height}"' if standalone else "")
        + ">",
        f'<title id="{identity}-t">{escape(title)}</title><desc id="{identity}-d">{escape(description)}</desc>',
    ]
    if standalone:
        parts += [f"<style>{FILE_CSS}</style>", rect(0, 0, width, height, "p")]
    return "".join([*parts, *body, "</svg>"])
