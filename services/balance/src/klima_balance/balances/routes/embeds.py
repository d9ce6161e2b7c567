"""What other sites embed of the balance service: page, table or picture of the same widget."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Query
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.responses import HTMLResponse, Response

from klima_balance.balances.pages import balance_widget, renewables_widget
from klima_balance.balances.queries import balances
from klima_balance.balances.routes.documents import loaded, no_balance
from klima_balance.regions.routes.common import AgsPath
from klima_shared.database.connections import Read
from klima_shared.http.cache import CachedRoute
from klima_shared.http.problems import problem_responses
from klima_shared.language.numbers import Lang
from klima_shared.look.embeds import EmbedRequest, Widget
from klima_shared.wire.json import Json, JsonObject

router = APIRouter(tags=["embeds"], route_class=CachedRoute)

Year = Annotated[int | None, Query(ge=1990, le=2100, description="the newest by default")]
_PICTURE: dict[int | str, JsonObject] = {
    200: {"content": {"image/svg+xml": {"schema": {"type": "string"}}}}
}


async def _widget(
    read: AsyncConnection,
    ags: str,
    year: int | None,
    lang: Lang,
    make: Callable[[Json, Lang], Widget],
) -> Widget:
    rows = await balances.newest_documents(
        read, [ags], year or await balances.newest_year(read, ags)
    )
    if not rows:
        raise await no_balance(read, ags, year)
    return make(loaded(rows[-1], lang), lang)


@router.get(
    "/embed/balance/{ags}",
    summary="Balance of a region to embed",
    response_class=HTMLResponse,
    responses={**problem_responses(404, 422), **_PICTURE},
)
async def get_balance_embed(
    ags: AgsPath, read: Read, embed: EmbedRequest, year: Year = None
) -> Response:
    """For an iframe on a municipal site, for the web component `klima-balance`, or as plain picture
    and table."""
    return embed.respond(await _widget(read, ags, year, embed.lang, balance_widget))


@router.get(
    "/embed/renewables/{ags}",
    summary="Renewable power of a region to embed",
    response_class=HTMLResponse,
    responses={**problem_responses(404, 422), **_PICTURE},
)
async def get_renewables_embed(
    ags: AgsPath, read: Read, embed: EmbedRequest, year: Year = None
) -> Response:
    """As the balance: generation by technology beside the local electricity use."""
    return embed.respond(await _widget(read, ags, year, embed.lang, renewables_widget))
