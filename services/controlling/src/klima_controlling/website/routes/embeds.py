"""What other sites embed of the controlling service: a region's targets, their lights and the
path."""

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, Response

from klima_controlling.base.routes import AgsPath, context_of
from klima_controlling.website.actions import region_page
from klima_controlling.website.pages import status_widget
from klima_shared.database.connections import database_of
from klima_shared.http.cache import CachedRoute
from klima_shared.http.problems import problem_responses
from klima_shared.look.embeds import MAX_AGE, EmbedRequest

router = APIRouter(tags=["embeds"], route_class=CachedRoute)
_STALE_SECONDS = 10


@router.get(
    "/embed/status/{ags}",
    summary="Targets and lights of a region to embed",
    response_class=HTMLResponse,
    responses={
        **problem_responses(404, 422, 503),
        200: {"content": {"image/svg+xml": {"schema": {"type": "string"}}}},
    },
)
async def get_status_embed(request: Request, ags: AgsPath, embed: EmbedRequest) -> Response:
    """For an iframe, for the web component `klima-status`, or as plain picture and table."""
    context = context_of(request)
    page = await region_page(database_of(request), context, ags, embed.lang, full=False)
    age = _STALE_SECONDS if page.passing else MAX_AGE
    return embed.respond(status_widget(page, embed.lang), max_age=age)
