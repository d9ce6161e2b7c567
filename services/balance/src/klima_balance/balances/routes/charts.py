"""Pictures of published balances."""

from typing import Annotated, Literal

import orjson
from fastapi import APIRouter, Query
from starlette.responses import Response

from klima_balance.balances import queries as balances
from klima_balance.balances.charts.balance import bars, timeline
from klima_balance.balances.routes.documents import no_balance
from klima_balance.regions.routes.common import AgsPath, YearPath, region_or_404
from klima_shared.database.connections import Read
from klima_shared.http.language import RequestLanguage
from klima_shared.http.problems import problem_responses
from klima_shared.language.numbers import Lang

router = APIRouter(tags=["charts"])

LangQuery = Annotated[
    Literal["de", "en"] | None, Query(description="language of the picture, before Accept-Language")
]


@router.get(
    "/v1/regions/{ags}/balances/{year}/chart.svg",
    summary="Picture of a balance",
    response_class=Response,
    responses={
        200: {"content": {"image/svg+xml": {"schema": {"type": "string"}}}},
        **problem_responses(404, 422),
    },
)
async def get_chart(
    ags: AgsPath,
    year: YearPath,
    read: Read,
    reader: RequestLanguage,
    by: Literal["sector", "carrier", "timeline"] = "sector",
    lang: LangQuery = None,
) -> Response:
    """SVG with title, description and the numbers beside the bars; `timeline` shows all years up to
    the asked one."""
    await region_or_404(read, ags)
    rows = await balances.newest_documents(read, [ags], None if by == "timeline" else year)
    documents = [orjson.loads(row.document) for row in rows if row.year <= year]
    if not documents or documents[-1]["year"] != year:
        raise no_balance(ags, year)
    language: Lang = lang or reader
    picture = (
        timeline(documents, language) if by == "timeline" else bars(documents[-1], by, language)
    )
    headers = {
        "Content-Language": language,
        "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    }
    return Response(picture, media_type="image/svg+xml", headers=headers)
