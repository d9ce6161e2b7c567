"""Storing and removing local activities: one row, one revision, one audit row."""

from collections.abc import Callable
from dataclasses import dataclass

from klima_balance.engine.figures import Figure
from klima_balance.figures.queries import activities
from klima_balance.figures.queries.activities import StoredFigure
from klima_balance.figures.rules import Cell, Vocabulary
from klima_balance.method.model import Method
from klima_balance.regions import queries as regions
from klima_balance.territory.actions import require_exists
from klima_shared.codes.access import Role
from klima_shared.http.etags import missing_if_match
from klima_shared.http.problems import Problem, invalid_at, not_found
from klima_shared.language.errors import InputError
from klima_shared.language.text import Label, Text
from klima_shared.revisions.writing import Writer
from klima_shared.wire.json import Json

Etag = Callable[[StoredFigure], str]


@dataclass(frozen=True)
class Place:
    """Where a figure belongs, by the address it is stored at."""

    ags: str
    year: int
    key: str


def parse_key(key: str, words: Vocabulary) -> Cell:
    """The cell of `households.natural_gas[.category]` or `renewables.wind`. 422 for a word that is
    not known."""
    sector, carrier, *rest = key.split(".")
    try:
        return words.cell(sector, carrier, rest[0] if rest else "")
    except InputError as error:
        raise invalid_at("/path/key", error.text) from error


def converted(content: Json, cell: Cell, words: Vocabulary) -> float | None:
    """The quantity in MWh, None for what is no energy. 422 for a unit the carrier does not come
    in, and for a zero that is not confirmed."""
    if content["status"] == "confirmed_zero" and content["quantity"] != 0:
        de, en = "Ein bestätigtes Null hat die Menge 0.", "A confirmed zero has the quantity 0."
        raise invalid_at("/body/quantity", Label(de, en))
    try:
        return words.energy(content["quantity"], content["unit"], cell)
    except InputError as error:
        raise quantity_problem(error, content["unit"], cell.carrier) from error


def quantity_problem(error: InputError, unit: str, carrier: str) -> Problem:
    """422 for a quantity in a body that can't be turned into MWh."""
    if error.place.field == "quantity":
        return invalid_at("/body/quantity", error.text)
    text = Text(
        "The unit “{unit}” does not fit {carrier}. Expected: {expected}.",
        unit=unit,
        carrier=carrier,
        expected=error.expected,
    )
    return invalid_at("/body/unit", text)


async def put(
    writer: Writer, method: Method, place: Place, content: Json, *, etag: Etag
) -> tuple[StoredFigure, bool]:
    """The stored figure and whether it is new; a change needs the ETag it was made on."""
    write = writer.connection
    region = await regions.get(write, place.ags)
    writer.require(Role.EDITOR, place.ags)
    if not region.leaf:
        raise invalid_at(
            "/path/ags",
            Text(
                "{name} is the sum of its municipalities; figures belong to one of them.",
                name=region.name,
            ),
        )
    await require_exists(write, region, place.year, "/path/year")
    words = Vocabulary(method)
    cell = parse_key(place.key, words)
    quantity_mwh = converted(content, cell, words)
    before = await activities.find(write, place.ags, place.year, place.key, lock=True)
    if before is not None:
        if writer.if_match is None:
            raise missing_if_match()
        writer.check_version(etag(before))
    elif writer.if_match is not None:
        raise not_found(Text("This figure has been removed."))
    figure = Figure(
        region=place.ags,
        year=place.year,
        sector=cell.sector,
        carrier=cell.carrier,
        category=cell.category,
        quantity_mwh=quantity_mwh,
        **content,
    )
    stored = await activities.put(write, figure, writer.principal.subject)
    await _record(writer, place, before, stored)
    return stored, before is None


async def remove(writer: Writer, place: Place, *, etag: Etag) -> None:
    write = writer.connection
    writer.require(Role.EDITOR, place.ags)
    before = await activities.find(write, place.ags, place.year, place.key, lock=True)
    if before is None:
        raise not_found(Text("There is no figure for “{key}”.", key=place.key))
    writer.check_version(etag(before))
    await activities.remove(write, before, writer.principal.subject)
    await _record(writer, place, before, None)


async def _record(
    writer: Writer, place: Place, before: StoredFigure | None, after: StoredFigure | None
) -> None:
    await writer.record(
        "delete" if after is None else "update" if before else "create",
        "activity",
        f"{place.ags}/{place.year}/{place.key}",
        region=place.ags,
        before=before.as_row() if before else None,
        after=after.as_row() if after else None,
    )
