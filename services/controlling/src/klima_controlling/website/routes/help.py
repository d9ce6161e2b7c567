"""Pages for people who build something with the data: programmers and web editors."""

from __future__ import annotations

import re
from functools import lru_cache
from html import escape
from importlib.resources import files
from typing import Final

from fastapi import APIRouter, Request
from markdown_it import MarkdownIt
from starlette.responses import HTMLResponse

from klima_controlling.context import frame_of
from klima_shared.look.design import PAGE_CSS, page_policy
from klima_shared.open_data.routes import base_of

router = APIRouter(tags=["pages"])
CSS: Final = PAGE_CSS + (
    "main{max-width:52rem;margin:0 auto;padding:1rem 1.25rem;overflow-wrap:break-word}h2{margin-top:2rem}"
    "pre{background:var(--klima-paper);border:1px solid var(--klima-line);border-radius:.6rem;padding:.7rem .9rem;"
    "overflow-x:auto;font-size:.88rem;line-height:1.45}"
    "code{font-family:ui-monospace,Consolas,'DejaVu Sans Mono',monospace;font-size:.92em}"
    ".scroll{margin:.6rem 0}th,td,th:first-child,td:first-child{text-align:left}td code{white-space:nowrap}"
    ".label{color:var(--klima-soft);font-size:.85rem;margin:.8rem 0 .2rem}"
)
_LABELS: Final = {
    "bash": "Kommandozeile (curl)",
    "python": "Python",
    "javascript": "JavaScript",
    "html": "HTML",
}
_PORTS: Final = {"balance": "8001", "measures": "8002", "controlling": "8003"}


@lru_cache(maxsize=16)
def page(name: str, balance: str, measures: str, controlling: str) -> str:
    """A text of `pages/content` as a page, with this installation's addresses in its examples."""
    text = (files("klima_controlling.website") / "content" / f"{name}.md").read_text(
        encoding="utf-8"
    )
    for service, address in (
        ("balance", balance),
        ("measures", measures),
        ("controlling", controlling),
    ):
        text = text.replace(f"http://127.0.0.1:{_PORTS[service]}", address or controlling)
    body = MarkdownIt("commonmark", {"html": False}).enable("table").render(text)
    title = text.partition("\n")[0].lstrip("# ")
    body = re.sub(r"<h2>(.*?)</h2>", lambda m: f'<h2 id="{_anchor(m[1])}">{m[1]}</h2>', body)
    tables = iter(range(100))
    body = re.sub(
        r"<table>",
        lambda _: (
            f'<div class="scroll" tabindex="0" role="group" aria-label="Tabelle {next(tables) + 1}"><table>'
        ),
        body,
    )
    body = body.replace("</table>", "</table></div>")
    body = re.sub(r'<pre><code class="language-(\w+)">', _code, body)
    return (
        '<!doctype html><html lang="de"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,'
        f'initial-scale=1"><title>{escape(title)} · Klimakreis</title><link rel="icon" href="data:,"><style>{CSS}</style>'
        f"</head><body><main>{body}</main></body></html>"
    )


def _anchor(heading: str) -> str:
    plain = re.sub(r"<.*?>", "", heading).lower()
    for umlaut, two in (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("ß", "ss")):
        plain = plain.replace(umlaut, two)
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def _code(found: re.Match[str]) -> str:
    label = _LABELS.get(found[1], found[1])
    return f'<p class="label">{label}</p><pre tabindex="0" role="group" aria-label="Beispiel: {label}"><code>'


def _answer(request: Request, name: str) -> HTMLResponse:
    frame = frame_of(request)
    content = page(name, frame.balance_public_url, frame.measures_public_url, base_of(request))
    return HTMLResponse(
        content,
        headers={
            "Content-Security-Policy": page_policy(CSS, frame_ancestors=()),
            "Content-Language": "de",
        },
    )


@router.get(
    "/entwickler", summary="The three interfaces with examples", response_class=HTMLResponse
)
async def show_api_page(request: Request) -> HTMLResponse:
    """The same text as docs/api.md, with this installation's addresses."""
    return _answer(request, "api")


@router.get(
    "/einbetten", summary="How a municipal site embeds the figures", response_class=HTMLResponse
)
async def show_embed_page(request: Request) -> HTMLResponse:
    """For web editors: three ways, to copy."""
    return _answer(request, "embed")
