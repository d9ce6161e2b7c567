"""Widgets for other sites: one content, shown as a page for an iframe, as a web component, or as
picture and table.

The page of a widget is complete without script. Its one script tells the height to the page around
it, and only when that page asks and is of an origin that the configuration lets embed us.
`klima.js` takes what is inside `<main>` of the same page into a shadow root, so there is one
content and one style; see docs/decisions/0090.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from html import escape
from typing import Annotated, Any, Final, Literal
from zoneinfo import ZoneInfo

import orjson
from fastapi import Query, Request
from starlette.responses import HTMLResponse, Response

from klima_shared.language.numbers import Lang
from klima_shared.language.text import Label
from klima_shared.look.design import DARK, LIGHT, page_policy, style_hash
from klima_shared.look.svg import CHART_CSS

View = Literal["page", "table", "svg"]
ViewQuery = Annotated[
    View,
    Query(
        description="page: for an iframe; table: plain HTML to take over; svg: the picture alone"
    ),
]
LangQuery = Annotated[
    Literal["de", "en"] | None, Query(description="language, before Accept-Language")
]

MAX_AGE: Final = 300
_BERLIN: Final = ZoneInfo("Europe/Berlin")
_NAMES = {**LIGHT, "note": "#fdf4dc"}
_DARK_NAMES = {**DARK, "note": "#3a3013"}


def _properties(colours: Mapping[str, str]) -> str:
    return "".join(f"--klima-{name.replace('_', '-')}:{value};" for name, value in colours.items())


# `:host` beside `:root`: the same sheet serves a page and a shadow root. klima.js leaves out what a
# town sets itself.
EMBED_CSS: Final = (
    f":root,:host{{color-scheme:light dark;{_properties(_NAMES)}"
    '--klima-font:system-ui,"Segoe UI",Roboto,"Helvetica Neue","DejaVu Sans",sans-serif;--klima-radius:.6rem;}'
    f"@media(prefers-color-scheme:dark){{:root,:host{{{_properties(_DARK_NAMES)}}}}}"
    f"@media print{{:root,:host{{{_properties(_NAMES)}}}}}"
    "*{box-sizing:border-box}body{margin:0;background:var(--klima-paper)}"
    ":host{display:block}:host([hidden]){display:none}"
    ".kw{font:1rem/1.5 var(--klima-font);color:var(--klima-ink);background:var(--klima-paper);border:1px solid "
    "var(--klima-line);border-radius:var(--klima-radius);padding:1rem 1.1rem;font-variant-numeric:tabular-nums;"
    "overflow-wrap:break-word;container-type:inline-size}"
    ".kw a{color:var(--klima-brand)}.kw :focus-visible{outline:3px solid var(--klima-brand);outline-offset:2px}"
    ".kw :is(h1,h2,h3,h4){line-height:1.2;margin:0 0 .5rem;font-weight:650;text-wrap:balance;hyphens:auto}"
    ".kw .kt{font-size:1.3rem}.kw .ks{font-size:1.02rem;margin:.9rem 0 .2rem}"
    ".kw p{margin:.2rem 0 .6rem}.kw .soft{color:var(--klima-soft)}"
    ".kw .cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(9.5rem,1fr));gap:.7rem 1.2rem;margin:0 0 .8rem}"
    ".kw .figure{font-size:1.55rem;font-weight:650;line-height:1.15;overflow-wrap:anywhere}"
    ".kw .figure small{font-size:.95rem;font-weight:400;color:var(--klima-soft)}"
    ".kw .kc{width:100%;height:auto;display:block}.kw .only-narrow{display:none}"
    "@container(max-width:33rem){.kw .only-wide{display:none}.kw .only-narrow{display:block}}"
    ".kw .scroll{overflow-x:auto}.kw table{border-collapse:collapse;width:100%;font-size:.93rem;margin:.2rem 0 .6rem}"
    ".kw caption{text-align:left;color:var(--klima-soft);padding-bottom:.2rem}"
    ".kw :is(th,td){padding:.28rem .4rem;border-bottom:1px solid var(--klima-line);text-align:right;vertical-align:top}"
    ".kw :is(th,td):first-child{text-align:left}.kw th{font-weight:600}.kw table.text :is(th,td){text-align:left}"
    ".kw thead th{color:var(--klima-soft);font-size:.87rem}"
    ".kw summary{cursor:pointer;color:var(--klima-brand);padding:.2rem 0}.kw details{margin:.3rem 0}"
    ".kw ul.list{list-style:none;margin:0;padding:0}"
    ".kw ul.list>li{padding:.45rem 0;border-bottom:1px solid var(--klima-line)}"
    ".kw .row{display:flex;flex-wrap:wrap;justify-content:space-between;gap:.1rem 1rem}"
    ".kw .light{display:inline-flex;align-items:baseline;gap:.4rem;font-weight:600;white-space:nowrap}"
    ".kw .mark{width:.85em;height:.85em;flex:none;fill:currentColor}"
    + "".join(
        f".kw .mark.{n}{{color:var(--klima-{n})}}" for n in ("green", "yellow", "red", "soft")
    )
    + ".kw .note{background:var(--klima-note);border-left:.3rem solid var(--klima-yellow);padding:.4rem .7rem;margin:0 0 .7rem}"
    ".kw dl{display:grid;grid-template-columns:max-content 1fr;gap:.15rem 1rem;margin:.2rem 0 .6rem}"
    ".kw dt{color:var(--klima-soft)}.kw dd{margin:0}"
    ".kw .foot{color:var(--klima-soft);font-size:.86rem;margin:.7rem 0 0}"
    "@container(max-width:24rem){.kw dl{grid-template-columns:1fr}.kw dd{margin-bottom:.3rem}}"
    ".kw ul.counts{display:flex;flex-wrap:wrap;gap:.2rem 1.3rem;list-style:none;margin:0 0 .6rem;padding:0}"
    ".kw .kc.fixed,.kw .fixed .kc{max-width:30rem}.kc .g{stroke:var(--klima-line)}"
    ".kc .actual{fill:none;stroke:var(--klima-ink);stroke-width:3.5}.kc .dot{fill:var(--klima-ink)}"
    ".kc .path{fill:none;stroke:var(--klima-brand);stroke-width:2.5}"
    ".kc .path2{fill:none;stroke:var(--klima-soft);stroke-width:2.5}.kc .n{fill:var(--klima-brand)}"
    ".kc .band{fill:var(--klima-soft);fill-opacity:.15}"
    "@media(prefers-reduced-motion:reduce){*{animation:none!important;transition:none!important}}"
    "@media print{.kw{border-color:#999;break-inside:avoid;font-size:10pt}.kw summary{list-style:none}"
    # on paper nothing can be opened
    ".kw details::details-content{content-visibility:visible;block-size:auto}}" + CHART_CSS
)


@dataclass(frozen=True)
class Source:
    """What stands under every widget: where the figures come from, of when they are, what may be
    done with them."""

    attribution: str
    as_of: str
    licence: str
    licence_url: str
    links: Sequence[tuple[str, str]] = ()

    def html(self, lang: Lang) -> str:
        words = Label("Quelle|Stand|Lizenz", "Source|As of|Licence").get(lang).split("|")
        links = "".join(
            f' · <a href="{escape(url)}" target="_top">{escape(word)}</a>'
            for word, url in self.links
        )
        return (
            f'<p class="foot">{words[0]}: {escape(self.attribution)} · {words[1]}: {escape(self.as_of)} · {words[2]}: '
            f'<a href="{escape(self.licence_url)}" rel="license" target="_top">{escape(self.licence)}</a>{links}</p>'
        )


@dataclass(frozen=True)
class Widget:
    """One widget's content. `body` and `table` are markup of ours in which everything foreign is
    escaped.

    `body` stands between the title and the source; it has the table too. `svg` is a whole file,
    None without a picture.
    """

    lang: Lang
    title: str
    body: str
    table: str
    source: Source
    svg: str | None = None


def table_html(
    caption: str, head: Sequence[str], rows: Sequence[Sequence[str]], *, text: bool = False
) -> str:
    """A table with caption and scopes; the first column names the row. `text`: no column of
    figures. Escapes all."""
    heads = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in head)
    lines = "".join(
        f'<tr><th scope="row">{escape(row[0])}</th>{"".join(f"<td>{escape(c)}</td>" for c in row[1:])}</tr>'
        for row in rows
    )
    opened = '<table class="text">' if text else "<table>"
    return f"{opened}<caption>{escape(caption)}</caption><thead><tr>{heads}</tr></thead><tbody>{lines}</tbody></table>"


def folded(table: str, lang: Lang) -> str:
    """The table behind a line to open; a wide one scrolls in its own box, by keyboard too."""
    word = Label("Zahlen als Tabelle", "Figures as a table").get(lang)
    return f"<details><summary>{word}</summary>{_scrolling(table, word)}</details>"


def _scrolling(content: str, name: str) -> str:
    return (
        f'<div class="scroll" tabindex="0" role="group" aria-label="{escape(name)}">{content}</div>'
    )


def respond(request: Request, widget: Widget, view: View, *, max_age: int = MAX_AGE) -> Response:
    """The widget as asked for, with its Content-Security-Policy. Without a picture `svg` is the
    table."""
    ancestors: tuple[str, ...] = tuple(request.app.state.settings.frame_ancestors)
    headers = {"Content-Language": widget.lang, "Cache-Control": f"public, max-age={max_age}"}
    if view == "svg" and widget.svg is not None:
        headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'"
        return Response(widget.svg, media_type="image/svg+xml", headers=headers)
    script = height_script(ancestors) if view == "page" else ""
    headers["Content-Security-Policy"] = policy(ancestors, script)
    return HTMLResponse(
        document(widget, "" if view == "page" else _scrolling(widget.table, widget.title), script),
        headers=headers,
    )


@lru_cache(maxsize=32)
def policy(ancestors: tuple[str, ...], script: str) -> str:
    return page_policy(
        EMBED_CSS, frame_ancestors=ancestors, script=style_hash(script) if script else "'none'"
    )


def document(widget: Widget, content: str = "", script: str = "") -> str:
    """The widget's page; `content` instead of its body."""
    return (
        f'<!doctype html><html lang="{widget.lang}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1"><meta name="robots" content="noindex">'
        f'<title>{escape(widget.title)}</title><link rel="icon" href="data:,"><style>{EMBED_CSS}</style></head><body>'
        f'<main class="kw"><h1 class="kt">{escape(widget.title)}</h1>{content or widget.body}{widget.source.html(widget.lang)}'
        f"</main>{f'<script>{script}</script>' if script else ''}</body></html>"
    )


