"""Pictures of published balances."""

from typing import Literal

import orjson
from fastapi import APIRouter
from starlette.responses import Response

from klima_balance.balances.charts.balance import bars, timeline
from klima_balance.balances.queries import balances
from klima_balance.balances.routes.documents import no_balance
from klima_balance.regions.routes.common import AgsPath, PictureLanguage, YearPath, region_or_404
from klima_shared.database.connections import Read
from klima_shared.http.problems import serving

router = APIRouter(tags=["charts"])


@router.get(
    "/v1/regions/{ags}/balances/{year}/chart.svg",
    summary="Picture of a balance",
    **serving("image/svg+xml", 404, 422),
)
async def get_chart(
    ags: AgsPath,
    year: YearPath,
    read: Read,
    lang: PictureLanguage,
    by: Literal["sector", "carrier", "timeline"] = "sector",
) -> Response:
    """SVG with title, description and the numbers beside the bars; `timeline` shows all years up to
    the asked one."""
    await region_or_404(read, ags)
    rows = await balances.newest_documents(read, [ags], None if by == "timeline" else year)
    documents = [orjson.loads(row.document) for row in rows if row.year <= year]
    if not documents or documents[-1]["year"] != year:
        raise await no_balance(read, ags, year)
    picture = timeline(documents, lang) if by == "timeline" else bars(documents[-1], by, lang)
    headers = {
        "Content-Language": lang,
        "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    }
    return Response(picture, media_type="image/svg+xml", headers=headers)
