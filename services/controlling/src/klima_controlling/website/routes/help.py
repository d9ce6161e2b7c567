"""Pages for people who build something with the data: programmers and web editors."""

import re
from functools import lru_cache
from importlib.resources import files
from itertools import pairwise
from typing import Final

from fastapi import APIRouter, Request
from markdown_it import MarkdownIt
from markdown_it.token import Token
from starlette.responses import HTMLResponse

from klima_controlling.base.routes import context_of
from klima_controlling.website.pages import PACKAGE
from klima_shared.look.design import page_policy
from klima_shared.look.templates import compact, render
from klima_shared.open_data.routes import base_of

router = APIRouter(tags=["pages"])
_PORTS: Final = {"balance": "8001", "measures": "8002", "controlling": "8003"}
_UMLAUTS: Final = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})


@lru_cache(maxsize=16)
def page(name: str, balance: str, measures: str, controlling: str) -> str:
    """A text of `content` as a page, with this installation's addresses in its examples."""
    text = (files(PACKAGE) / "content" / f"{name}.md").read_text(encoding="utf-8")
    addresses = {"balance": balance, "measures": measures, "controlling": controlling}
    for service, address in addresses.items():
        text = text.replace(f"http://127.0.0.1:{_PORTS[service]}", address or controlling)
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")

    def html_of(token: Token) -> str:
        return str(markdown.renderer.render([token], markdown.options, {}))

    tokens = markdown.parse(text)
    for token, following in pairwise(tokens):
        if token.type == "heading_open" and token.tag == "h2":
            token.attrSet("id", _anchor(html_of(following)))
    return render(
        PACKAGE,
        "help.html",
        "de",
        css=compact("help.css", PACKAGE),
        title=text.partition("\n")[0].lstrip("# "),
        tokens=tokens,
        html_of=html_of,
    )


def _anchor(heading: str) -> str:
    plain = re.sub(r"<[^<>]*>", "", heading).lower().translate(_UMLAUTS)
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def _answer(request: Request, name: str) -> HTMLResponse:
    context = context_of(request)
    content = page(name, context.balance_public_url, context.measures_public_url, base_of(request))
    return HTMLResponse(
        content,
        headers={
            "Content-Security-Policy": page_policy(
                compact("help.css", PACKAGE), frame_ancestors=()
            ),
            "Content-Language": "de",
        },
    )


@router.get(
    "/entwickler", summary="The three interfaces with examples", response_class=HTMLResponse
)
async def get_api_page(request: Request) -> HTMLResponse:
    """The same text as docs/api.md, with this installation's addresses."""
    return _answer(request, "api")


@router.get(
    "/einbetten", summary="How a municipal site embeds the figures", response_class=HTMLResponse
)
async def get_embed_page(request: Request) -> HTMLResponse:
    """For web editors: three ways, to copy."""
    return _answer(request, "embed")