@lru_cache(maxsize=32)
def height_script(ancestors: tuple[str, ...]) -> str:
    """Says "ready" (nothing else) to the page around, and its height to one that asks and may embed
    us."""
    patterns = (
        orjson.dumps([p for a in ancestors if (p := _pattern(a))]).decode().replace("</", "<\\/")
    )
    return (
        f"(()=>{{if(parent===window)return;const A={patterns},P=new Set,"
        "ok=o=>A.some(a=>a===\"'self'\"?o===location.origin:new RegExp(a).test(o)),"
        'send=()=>P.forEach(o=>parent.postMessage({klima:"height",height:Math.ceil(document.documentElement.getBoundingClientRect().height)},o));'
        'addEventListener("message",e=>{if(e.source===parent&&e.data&&e.data.klima==="height?"&&ok(e.origin)){P.add(e.origin);send()}});'
        'new ResizeObserver(send).observe(document.documentElement);parent.postMessage({klima:"ready"},"*")})()'
    )


def _pattern(ancestor: str) -> str | None:
    """A source expression of `frame-ancestors` as a regular expression for origins."""
    if ancestor == "*":
        return "^https?://"
    if ancestor == "'self'":
        return ancestor
    found = re.fullmatch(
        r"(?:(https?)://)?(\*\.)?([A-Za-z0-9.-]+)(:[0-9]+|:\*)?", ancestor.rstrip("/")
    )
    if found is None:  # 'none', or a scheme alone: nobody is told
        return None
    scheme, any_sub, host, port = found.groups()
    ports = "" if port is None else "(:[0-9]+)?" if port == ":*" else port
    return f"^{scheme or 'https?'}://{'[^/]+[.]' if any_sub else ''}{re.escape(host)}{ports}$"


def escaped(values: Mapping[str, Any]) -> dict[str, str]:
    """Every value as escaped text, for filling a template string."""
    return {name: escape(str(value)) for name, value in values.items()}


def day_of(moment: str) -> date:
    """The day of an RFC 3339 moment where the municipalities are."""
    return datetime.fromisoformat(moment).astimezone(_BERLIN).date()
