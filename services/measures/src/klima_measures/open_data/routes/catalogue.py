"""The open-data catalogue and the change feed of the measures service."""

import csv
import io
from importlib.resources import files
from typing import Final

from fastapi import APIRouter, Request
from pydantic import BaseModel

from klima_measures.base.routes import context_of
from klima_measures.catalogue.files import table as catalogue_table
from klima_measures.catalogue.shapes import COST_COLUMNS, SAVING_COLUMNS
from klima_measures.community import shapes as community
from klima_measures.open_data import queries as feed
from klima_measures.participation.shapes import workshops
from klima_shared.county import served_county
from klima_shared.database.change_feed import (
    Change,
    Changes,
    Cursor,
    Limit,
    after,
    answer,
    check_not_ahead,
)
from klima_shared.database.connections import Read, ReadConnection
from klima_shared.formats import Column
from klima_shared.http.problems import problem_responses
from klima_shared.language.text import Label, Text
from klima_shared.open_data.catalog import EPOCH, Catalogue, Dataset, Distribution, tables
from klima_shared.open_data.routes import base_of, publisher_of, router
from klima_shared.revisions.record_tables import record_table

changes_router = APIRouter(prefix="/v1", tags=["open data"])
_MODELS: Final[dict[str, type[BaseModel]]] = {
    "contacts": community.Contact,
    "events": community.Event,
    "campaigns": community.Campaign,
    "press-items": community.PressItem,
    "actors": community.Actor,
    "networks": community.Network,
    "workshops": workshops.Workshop,
    "meetings": community.Meeting,
    "prioritisations": workshops.Prioritisation,
}


def _columns(dataset: str) -> tuple[Column, ...]:
    match dataset:
        case "measures":
            return tuple(field.column for field in catalogue_table.fields(internal=False))
        case "costs":
            return tuple(COST_COLUMNS)
        case "savings":
            return tuple(SAVING_COLUMNS)
        case _ if dataset in _MODELS:
            return tuple(record_table(dataset, _MODELS[dataset], []).columns)
    return ()


def datasets(*, example: bool) -> tuple[Dataset, ...]:
    """What this service gives out (`datasets.csv`). `example`: invented figures are among those of
    the measures, and the descriptions say so."""
    content = (files("klima_measures.open_data") / "datasets.csv").read_text("utf-8")
    return tuple(
        _dataset(row, example=example and row["id"] in {"measures", "costs", "savings"})
        for row in csv.DictReader(io.StringIO(content))
    )


def _dataset(row: dict[str, str], *, example: bool) -> Dataset:
    description: Text = Label(row["description_de"], row["description_en"])
    if example:
        invented = Text(" Contains examples with invented figures.")
        description = Text("{text}{invented}", text=description, invented=invented)
    keywords = ("Klimaschutz", row["topic"], served_county().name, row["keyword"])
    title = Label(row["extra_de"], row["extra_en"])
    extra = Distribution(row["extra_form"], row["extra_path"], title)
    return Dataset(
        row["id"],
        Label(row["title_de"], row["title_en"]),
        description,
        tuple(filter(None, keywords)),
        (*tables(row["path"]), *([extra] if extra.form else [])),
        f"list_{row['id'].replace('-', '_')}",
        _columns(row["id"]),
        example=example,
    )


async def build_catalogue(request: Request, read: ReadConnection) -> Catalogue:
    modified, example = await feed.state(read)
    return Catalogue(
        "measures",
        Label("Klimakreis: Maßnahmen", "Klimakreis: measures"),
        Text("Measures, costs, savings, dates and contacts of municipal climate action."),
        base_of(request),
        context_of(request).county,
        datasets(example=example),
        modified or EPOCH,
        publisher_of(request),
    )


@changes_router.get(
    "/changes", summary="What changed in the published data", responses=problem_responses(410, 422)
)
async def list_changes(read: Read, cursor: Cursor = None, limit: Limit = 100) -> Changes:
    """Measures and records as they are published, changed and withdrawn; what went has a
    tombstone."""
    key = after(cursor, int)
    last = key[0] if key else 0
    check_not_ahead(await feed.reached(read, last))
    rows = await feed.changes(read, last, limit)
    items = [
        Change(
            at=row.at,
            kind=row.dataset,
            id=row.id,
            operation=row.operation,
            region=row.region,
            url=f"/v1/{row.dataset}/{row.id}" if row.operation == "upsert" else None,
        )
        for row in rows
        if row.operation
    ]
    return answer(items, [rows[-1].position] if rows else None, cursor, full=len(rows) == limit)


ROUTERS: Final = (changes_router, router)
