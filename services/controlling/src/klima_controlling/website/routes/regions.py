"""The public pages: the county and each municipality. No script, no cookie."""

from __future__ import annotations

from collections import OrderedDict
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from starlette.responses import HTMLResponse

from klima_controlling.context import frame_of
from klima_controlling.shapes import AgsPath
from klima_controlling.website.pages import Page, region_page
from klima_controlling.website.templating import CSS, render
from klima_shared.codes.lists import Sector
from klima_shared.database.connections import database_of
from klima_shared.http.problems import problem_responses
from klima_shared.language.numbers import long_date
from klima_shared.language.reader import ReaderLang
from klima_shared.language.text import Text
from klima_shared.look.design import page_policy

router = APIRouter(tags=["pages"])

LangQuery = Annotated[
    Literal["de", "en"] | None, Query(description="language of the page, before Accept-Language")
]
_TECHNOLOGIES = {
    "photovoltaics": Text("Photovoltaik", "Photovoltaics"),
    "wind": Text("Windenergie", "Wind power"),
    "biomass": Text("Biomasse", "Biomass"),
    "hydro": Text("Wasserkraft", "Hydro power"),
}


_KEPT = 64  # written pages; a county has fifteen in two languages


def _page(request: Request, page: Page) -> HTMLResponse:
    """The page, written anew only when something on it has changed."""
    written: OrderedDict[bytes, bytes] = request.app.state.pages
    key = page.key
    content = written.get(key)
    if content is None:
        content = written[key] = _written(page).encode()
        while len(written) > _KEPT:
            written.popitem(last=False)
    headers = {
        "Content-Security-Policy": page_policy(CSS, frame_ancestors=()),
        "Content-Language": page.lang,
    }
    if page.passing:
        headers["Cache-Control"] = "public, max-age=10"
    return HTMLResponse(content, headers=headers)


def _written(page: Page) -> str:
    lang = page.lang
    highest = max((m["per"] for m in page.members if m["per"] is not None), default=0.0)

    def technology(row: dict[str, Any]) -> str:
        known = _TECHNOLOGIES.get(row["category"])
        return known.get(lang) if known else str(row["label"])

    return render(
        "region.html",
        lang,
        css=CSS,
        long_date=lambda day: long_date(day, lang),
        axis_end=highest * 1.05,
        sector_label=lambda code: Sector(code).label(lang),
        technology=technology,
        **page.values,
    )


@router.get(
    "/",
    summary="The county on one page",
    response_class=HTMLResponse,
    responses=problem_responses(404, 503),
)
async def show_county(request: Request, reader: ReaderLang, lang: LangQuery = None) -> HTMLResponse:
    """Balance by sector, targets with lights, measures, renewables, municipalities; also without
    another service."""
    frame = frame_of(request)
    page = await region_page(database_of(request), frame, frame.county, lang or reader)
    return _page(request, page)


@router.get(
    "/regionen/{ags}",
    summary="A region on one page",
    response_class=HTMLResponse,
    responses=problem_responses(404, 422, 503),
)
async def show_region(
    request: Request, ags: AgsPath, reader: ReaderLang, lang: LangQuery = None
) -> HTMLResponse:
    """As the county's page, for a municipality."""
    page = await region_page(database_of(request), frame_of(request), ags, lang or reader)
    return _page(request, page)
