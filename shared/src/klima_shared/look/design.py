"""The colours of everything citizens see, once for all services, and the security policy of pages.

A town sets its own `--klima-…` properties around an embed. Contrasts on white and on the dark
ground were computed: text 4.5 or better, graphics 3 or better.
"""

import base64
import csv
import hashlib
from collections.abc import Sequence
from importlib.resources import files
from typing import Final

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
