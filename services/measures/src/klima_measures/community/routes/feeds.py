"""What others subscribe to or take along: the calendar, the news, the measures for Decidim."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from klima_measures.base.actions.context import frame_of
from klima_measures.base.queries.visibility import prefix_of
from klima_measures.community.files.calendar import calendar_file
from klima_measures.community.files.decidim import decidim_file
from klima_measures.community.files.news import news_feed
from klima_measures.community.queries import feeds
from klima_measures.community.rules.calendar import in_order
from klima_measures.participation.routes.context import ParticipationOf
from klima_measures.participation.settings import ParticipationSettings
from klima_measures.sheets.queries.measures import region_names
from klima_shared.codes.fields import Ags
from klima_shared.codes.lists import Phase
from klima_shared.database.connections import Read
from klima_shared.http.problems import problem_responses

router = APIRouter(prefix="/v1", tags=["communication"])
RegionQuery = Annotated[
    Ags | None, Query(description="of this region or, for a county, of all in it")
]
_DONE = {Phase.COMPLETED.value, Phase.MADE_PERMANENT.value}


def _media(kind: str) -> dict[int | str, dict[str, Any]]:
    return {200: {"content": {kind: {"schema": {"type": "string"}}}}, **problem_responses(422)}


async def _title(read: Any, what: str, region: str | None) -> str:
    name = (await region_names(read)).get(region or "")
    return f"{what} {name}" if name else what


@router.get(
    "/calendar.ics",
    summary="Public dates as iCalendar",
    response_class=Response,
    responses=_media("text/calendar"),
)
async def get_calendar(read: Read, region: RegionQuery = None) -> Response:
    """Events, workshops and public meetings; cancelled ones stay and say so."""
    now = datetime.now(UTC)
    found = await feeds.entries(read, prefix_of(region) if region else None, now)
    content = calendar_file(await _title(read, "Klimaschutz-Termine", region), in_order(found, now))
    headers = {"Content-Disposition": 'inline; filename="klimakreis.ics"'}
    return Response(content, headers=headers, media_type="text/calendar; charset=utf-8")


@router.get(
    "/news.atom",
    summary="News as an Atom feed",
    response_class=Response,
    responses=_media("application/atom+xml"),
)
async def get_news(read: Read, settings: ParticipationOf, region: RegionQuery = None) -> Response:
    address = _public(settings, "/v1/news.atom") + (f"?region={region}" if region else "")
    title = await _title(read, "Klimaschutz-Nachrichten", region)
    content = news_feed(
        title, "Klimakreis", address, await feeds.news(read, prefix_of(region) if region else None)
    )
    return Response(content, media_type="application/atom+xml; charset=utf-8")


@router.get(
    "/exports/decidim.csv",
    summary="Published measures as Decidim results",
    response_class=Response,
    responses=_media("text/csv"),
)
async def export_decidim(
    request: Request, read: Read, settings: ParticipationOf, region: RegionQuery = None
) -> Response:
    """For the CSV import of Decidim's component "accountability"; progress is said only where a
    measure is completed."""
    labels = frame_of(request).fields.labels("de")
    names = await region_names(read)
    rows = []
    for row in await feeds.published_measures(read, prefix_of(region) if region else None):
        phase = Phase(row["phase"])
        rows.append(
            {
                "category/name/de": labels.get(row["field"], row["field"]),
                "scope/name/de": ", ".join(names.get(ags, ags) for ags in row["regions"]),
                "title/de": row["title"],
                "description/de": row["short_text"] or row["title"],
                "start_date": row["starts_on"],
                "end_date": date(row["last_year"], 12, 31) if row["last_year"] else None,
                "status/key": phase.value,
                "status/name/de": phase.de,
                "progress": 100 if phase.value in _DONE else None,
                "created_at": row["changed_at"].isoformat(),
                "url": _public(settings, f"/v1/measures/{row['measure_id']}/sheet"),
                "klimakreis/id": row["measure_id"],
                "klimakreis/number": row["number"],
                "klimakreis/ideas": row["ideas"],
            }
        )
    headers = {"Content-Disposition": 'attachment; filename="decidim-results.csv"'}
    return Response(
        decidim_file(rows), headers=headers, media_type="text/csv; charset=utf-8; header=present"
    )


def _public(settings: ParticipationSettings, path: str) -> str:
    """The path under the service's public address, where that is known."""
    return str(settings.public_url).rstrip("/") + path if settings.public_url else path
