"""The module with the web components, and the style sheet that keeps their places: what a municipal
site links."""

from functools import lru_cache
from importlib.resources import files
from typing import Final

import orjson
from fastapi import APIRouter, Request
from starlette.responses import Response

from klima_controlling.base.routes import context_of
from klima_shared.http.problems import serving

router = APIRouter(tags=["embeds"])
_STATIC: Final = files("klima_controlling.website") / "static"
_HEADERS: Final = {
    "Cache-Control": "public, max-age=3600",
    "Cross-Origin-Resource-Policy": "cross-origin",
}


@lru_cache(maxsize=8)
def module(balance: str, measures: str) -> bytes:
    """klima.js with the addresses of this installation; one that is empty is taken from the
    module's own origin."""
    source = (_STATIC / "klima.js").read_bytes()
    services = orjson.dumps({"balance": balance, "measures": measures})
    return source.replace(b"/*services*/ {}", services)


@lru_cache(maxsize=1)
def reserves() -> bytes:
    return (_STATIC / "klima.css").read_bytes()


@router.get(
    "/embed/klima.js", summary="The web components as an ES module", **serving("text/javascript")
)
async def get_embed_module(request: Request) -> Response:
    """`<klima-balance region="05974040">` and its siblings; also fits the height of iframes with
    `data-klima`."""
    context = context_of(request)
    content = module(context.balance_public_url, context.measures_public_url)
    return Response(content, media_type="text/javascript; charset=utf-8", headers=_HEADERS)


@router.get("/embed/klima.css", summary="Places kept for the web components", **serving("text/css"))
async def get_embed_style() -> Response:
    """With it, nothing on the page moves when the components fill in."""
    return Response(reserves(), media_type="text/css; charset=utf-8", headers=_HEADERS)
