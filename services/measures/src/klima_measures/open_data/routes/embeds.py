"""What other sites embed of the measures service: measures, next dates, contacts of a region."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Path, Query, Request
from sqlalchemy import ColumnElement, or_
from starlette.responses import HTMLResponse, Response

from klima_measures.base.actions.context import BERLIN, Frame, frame_of
from klima_measures.catalogue.actions import lists
from klima_measures.catalogue.queries import listing
from klima_measures.catalogue.queries.listing import PUBLIC, Filters
from klima_measures.community.actions import CONTACT, EVENT
from klima_measures.community.model.opening_hours import contact_state
from klima_measures.community.tables import event
from klima_measures.open_data.pages import contact_widget, events_widget, measures_widget
from klima_measures.sheets.queries import measures
from klima_shared.codes.regions import Ags, covers
from klima_shared.database.connections import Read, ReadConnection
from klima_shared.http.cache import RememberedRoute
from klima_shared.http.language import RequestLanguage
from klima_shared.http.problems import problem_responses
from klima_shared.look.embeds import LangQuery, ViewQuery, respond
from klima_shared.revisions import records
from klima_shared.revisions.model import Record
from klima_shared.revisions.records import B, Kind, R

router = APIRouter(tags=["embeds"], route_class=RememberedRoute)
AgsPath = Annotated[Ags, Path(description="AGS or ARS as text", examples=["05974040"])]
_PROBLEMS = problem_responses(404, 422)
_OPEN_SECONDS: Final = 60  # whether an office is open is not to be older


async def _name(read: ReadConnection, frame: Frame, ags: str) -> str:
    """The region's name; 404 when there is none."""
    await lists.check_regions(read, frame, Filters(today=frame.today(), regions=(ags,)))
    return (await measures.region_names(read)).get(ags, ags)


def _above(frame: Frame, ags: str) -> list[str]:
    """Regions whose records a municipality's widget shows: its own and, for one of the county, the
    county's."""
    return [ags, frame.county] if ags != frame.county and covers(frame.county, ags) else [ags]


@router.get(
    "/embed/measures/{ags}",
    summary="Measures of a region to embed",
    response_class=HTMLResponse,
    responses=_PROBLEMS,
)
async def get_measures_embed(
    request: Request,
    read: Read,
    reader: RequestLanguage,
    ags: AgsPath,
    lang: LangQuery = None,
    view: ViewQuery = "page",
) -> Response:
    """Published measures by field, with their states; for `klima-measures` too."""
    frame, language = frame_of(request), lang or reader
    name = await _name(read, frame, ags)
    filters = Filters(today=frame.today(), regions=(ags,))
    rows, _ = await listing.page(
        read, filters, PUBLIC, order="field", descending=False, limit=lists.MOST
    )
    labels = frame.fields.labels(language)
    groups = [
        (label, [row for row in rows if row["field"] == code]) for code, label in labels.items()
    ]
    changed = max(
        (row["changed_at"].astimezone(BERLIN).date() for row in rows), default=frame.today()
    )
    widget = measures_widget(name, ags, [g for g in groups if g[1]], changed, language)
    return respond(request, widget, view)


@router.get(
    "/embed/events/{ags}",
    summary="Next dates of a region to embed",
    response_class=HTMLResponse,
    responses=_PROBLEMS,
)
async def get_events_embed(
    request: Request,
    read: Read,
    reader: RequestLanguage,
    ags: AgsPath,
    lang: LangQuery = None,
    view: ViewQuery = "page",
    limit: Annotated[int, Query(ge=1, le=20)] = 5,
) -> Response:
    """Published dates that are not over, those of the whole county too."""
    frame = frame_of(request)
    name = await _name(read, frame, ags)
    now = datetime.now(UTC)
    coming = or_(event.c.starts_at >= now - timedelta(hours=2), event.c.ends_at >= now)
    rows = await _published(read, EVENT, _above(frame, ags), limit, coming)
    views = [row.document for row in rows]
    return respond(
        request,
        events_widget(name, ags, views, _changed(rows, frame.today()), lang or reader),
        view,
    )


@router.get(
    "/embed/contact/{ags}",
    summary="Whom to ask in a region, to embed",
    response_class=HTMLResponse,
    responses=_PROBLEMS,
)
async def get_contact_embed(
    request: Request,
    read: Read,
    reader: RequestLanguage,
    ags: AgsPath,
    lang: LangQuery = None,
    view: ViewQuery = "page",
) -> Response:
    """Published contacts of the region, or the county's where it has none; with opening hours."""
    frame = frame_of(request)
    name = await _name(read, frame, ags)
    rows: Sequence[Record] = ()
    for region in _above(frame, ags):
        rows = rows or await _published(read, CONTACT, [region], 3)
    now = datetime.now(UTC)
    views = [{**row.document, **contact_state(row.document, now)} for row in rows]
    widget = contact_widget(name, views, _changed(rows, frame.today()), lang or reader)
    return respond(request, widget, view, max_age=_OPEN_SECONDS)


async def _published(
    read: ReadConnection,
    kind: Kind[B, R],
    regions: Sequence[str],
    limit: int,
    *where: ColumnElement[bool],
) -> list[R]:
    conditions = [kind.table.c.published, kind.table.c.region.in_(regions), *where]
    return await records.listing(read, kind, conditions, limit=limit)


def _changed(rows: Sequence[Record], otherwise: date) -> date:
    return max((row.changed_at.astimezone(BERLIN).date() for row in rows), default=otherwise)
