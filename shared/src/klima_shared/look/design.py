"""The colours and status symbols of everything citizens see, once for all services, and the
security policy of pages.

A town sets its own `--klima-…` properties around an embed. Contrasts on white and on the dark
ground were computed: text 4.5 or better, graphics 3 or better.
"""

import base64
import csv
import hashlib
from collections.abc import Sequence
from importlib.resources import files
from typing import Final

from markupsafe import Markup

from klima_shared.codes.energy import Block, Sector

# The colours of series in charts come with the sectors and blocks of a balance.
_SERIES: Final = [part for part in (*Sector, *Block) if part.colour]
SERIES: Final = tuple(part.value for part in _SERIES)
with (files("klima_shared.look") / "colours.csv").open(encoding="utf-8") as _file:
    _COLOURS: Final = list(csv.DictReader(_file))
LIGHT: Final = {row["name"]: row["light"] for row in _COLOURS} | {
    part.value: part.colour for part in _SERIES
}
DARK: Final = {row["name"]: row["dark"] for row in _COLOURS} | {
    part.value: part.colour_dark for part in _SERIES
}

# Shapes of states, so that none is told by colour alone; the word stands beside each. Circle: on
# track. Triangle: at risk. Square: late or missed. Ring: unknown. Dash: not begun. Tick: done. The
# states of measures and the lights of targets share them.
_SHAPES: Final = {
    "circle": Markup('<circle cx="8" cy="8" r="7"/>'),
    "triangle": Markup('<path d="M8 1 15.5 15H.5z"/>'),
    "square": Markup('<rect x="1" y="1" width="14" height="14"/>'),
    "ring": Markup(
        '<circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" stroke-width="2.2"/>'
    ),
    "dash": Markup('<path d="M2 8H14" stroke="currentColor" stroke-width="3"/>'),
    "tick": Markup(
        '<path d="M2 8.5 6.5 13 14 3.5" fill="none" stroke="currentColor" stroke-width="3"/>'
    ),
}
_SYMBOLS: Final = {
    "green": ("circle", "green"),
    "on_track": ("circle", "green"),
    "yellow": ("triangle", "yellow"),
    "at_risk": ("triangle", "yellow"),
    "red": ("square", "red"),
    "late": ("square", "red"),
    "achieved": ("tick", "green"),
    "not_started": ("dash", "soft"),
}


def style_hash(css: str) -> str:
    """The CSP source expression that allows this one `<style>` and no other."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()}'"


def page_policy(css: str, *, frame_ancestors: Sequence[str], script: str = "'none'") -> str:
    """Content-Security-Policy of a page of ours: nothing from elsewhere, its own style, and who may
    embed it."""
    ancestors = " ".join(frame_ancestors) or "'none'"
    return (
        f"default-src 'none'; style-src {style_hash(css)}; img-src 'self' data:;"
        f" script-src {script}; base-uri 'none'; form-action 'none'; frame-ancestors {ancestors}"
    )


def status_symbol(code: str) -> Markup:
    """The symbol of a measure's status or a target's light."""
    shape, colour = _SYMBOLS.get(code, ("ring", "soft"))
    symbol = Markup('<svg class="mark {}" viewBox="0 0 16 16" aria-hidden="true">{}</svg>')
    return symbol.format(colour, _SHAPES[shape])
