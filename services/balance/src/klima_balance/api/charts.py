"""Pictures and the embeddable page of published balances."""

from __future__ import annotations

from typing import Annotated, Literal

import orjson
from fastapi import APIRouter, Query, Request
from starlette.responses import HTMLResponse, Response

from klima_balance.api.common import AgsPath, YearPath, region_or_404
from klima_balance.api.documents import loaded, no_balance
from klima_balance.charts.balance import bars, timeline
from klima_balance.pages import CSS, balance_page
from klima_balance.storage import balances
from klima_shared.database import Read
from klima_shared.design import page_policy
from klima_shared.i18n import Lang
from klima_shared.problems import problem_responses
from klima_shared.reader import ReaderLang

router = APIRouter(tags=["charts"])

LangQuery = Annotated[Literal["de", "en"] | None, Query(description="language of the picture, before Accept-Language")]


@router.get(
    "/v1/regions/{ags}/balances/{year}/chart.svg", summary="Picture of a balance", response_class=Response,
    responses={200: {"content": {"image/svg+xml": {"schema": {"type": "string"}}}}, **problem_responses(404, 422)},
)  # fmt: skip
async def get_chart(
    ags: AgsPath,
    year: YearPath,
    read: Read,
    reader: ReaderLang,
    by: Literal["sector", "carrier", "timeline"] = "sector",
    lang: LangQuery = None,
) -> Response:
    """SVG with title, description and the numbers beside the bars; `timeline` shows all years up to the asked one."""
    await region_or_404(read, ags)
    rows = await balances.newest_documents(read, [ags], None if by == "timeline" else year)
    documents = [orjson.loads(row.document) for row in rows if row.year <= year]
    if not documents or documents[-1]["year"] != year:
        raise no_balance(ags, year)
    language: Lang = lang or reader
    picture = timeline(documents, language) if by == "timeline" else bars(documents[-1], by, language)
    headers = {"Content-Language": language, "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"}
    return Response(picture, media_type="image/svg+xml", headers=headers)


@router.get(
    "/embed/balance/{ags}", summary="Embeddable page of a balance", response_class=HTMLResponse,
    responses=problem_responses(404, 422),
)  # fmt: skip
async def get_balance_embed(
    request: Request,
    ags: AgsPath,
    read: Read,
    reader: ReaderLang,
    year: Annotated[int | None, Query(ge=1990, le=2100, description="the newest by default")] = None,
    lang: LangQuery = None,
) -> HTMLResponse:
    """For an iframe on a municipal site: no script, no cookie, nothing from elsewhere."""
    await region_or_404(read, ags)
    rows = await balances.newest_documents(read, [ags], year)
    if not rows:
        raise no_balance(ags, year)
    language: Lang = lang or reader
    document = loaded(rows[-1], language)
    policy = page_policy(CSS, frame_ancestors=request.app.state.settings.frame_ancestors)
    headers = {"Content-Security-Policy": policy, "Content-Language": language}
    return HTMLResponse(balance_page(document, language), headers=headers)
