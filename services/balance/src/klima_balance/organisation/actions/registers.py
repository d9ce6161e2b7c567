"""Registers of an organisation: itself, its holdings with dated shares, its properties, what they
use."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncConnection

from klima_balance.figures.rules import Cell, Vocabulary
from klima_balance.method.errors import InputError
from klima_balance.method.model import Method
from klima_balance.organisation import queries as organisations
from klima_balance.organisation.rules import Area
from klima_balance.regions import queries as regions
from klima_balance.regions.tables import metadata
from klima_shared.codes.lists import Role, Sector
from klima_shared.database import audit
from klima_shared.http.auth import Principal
from klima_shared.http.etags import IfMatch
from klima_shared.http.problems import conflict, invalid_at, not_found
from klima_shared.language.text import Text

Etag = Callable[[Mapping[str, Any]], str]
Row = dict[str, Any]
_MISSING = {
    "organisation": Text("There is no such organisation."),
    "holding": Text("There is no such holding."),
    "property": Text("There is no such property."),
    "activity": Text("There is no such figure."),
}
_SOLD = Text("This property has consumption. Please set its last year (to_year) instead.")
_LEFT = Text(
    "This holding has properties or consumption. Please add a share of 0 % from the year it ended "
    "instead."
)
_EMPTY_FIRST = Text(
    "This organisation has holdings, properties or consumption. Please remove them first, or set "
    "its last year (to_year)."
)


async def find(
    connection: AsyncConnection, kind: str, identity: UUID, organisation: UUID | None = None
) -> Row:
    """The row of a kind; 404, also where it belongs to another organisation."""
    row = await organisations.find(connection, kind, identity)
    if row is None or (organisation is not None and row["organisation_id"] != organisation):
        raise not_found(_MISSING[kind])
    return row


async def create_organisation(write: AsyncConnection, editor: Principal, content: Row) -> Row:
    await _known_region(write, content["region"])
    editor.require(Role.EDITOR, content["region"])
    return await _add(write, editor, "organisation", content, content["region"])


async def change_organisation(
    write: AsyncConnection,
    editor: Principal,
    identity: UUID,
    content: Row,
    if_match: IfMatch,
    etag: Etag,
) -> Row:
    before = await find(write, "organisation", identity)
    for ags in {before["region"], content["region"]}:
        editor.require(Role.EDITOR, ags)
    await _known_region(write, content["region"])
    return await _change(
        write, editor, "organisation", identity, content, if_match, etag, before["region"]
    )


async def remove_organisation(
    write: AsyncConnection, editor: Principal, identity: UUID, if_match: IfMatch, etag: Etag
) -> None:
    """One that was entered by mistake. 409 while anything belongs to it, or when a balance of it is
    published."""
    region = await _editable(write, editor, identity)
    before = await find(write, "organisation", identity)
    if_match.check(etag(before))
    if await organisations.published(write, identity):
        raise conflict(
            Text(
                "Balances of this organisation are published. Please set its last year (to_year) "
                "instead."
            )
        )
    await _unused(
        write, "organisation_id", identity, ("holding", "property", "activity"), _EMPTY_FIRST
    )
    await organisations.remove(write, "organisation", identity)
    await _record(write, editor, "delete", "organisation", identity, region, before, None)


async def put_holding(
    write: AsyncConnection,
    editor: Principal,
    organisation: UUID,
    content: Row,
    shares: Sequence[Row],
    identity: UUID | None = None,
    if_match: IfMatch | None = None,
    etag: Etag | None = None,
) -> Row:
    """A new holding, or with `identity` a changed one; its shares are replaced. 422 for a year that
    comes twice."""
    region = await _editable(write, editor, organisation)
    years = [share["from_year"] for share in shares]
    if len(years) != len(set(years)):
        raise invalid_at("/body/shares", Text("A year appears twice."))
    known = [{**s, "share_percent": Decimal(str(s["share_percent"]))} for s in shares]
    more = {"shares": [{**s, "share_percent": str(s["share_percent"])} for s in known]}
    if identity is None:
        row = await _add(
            write, editor, "holding", {**content, "organisation_id": organisation}, region, more
        )
    else:
        await find(write, "holding", identity, organisation)
        row = await _change(
            write, editor, "holding", identity, content, if_match, etag, region, more
        )
    await organisations.put_shares(write, row["id"], known)
    return row


async def put_property(
    write: AsyncConnection,
    editor: Principal,
    organisation: UUID,
    content: Row,
    identity: UUID | None = None,
    if_match: IfMatch | None = None,
    etag: Etag | None = None,
) -> Row:
    region = await _editable(write, editor, organisation)
    await _known_region(write, content["region"])
    if content["holding_id"] is not None:
        await find(write, "holding", content["holding_id"], organisation)
    if identity is None:
        return await _add(
            write, editor, "property", {**content, "organisation_id": organisation}, region
        )
    await find(write, "property", identity, organisation)
    return await _change(write, editor, "property", identity, content, if_match, etag, region)


async def put_activity(
    write: AsyncConnection,
    editor: Principal,
    method: Method,
    organisation: UUID,
    content: Row,
    identity: UUID | None = None,
    if_match: IfMatch | None = None,
    etag: Etag | None = None,
) -> Row:
    """A use of a year. 409 when the same use stands there already; 422 for a unit that the carrier
    has not."""
    region = await _editable(write, editor, organisation)
    if content["holding_id"] is not None:
        await find(write, "holding", content["holding_id"], organisation)
    if content["property_id"] is not None:
        place = await find(write, "property", content["property_id"], organisation)
        content = {**content, "holding_id": place["holding_id"]}  # a building belongs to one unit
    head = await find(write, "organisation", organisation)
    if head["to_year"] is not None and content["year"] > head["to_year"]:
        raise invalid_at(
            "/body/year",
            Text("This organisation exists until {to_year} only.", to_year=head["to_year"]),
        )
    row = {**content, "quantity_mwh": converted(content, method), "organisation_id": organisation}
    other = await organisations.same_cell(write, row)
    if other is not None and other != identity:
        raise conflict(Text("This figure exists already; please change it there."), id=str(other))
    if identity is None:
        return await _add(write, editor, "activity", row, region, check_name=False)
    await find(write, "activity", identity, organisation)
    return await _change(
        write, editor, "activity", identity, row, if_match, etag, region, check_name=False
    )


def converted(content: Mapping[str, Any], method: Method) -> float:
    """MWh of a use; mileage of the fleet with the consumption of its vehicles."""
    fleet = content["area"] == Area.FLEET
    if content["vehicle"] and not fleet:
        raise invalid_at("/body/vehicle", Text("Only the fleet has vehicles."))
    cell = Cell(
        Sector.TRANSPORT.value if fleet else Sector.MUNICIPAL.value,
        content["carrier"],
        content["vehicle"],
    )
    try:
        return Vocabulary(method).mwh(content["quantity"], content["unit"], cell)
    except InputError as error:
        raise invalid_at(
            "/body/unit",
            Text(
                "The unit “{unit}” does not fit {carrier}. Expected: {expected}.",
                unit=content["unit"],
                carrier=content["carrier"],
                expected=error.expected,
            ),
        ) from error


async def remove(
    write: AsyncConnection,
    editor: Principal,
    kind: str,
    organisation: UUID,
    identity: UUID,
    if_match: IfMatch,
    etag: Etag,
) -> None:
    region = await _editable(write, editor, organisation)
    before = await find(write, kind, identity, organisation)
    if_match.check(etag(before))
    if kind == "property":
        await _unused(write, "property_id", identity, ("activity",), _SOLD)
    if kind == "holding":
        await _unused(write, "holding_id", identity, ("property", "activity"), _LEFT)
        shares = (await organisations.shares(write, [identity]))[identity]
        known = [
            {"from_year": s["from_year"], "share_percent": str(s["share_percent"])} for s in shares
        ]
        before = before | {"shares": known}
    await organisations.remove(write, kind, identity)
    await _record(write, editor, "delete", kind, identity, region, before, None)


async def _unused(
    write: AsyncConnection, column: str, identity: UUID, kinds: Sequence[str], text: Text
) -> None:
    where: Row = {column: identity}
    for kind in kinds:
        if await organisations.listing(write, kind, limit=1, after=None, **where):
            raise conflict(text)


async def _editable(write: AsyncConnection, editor: Principal, organisation: UUID) -> str:
    """Its region. Locked: two editors of one organisation take turns, so that names and cells stay
    unique."""
    row = await organisations.find(write, "organisation", organisation, lock=True)
    if row is None:
        raise not_found(_MISSING["organisation"])
    editor.require(Role.EDITOR, row["region"])
    return str(row["region"])


async def _known_region(write: AsyncConnection, ags: str) -> None:
    if await regions.find(write, ags) is None:
        raise invalid_at("/body/region", Text("There is no region {ags}.", ags=ags))


async def _add(
    write: AsyncConnection,
    editor: Principal,
    kind: str,
    content: Row,
    region: str,
    more: Row | None = None,
    *,
    check_name: bool = True,
) -> Row:
    if check_name:
        await _free_name(write, kind, content, None)
    stored = await organisations.add(
        write, kind, {**content, "id": uuid4(), "changed_by": editor.subject}
    )
    await _record(
        write, editor, "create", kind, stored["id"], region, None, {**stored, **(more or {})}
    )
    return stored


async def _change(
    write: AsyncConnection,
    editor: Principal,
    kind: str,
    identity: UUID,
    content: Row,
    if_match: IfMatch | None,
    etag: Etag | None,
    region: str,
    more: Row | None = None,
    *,
    check_name: bool = True,
) -> Row:
    before = await organisations.find(write, kind, identity, lock=True)
    if before is None:
        raise not_found(_MISSING[kind])
    if if_match is not None and etag is not None:
        if_match.check(etag(before))
    if check_name:
        await _free_name(write, kind, {**before, **content}, identity)
    stored = await organisations.change(
        write, kind, identity, {**content, "changed_by": editor.subject}
    )
    await _record(
        write, editor, "update", kind, identity, region, before, {**stored, **(more or {})}
    )
    return stored


async def _free_name(
    write: AsyncConnection, kind: str, row: Mapping[str, Any], own: UUID | None
) -> None:
    other = await organisations.same_name(write, kind, row)
    if other is not None and other != own:
        raise conflict(
            Text("The name “{name}” exists here already.", name=row["name"]), id=str(other)
        )


async def _record(
    write: AsyncConnection,
    editor: Principal,
    action: str,
    kind: str,
    identity: UUID,
    region: str,
    before: Row | None,
    after: Row | None,
) -> None:
    await audit.record(
        write,
        metadata,
        editor,
        action=action,
        entity=f"organisation.{kind}",
        entity_id=identity,
        region=region,
        before=before,
        after=after,
    )
