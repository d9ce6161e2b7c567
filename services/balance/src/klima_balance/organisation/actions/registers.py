"""Registers of an organisation: itself, its holdings with dated shares, its properties, what they
use."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import TypeVar
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncConnection

from klima_balance.figures.actions.activities import quantity_problem
from klima_balance.figures.rules import Cell, Vocabulary
from klima_balance.method.model import Method
from klima_balance.organisation import queries
from klima_balance.organisation.model import Area, Company, Organisation, Part, Property, Share, Use
from klima_balance.organisation.queries import HOLDINGS, ORGANISATIONS, PROPERTIES, USES, Register
from klima_balance.regions import queries as regions
from klima_shared.codes.access import Role
from klima_shared.codes.energy import Sector
from klima_shared.http.problems import conflict, invalid_at
from klima_shared.language.errors import InputError
from klima_shared.language.text import Text
from klima_shared.revisions import entities
from klima_shared.revisions.entities import Values
from klima_shared.revisions.writing import Writer
from klima_shared.wire.json import JsonObject

P = TypeVar("P", bound=Part)
_SOLD = Text("This property has consumption. Please set its last year (to_year) instead.")
_LEFT = Text(
    "This holding has properties or consumption. Please add a share of 0 % from the year it ended "
    "instead."
)
_EMPTY_FIRST = Text(
    "This organisation has holdings, properties or consumption. Please remove them first, or set "
    "its last year (to_year)."
)
_PUBLISHED = Text(
    "Balances of this organisation are published. Please set its last year (to_year) instead."
)


async def get_part(
    connection: AsyncConnection, register: Register[P], organisation: UUID, identity: UUID
) -> P:
    """A row of a register; 404, also where it belongs to another organisation."""
    row = await entities.get(connection, register, identity)
    if row.organisation_id != organisation:
        raise register.missing()
    return row


async def create_organisation(writer: Writer, content: JsonObject) -> Organisation:
    await _check_region(writer, content["region"])
    writer.require(Role.EDITOR, content["region"])
    await _check_name(writer, ORGANISATIONS, "region", content)
    row = await _insert(writer, ORGANISATIONS, content)
    await _record(writer, ORGANISATIONS, row.region, after=row)
    return row


async def change_organisation(writer: Writer, identity: UUID, content: JsonObject) -> Organisation:
    before = await entities.find(writer.connection, ORGANISATIONS, identity, lock=True)
    if before is None:
        raise ORGANISATIONS.missing()
    for ags in {before.region, content["region"]}:
        writer.require(Role.EDITOR, ags)
    await _check_region(writer, content["region"])
    writer.check_version(ORGANISATIONS.etag(before))
    await _check_name(writer, ORGANISATIONS, "region", content, identity)
    row = await _update(writer, ORGANISATIONS, identity, content)
    await _record(writer, ORGANISATIONS, before.region, before=before, after=row)
    return row


async def remove_organisation(writer: Writer, identity: UUID) -> None:
    """One that was entered by mistake. 409 while anything belongs to it, or when a balance of it is
    published."""
    before = await open_organisation(writer, identity)
    writer.check_version(ORGANISATIONS.etag(before))
    if await queries.published(writer.connection, identity):
        raise conflict(_PUBLISHED)
    parts = (HOLDINGS, PROPERTIES, USES)
    if await queries.has_parts(writer.connection, parts, "organisation_id", identity):
        raise conflict(_EMPTY_FIRST)
    await entities.delete(writer.connection, ORGANISATIONS, identity)
    await _record(writer, ORGANISATIONS, before.region, before=before)


async def open_organisation(
    writer: Writer, identity: UUID, role: Role = Role.EDITOR
) -> Organisation:
    """Locked: two editors of one organisation take turns, so that names and cells stay unique."""
    row = await entities.find(writer.connection, ORGANISATIONS, identity, lock=True)
    if row is None:
        raise ORGANISATIONS.missing()
    writer.require(role, row.region)
    return row


async def put_holding(
    writer: Writer,
    organisation: UUID,
    content: JsonObject,
    shares: Sequence[Share],
    identity: UUID | None = None,
) -> Company:
    """A new holding, or with `identity` a changed one; its shares are replaced. 422 for a year that
    comes twice."""
    owner = await open_organisation(writer, organisation)
    years = [share.from_year for share in shares]
    if len(years) != len(set(years)):
        raise invalid_at("/body/shares", Text("A year appears twice."))
    more = {"shares": [asdict(s) | {"share_percent": str(s.share_percent)} for s in shares]}
    row = await _put(writer, HOLDINGS, owner, content, identity, more=more)
    await queries.put_shares(writer.connection, row.id, shares)
    stored = await queries.shares(writer.connection, [row.id])
    return Company(row, stored[row.id])


async def put_property(
    writer: Writer, organisation: UUID, content: JsonObject, identity: UUID | None = None
) -> Property:
    owner = await open_organisation(writer, organisation)
    await _check_region(writer, content["region"])
    if content["holding_id"] is not None:
        await get_part(writer.connection, HOLDINGS, organisation, content["holding_id"])
    return await _put(writer, PROPERTIES, owner, content, identity)


async def put_use(
    writer: Writer,
    method: Method,
    organisation: UUID,
    content: JsonObject,
    identity: UUID | None = None,
) -> Use:
    """A use of a year. 409 when the same use stands there already; 422 for a unit that the carrier
    has not."""
    owner = await open_organisation(writer, organisation)
    if content["holding_id"] is not None:
        await get_part(writer.connection, HOLDINGS, organisation, content["holding_id"])
    if content["property_id"] is not None:
        place = await get_part(writer.connection, PROPERTIES, organisation, content["property_id"])
        content = {**content, "holding_id": place.holding_id}  # a building belongs to one unit
    if owner.to_year is not None and content["year"] > owner.to_year:
        until = Text("This organisation exists until {to_year} only.", to_year=owner.to_year)
        raise invalid_at("/body/year", until)
    values = {**content, "quantity_mwh": to_mwh(content, method), "organisation_id": organisation}
    other = await queries.same_cell(writer.connection, values)
    if other is not None and other != identity:
        there = Text("This figure exists already; please change it there.")
        raise conflict(there, id=str(other))
    return await _put(writer, USES, owner, values, identity)


def to_mwh(content: JsonObject, method: Method) -> float:
    """MWh of a use; mileage of the fleet with the consumption of its vehicles."""
    fleet = content["area"] == Area.FLEET
    if content["vehicle"] and not fleet:
        raise invalid_at("/body/vehicle", Text("Only the fleet has vehicles."))
    sector = Sector.TRANSPORT.value if fleet else Sector.MUNICIPAL.value
    cell = Cell(sector, content["carrier"], content["vehicle"])
    try:
        return Vocabulary(method).mwh(content["quantity"], content["unit"], cell)
    except InputError as error:
        raise quantity_problem(error, content["unit"], str(content["carrier"])) from error


async def remove_holding(writer: Writer, organisation: UUID, identity: UUID) -> None:
    owner, before = await _open_part(writer, HOLDINGS, organisation, identity)
    parts = (PROPERTIES, USES)
    if await queries.has_parts(writer.connection, parts, "holding_id", identity):
        raise conflict(_LEFT)
    shares = (await queries.shares(writer.connection, [identity]))[identity]
    known = [{"from_year": s.from_year, "share_percent": str(s.share_percent)} for s in shares]
    await entities.delete(writer.connection, HOLDINGS, identity)
    await _record(writer, HOLDINGS, owner.region, before=before, more={"shares": known})


async def remove_property(writer: Writer, organisation: UUID, identity: UUID) -> None:
    owner, before = await _open_part(writer, PROPERTIES, organisation, identity)
    if await queries.has_parts(writer.connection, (USES,), "property_id", identity):
        raise conflict(_SOLD)
    await entities.delete(writer.connection, PROPERTIES, identity)
    await _record(writer, PROPERTIES, owner.region, before=before)


async def remove_use(writer: Writer, organisation: UUID, identity: UUID) -> None:
    owner, before = await _open_part(writer, USES, organisation, identity)
    await entities.delete(writer.connection, USES, identity)
    await _record(writer, USES, owner.region, before=before)


async def _open_part(
    writer: Writer, register: Register[P], organisation: UUID, identity: UUID
) -> tuple[Organisation, P]:
    """A row with its organisation, for an editor who has seen its present state."""
    owner = await open_organisation(writer, organisation)
    row = await get_part(writer.connection, register, organisation, identity)
    writer.check_version(register.etag(row))
    return owner, row


async def _put(
    writer: Writer,
    register: Register[P],
    owner: Organisation,
    content: JsonObject,
    identity: UUID | None,
    more: Values | None = None,
) -> P:
    """A new row of a register, or the next revision of one that the editor has seen."""
    values, before = {**content, "organisation_id": owner.id}, None
    if identity is not None:
        before = await get_part(writer.connection, register, owner.id, identity)
        writer.check_version(register.etag(before))
    if "name" in register.table.c:
        await _check_name(writer, register, "organisation_id", values, identity)
    if identity is None:
        row = await _insert(writer, register, values)
    else:
        row = await _update(writer, register, identity, values)
    await _record(writer, register, owner.region, before=before, after=row, more=more)
    return row


async def _insert(writer: Writer, register: Register[entities.R], values: JsonObject) -> entities.R:
    new = {**values, "id": uuid4(), "changed_by": writer.principal.subject}
    return await entities.insert(writer.connection, register, new)


async def _update(
    writer: Writer, register: Register[entities.R], identity: UUID, values: JsonObject
) -> entities.R:
    by = writer.principal.subject
    return await entities.update(writer.connection, register, (identity,), by, values)


async def _check_region(writer: Writer, ags: str) -> None:
    if await regions.find(writer.connection, ags) is None:
        raise invalid_at("/body/region", Text("There is no region {ags}.", ags=ags))


async def _check_name(
    writer: Writer,
    register: Register[entities.R],
    scope: str,
    values: Values,
    identity: UUID | None = None,
) -> None:
    other = await queries.with_name(writer.connection, register, scope, values)
    if other is not None and other != identity:
        there = Text("The name “{name}” exists here already.", name=str(values["name"]))
        raise conflict(there, id=str(other))


async def _record(
    writer: Writer,
    register: Register[entities.R],
    region: str,
    *,
    before: entities.R | None = None,
    after: entities.R | None = None,
    more: Values | None = None,
) -> None:
    """A row of the audit, with the region of the organisation; `more` stands beside the columns."""
    row = after or before
    assert row is not None  # noqa: S101
    action = "delete" if after is None else "create" if before is None else "update"
    old = None if before is None else register.content(before)
    new = None if after is None else register.content(after) | dict(more or {})
    if after is None and old is not None:
        old |= dict(more or {})
    identity = register.key_of(row)[0]
    await writer.record(action, register.name, identity, region=region, before=old, after=new)
