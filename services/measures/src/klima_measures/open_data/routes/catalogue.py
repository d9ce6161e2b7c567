"""The open-data catalogue and the change feed of the measures service."""

from __future__ import annotations

from typing import Any, Final

from fastapi import APIRouter, Request
from pydantic import BaseModel

from klima_measures.base.actions.context import frame_of
from klima_measures.catalogue.files import table as catalogue_table
from klima_measures.catalogue.routes.sums import COST_COLUMNS, SAVING_COLUMNS
from klima_measures.community.shapes import (
    Actor,
    Campaign,
    Contact,
    Event,
    Meeting,
    Network,
    PressItem,
)
from klima_measures.open_data import queries as feed
from klima_measures.participation.shapes.workshops import Prioritisation, Workshop
from klima_shared.county import served_county
from klima_shared.database.change_feed import Change, Changes, Cursor, Limit, after, answer
from klima_shared.database.connections import Read, ReadConnection
from klima_shared.http.problems import problem_responses
from klima_shared.language.text import Label, Text
from klima_shared.open_data.catalog import EPOCH, Catalogue, Dataset, Distribution, tables
from klima_shared.open_data.routes import base_of, publisher_of, router
from klima_shared.revisions.record_tables import record_table

changes_router = APIRouter(prefix="/v1", tags=["open data"])
_WORDS: Final = ("Klimaschutz", "Maßnahmen", served_county().name)
_RECORDS: Final[tuple[tuple[str, str, type[BaseModel], Text, Text], ...]] = (
    (
        "contacts",
        "list_contacts",
        Contact,
        Label("Ansprechpersonen mit Öffnungszeiten", "Contacts with opening hours"),
        Text("Whom to ask about climate action in the municipalities."),
    ),
    (
        "events",
        "list_events",
        Event,
        Label("Termine zum Klimaschutz", "Dates about climate action"),
        Text("Public events of the municipalities."),
    ),
    (
        "campaigns",
        "list_campaigns",
        Campaign,
        Label("Kampagnen der Öffentlichkeitsarbeit", "Campaigns"),
        Text("Campaigns with their reach."),
    ),
    (
        "press-items",
        "list_press_items",
        PressItem,
        Label("Meldungen zum Klimaschutz", "News about climate action"),
        Text("Published news."),
    ),
    (
        "actors",
        "list_actors",
        Actor,
        Label("Akteure im Klimaschutz", "Actors in climate action"),
        Text("Organisations that help."),
    ),
    (
        "networks",
        "list_networks",
        Network,
        Label("Netzwerke im Klimaschutz", "Networks in climate action"),
        Text("Networks and their members."),
    ),
    (
        "workshops",
        "list_workshops",
        Workshop,
        Label("Klimawerkstätten", "Workshops"),
        Text("Published workshops and their results."),
    ),
    (
        "meetings",
        "list_meetings",
        Meeting,
        Label("Sitzungen der Arbeitskreise", "Meetings of the working groups"),
        Text("Published meetings."),
    ),
    (
        "prioritisations",
        "list_prioritisations",
        Prioritisation,
        Label("Priorisierungen", "Prioritisations"),
        Text("Votes on measures."),
    ),
)
_CHANGES: Final = Distribution(
    "json", "/v1/changes", Label("Änderungen seit einem Stand", "Changes since a state")
)
_PATHS: Final = {"meetings": "/v1/working-groups/meetings"}
_MORE: Final = {
    "events": (Distribution("ics", "/v1/calendar.ics", Label("Kalender", "Calendar")),),
    "press-items": (
        Distribution("atom", "/v1/news.atom", Label("Nachrichten (Atom)", "News (Atom)")),
    ),
}


def datasets(*, example: bool) -> tuple[Dataset, ...]:
    """What this service gives out. `example`: invented figures are among them, and the descriptions
    say so."""
    invented = Text(" Contains examples with invented figures.")

    def said(text: Text) -> Text:
        return Text("{text}{invented}", text=text, invented=invented) if example else text

    columns = tuple(field.column for field in catalogue_table.fields(internal=False))
    found = [
        Dataset(
            "measures",
            Label("Klimaschutz-Maßnahmen der Kommunen", "Climate measures of the municipalities"),
            said(Text("All published measure sheets with phase, state, costs and savings.")),
            _WORDS,
            (*tables("/v1/measures"), _CHANGES),
            "list_measures",
            columns,
            example=example,
        ),
        Dataset(
            "costs",
            Label("Kosten der Maßnahmen", "Costs of the measures"),
            said(Text("Sums by year, field of action and kind.")),
            (*_WORDS, "Kosten"),
            tables("/v1/costs"),
            "list_costs",
            tuple(COST_COLUMNS),
            example=example,
        ),
        Dataset(
            "savings",
            Label("Einsparungen durch Maßnahmen", "Savings by measures"),
            said(Text("Sums by year and sector; overlaps counted once.")),
            (*_WORDS, "Einsparung"),
            tables("/v1/savings"),
            "list_savings",
            tuple(SAVING_COLUMNS),
            example=example,
        ),
    ]
    for identity, operation, model, title, description in _RECORDS:
        files = (*tables(_PATHS.get(identity, f"/v1/{identity}")), *_MORE.get(identity, ()))
        described = tuple(record_table(identity, model, []).columns)
        found.append(Dataset(identity, title, description, _WORDS, files, operation, described))
    found.append(
        Dataset(
            "ideas",
            Label("Ideen aus der Beteiligung", "Ideas from participation"),
            Text("Published ideas with their state; in the form of Decidim too."),
            ("Klimaschutz", "Beteiligung", served_county().name),
            (
                *tables("/v1/ideas"),
                Distribution(
                    "csv", "/v1/exports/decidim.csv", Label("CSV für Decidim", "CSV for Decidim")
                ),
            ),
            "list_ideas",
        )
    )
    return tuple(found)


async def build_catalogue(request: Request, read: ReadConnection) -> Catalogue:
    modified, example = await feed.state(read)
    return Catalogue(
        "measures",
        Label("Klimakreis: Maßnahmen", "Klimakreis: measures"),
        Text("Measures, costs, savings, dates and contacts of municipal climate action."),
        base_of(request),
        frame_of(request).county,
        datasets(example=example),
        modified or EPOCH,
        publisher_of(request),
    )


@changes_router.get(
    "/changes", summary="What changed in the published data", responses=problem_responses(422)
)
async def list_changes(read: Read, cursor: Cursor = None, limit: Limit = 100) -> Changes:
    """Measures and records as they are published, changed and withdrawn; what went has a
    tombstone."""
    key = after(cursor, int)
    rows = await feed.changes(read, key[0] if key else 0, limit)
    items = [_change(row) for row in rows if row.operation]
    return answer(items, [rows[-1].position] if rows else None, cursor, full=len(rows) == limit)


def _change(row: Any) -> Change:
    kind = feed.DATASETS[row.entity]
    url = f"/v1/{kind}/{row.entity_id}" if row.operation == "upsert" else None
    return Change(
        at=row.at, kind=kind, id=row.entity_id, operation=row.operation, region=row.region, url=url
    )


ROUTERS: Final = (changes_router, router)
