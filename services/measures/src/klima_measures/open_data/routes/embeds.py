"""What other sites embed of the measures service: measures, next dates, contacts of a region."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Path, Query, Request
from sqlalchemy import ColumnElement, or_
from starlette.responses import HTMLResponse, Response

from klima_measures.base.model.context import Context
from klima_measures.base.model.dates import BERLIN
from klima_measures.base.routes import context_of, regions_of
from klima_measures.base.rules import PUBLIC
from klima_measures.catalogue.actions import lists
from klima_measures.catalogue.queries import listing
from klima_measures.catalogue.queries.listing import Filters, ListedRow
from klima_measures.community.actions import CONTACT, EVENT
from klima_measures.community.model.opening_hours import contact_state
from klima_measures.community.tables import event
from klima_measures.open_data.pages import contact_widget, events_widget, measures_widget
from klima_shared.codes.regions import Ags, covers
from klima_shared.database.connections import Read, ReadConnection
from klima_shared.http.cache import CachedRoute
from klima_shared.http.problems import problem_responses
from klima_shared.look.embeds import EmbedRequest
from klima_shared.revisions import records
from klima_shared.revisions.model import Record
from klima_shared.revisions.records import B, Kind, R

router = APIRouter(tags=["embeds"], route_class=CachedRoute)
AgsPath = Annotated[Ags, Path(description="AGS or ARS as text", examples=["05974040"])]
_PROBLEMS = problem_responses(404, 422)
_OPEN_SECONDS: Final = 60  # whether an office is open is not to be older


async def _limit(limit: Annotated[int, Query(ge=1, le=20)] = 5) -> int:
    return limit


Limit = Annotated[int, Depends(_limit)]


async def _name(request: Request, ags: AgsPath) -> str:
    """The region's name; 422 when there is none. A route names it before its connection: none is
    held while the balance service is asked."""
    regions = await regions_of(request, [ags])
    today = context_of(request).today()
    lists.check_regions(regions, Filters(today=today, regions=(ags,)))
    return regions.names.get(ags, ags)


RegionName = Annotated[str, Depends(_name)]


def _above(context: Context, ags: str) -> list[str]:
    """Regions whose records a municipality's widget shows: its own and, for one of the county, the
    county's."""
    return [ags, context.county] if ags != context.county and covers(context.county, ags) else [ags]


@router.get(
    "/embed/measures/{ags}",
    summary="Measures of a region to embed",
    response_class=HTMLResponse,
    responses=_PROBLEMS,
)
async def get_measures_embed(
    request: Request, ags: AgsPath, name: RegionName, read: Read, embed: EmbedRequest
) -> Response:
    """Published measures by field, with their states; for `klima-measures` too."""
    context = context_of(request)
    filters = Filters(today=context.today(), regions=(ags,))
    rows = (await listing.page(read, filters, PUBLIC, limit=lists.MOST)).rows
    groups = [
        (label, [row._asdict() for row in rows if row.field == code])
        for code, label in context.fields.labels(embed.lang).items()
    ]
    changed = _changed(rows, context.today())
    widget = measures_widget(name, ags, [g for g in groups if g[1]], changed, embed.lang)
    return embed.respond(widget)


@router.get(
    "/embed/events/{ags}",
    summary="Next dates of a region to embed",
    response_class=HTMLResponse,
    responses=_PROBLEMS,
)
async def get_events_embed(
    request: Request, ags: AgsPath, name: RegionName, read: Read, embed: EmbedRequest, limit: Limit
) -> Response:
    """Published dates that are not over, those of the whole county too."""
    context = context_of(request)
    now = datetime.now(UTC)
    coming = or_(event.c.starts_at >= now - timedelta(hours=2), event.c.ends_at >= now)
    rows = await _published(read, EVENT, _above(context, ags), limit, coming)
    views = [row.document for row in rows]
    changed = _changed(rows, context.today())
    return embed.respond(events_widget(name, ags, views, changed, embed.lang))


@router.get(
    "/embed/contact/{ags}",
    summary="Whom to ask in a region, to embed",
    response_class=HTMLResponse,
    responses=_PROBLEMS,
)
async def get_contact_embed(
    request: Request, ags: AgsPath, name: RegionName, read: Read, embed: EmbedRequest
) -> Response:
    """Published contacts of the region, or the county's where it has none; with opening hours."""
    context = context_of(request)
    rows: Sequence[Record] = ()
    for region in _above(context, ags):
        rows = rows or await _published(read, CONTACT, [region], 3)
    now = datetime.now(UTC)
    views = [{**row.document, **contact_state(row.document, now)} for row in rows]
    widget = contact_widget(name, views, _changed(rows, context.today()), embed.lang)
    return embed.respond(widget, max_age=_OPEN_SECONDS)


async def _published(
    read: ReadConnection,
    kind: Kind[B, R],
    regions: Sequence[str],
    limit: int,
    *where: ColumnElement[bool],
) -> list[R]:
    conditions = [kind.table.c.published, kind.table.c.region.in_(regions), *where]
    return await records.listing(read, kind, conditions, limit=limit)


def _changed(rows: Sequence[Record | ListedRow], otherwise: date) -> date:
    return max((row.changed_at.astimezone(BERLIN).date() for row in rows), default=otherwise)
