"""What others subscribe to or take along: the calendar, the news, the measures for Decidim."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy.ext.asyncio import AsyncConnection

from klima_measures.base.queries.regions import region_names
from klima_measures.base.routes import context_of
from klima_measures.community import files, queries
from klima_measures.participation.model.settings import ParticipationSettings
from klima_measures.participation.routes.context import ParticipationOf
from klima_shared.codes.regions import Ags
from klima_shared.database.connections import Read
from klima_shared.http.problems import serving

router = APIRouter(prefix="/v1", tags=["communication"])
RegionQuery = Annotated[
    Ags | None, Query(description="of this region or, for a county, of all in it")
]


async def _title(read: AsyncConnection, content: str, region: str | None) -> str:
    name = (await region_names(read)).get(region or "")
    return f"{content} {name}" if name else content


@router.get("/calendar.ics", summary="Public dates as iCalendar", **serving("text/calendar", 422))
async def get_calendar(read: Read, region: RegionQuery = None) -> Response:
    """Events, workshops and public meetings; cancelled ones stay and say so."""
    entries = await queries.calendar(read, region, datetime.now(UTC))
    content = files.calendar_file(await _title(read, "Klimaschutz-Termine", region), entries)
    headers = {"Content-Disposition": 'inline; filename="klimakreis.ics"'}
    return Response(content, headers=headers, media_type="text/calendar; charset=utf-8")


@router.get("/news.atom", summary="News as an Atom feed", **serving("application/atom+xml", 422))
async def get_news(read: Read, settings: ParticipationOf, region: RegionQuery = None) -> Response:
    address = _public(settings, "/v1/news.atom") + (f"?region={region}" if region else "")
    title = await _title(read, "Klimaschutz-Nachrichten", region)
    content = files.news_feed(title, "Klimakreis", address, await queries.news(read, region))
    return Response(content, media_type="application/atom+xml; charset=utf-8")


@router.get(
    "/exports/decidim.csv",
    summary="Published measures as Decidim results",
    **serving("text/csv", 422),
)
async def export_decidim(
    request: Request, read: Read, settings: ParticipationOf, region: RegionQuery = None
) -> Response:
    """For the CSV import of Decidim's component "accountability"; progress is said only where a
    measure is completed."""
    content = files.decidim_file(
        await queries.published_measures(read, region),
        context_of(request).fields.labels("de"),
        await region_names(read),
        _public(settings, "/v1/measures"),
    )
    headers = {"Content-Disposition": 'attachment; filename="decidim-results.csv"'}
    return Response(content, headers=headers, media_type="text/csv; charset=utf-8; header=present")


def _public(settings: ParticipationSettings, path: str) -> str:
    """The path under the service's public address, where that is known."""
    return str(settings.public_url).rstrip("/") + path if settings.public_url else path
