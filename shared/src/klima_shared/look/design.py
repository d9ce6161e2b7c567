"""The look of everything citizens see, once for all services: colours as CSS custom properties,
base rules, CSP.

A town sets its own `--klima-…` properties around an embed. Contrasts on white and on the dark
ground were computed: text 4.5 or better, graphics 3 or better.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from typing import Final

from klima_shared.codes.energy import Block, Sector

LIGHT: Final[dict[str, str]] = {
    "ink": "#16211c",
    "soft": "#55635c",
    "line": "#d8dfda",
    "paper": "#ffffff",
    "wash": "#f4f7f5",
    "brand": "#0b6b53",
    **{part.value: part.colour for part in (*Sector, *Block) if part.colour},
    "green": "#1b7f3b",
    "yellow": "#946200",
    "red": "#b3261e",
}
DARK: Final[dict[str, str]] = {
    "ink": "#eef3f0",
    "soft": "#b4c1ba",
    "line": "#3b4741",
    "paper": "#151b18",
    "wash": "#0e1311",
    "brand": "#63cdb1",
    **{part.value: part.colour_dark for part in (*Sector, *Block) if part.colour_dark},
    "green": "#5cc47d",
    "yellow": "#e0aa3e",
    "red": "#f2837b",
}


def _properties(colours: dict[str, str]) -> str:
    return "".join(f"--klima-{name.replace('_', '-')}:{value};" for name, value in colours.items())


TOKENS_CSS: Final = (
    f":root{{color-scheme:light dark;{_properties(LIGHT)}"
    '--klima-font:system-ui,"Segoe UI",Roboto,"Helvetica Neue","DejaVu Sans",sans-serif}'
    f"@media(prefers-color-scheme:dark){{:root{{{_properties(DARK)}}}}}"
    f"@media print{{:root{{{_properties(LIGHT)}--klima-wash:#fff}}}}"
)

PAGE_CSS: Final = (
    TOKENS_CSS
    + """
*{box-sizing:border-box}
body{margin:0;font:17px/1.55 var(--klima-font);color:var(--klima-ink);background:var(--klima-wash)}
body{font-variant-numeric:tabular-nums}
a{color:var(--klima-brand)}
:focus-visible{outline:3px solid var(--klima-brand);outline-offset:2px}
h1{font-size:1.9rem;line-height:1.15;margin:.3rem 0 .2rem}
h2{font-size:1.25rem;margin:0 0 .75rem}
.soft{color:var(--klima-soft)}
.card{background:var(--klima-paper);border:1px solid var(--klima-line);border-radius:.6rem;padding:1rem 1.15rem}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(13rem,1fr));gap:1rem}
.figure{font-size:1.9rem;font-weight:650;line-height:1.15;overflow-wrap:anywhere}
.figure small{font-size:1rem;font-weight:400;color:var(--klima-soft)}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%}
caption{text-align:left;color:var(--klima-soft);font-size:.9rem;padding-bottom:.3rem}
th,td{padding:.35rem .5rem;border-bottom:1px solid var(--klima-line);text-align:right;vertical-align:top}
th:first-child,td:first-child{text-align:left}
th{font-weight:600}
thead th{color:var(--klima-soft);font-size:.9rem}
footer{color:var(--klima-soft);font-size:.9rem}
summary{cursor:pointer;color:var(--klima-brand)}
@media(prefers-reduced-motion:reduce){*{animation:none!important;transition:none!important}}
@media print{body{background:#fff;font-size:10.5pt}.card{border-color:#999;break-inside:avoid}}
"""
)


def style_hash(css: str) -> str:
    """The CSP source expression that allows this one `<style>` and no other."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()}'"


def page_policy(css: str, *, frame_ancestors: Sequence[str], script: str = "'none'") -> str:
    """Content-Security-Policy of a page of ours: nothing from elsewhere, its own style, and who may
    embed it."""
    ancestors = " ".join(frame_ancestors) or "'none'"
    return (
        f"default-src 'none'; style-src {style_hash(css)}; img-src 'self' data:; script-src {script}; base-uri 'none';"
        f" form-action 'none'; frame-ancestors {ancestors}"
    )
