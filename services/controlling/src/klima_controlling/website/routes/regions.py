"""The public pages: the county and each municipality. No script, no cookie."""

from collections import OrderedDict
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from starlette.responses import HTMLResponse

from klima_controlling.base.routes import AgsPath, context_of
from klima_controlling.website.actions import region_page
from klima_controlling.website.model import Page
from klima_controlling.website.pages import page_css, region_html
from klima_shared.database.connections import database_of
from klima_shared.http.language import RequestLanguage
from klima_shared.http.problems import problem_responses
from klima_shared.look.design import page_policy

router = APIRouter(tags=["pages"])

LangQuery = Annotated[
    Literal["de", "en"] | None, Query(description="language of the page, before Accept-Language")
]
_KEPT = 64  # written pages; a county has fifteen in two languages


def _page(request: Request, page: Page) -> HTMLResponse:
    """The page, written anew only when something on it has changed."""
    written: OrderedDict[bytes, bytes] = request.app.state.pages
    key = page.key
    content = written.get(key)
    if content is None:
        content = written[key] = region_html(page).encode()
        while len(written) > _KEPT:
            written.popitem(last=False)
    headers = {
        "Content-Security-Policy": page_policy(page_css(), frame_ancestors=()),
        "Content-Language": page.lang,
    }
    if page.passing:
        headers["Cache-Control"] = "public, max-age=10"
    return HTMLResponse(content, headers=headers)


@router.get(
    "/",
    summary="The county on one page",
    response_class=HTMLResponse,
    responses=problem_responses(404, 503),
)
async def get_county(
    request: Request, reader: RequestLanguage, lang: LangQuery = None
) -> HTMLResponse:
    """Balance by sector, targets with lights, measures, renewables, municipalities; also without
    another service."""
    context = context_of(request)
    page = await region_page(database_of(request), context, context.county, lang or reader)
    return _page(request, page)


@router.get(
    "/regionen/{ags}",
    summary="A region on one page",
    response_class=HTMLResponse,
    responses=problem_responses(404, 422, 503),
)
async def get_region(
    request: Request, ags: AgsPath, reader: RequestLanguage, lang: LangQuery = None
) -> HTMLResponse:
    """As the county's page, for a municipality."""
    page = await region_page(database_of(request), context_of(request), ags, lang or reader)
    return _page(request, page)
