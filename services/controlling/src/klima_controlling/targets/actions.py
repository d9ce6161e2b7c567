"""Writing targets: each decision is a version, and the versions before it stay."""

from dataclasses import replace

from klima_controlling.base.actions import Context, require_organisation
from klima_controlling.base.model import Boundary
from klima_controlling.base.queries import Row
from klima_controlling.formulas.inputs import LABELS
from klima_controlling.formulas.rules import check
from klima_controlling.targets import queries
from klima_controlling.targets.model import StoredTarget, Target
from klima_controlling.targets.queries import TARGET
from klima_shared.codes.access import Role
from klima_shared.http.problems import FieldError, conflict, invalid, invalid_at
from klima_shared.language.errors import InputError
from klima_shared.language.text import Text
from klima_shared.revisions import entities
from klima_shared.revisions.writing import Writer


def from_fields(fields: Row) -> Target:
    """A target, checked. 422 with every place that is wrong."""
    try:
        check(fields["metric"], LABELS)
    except InputError as error:
        raise invalid_at("/body/metric", error.text) from error
    organisation, base = fields["organisation"], fields["base"] or {}
    reduction = fields["base_reduction_percent"]
    target = queries.target_of(
        {
            **fields,
            "version": 1,
            "boundary": Boundary.ORGANISATION if organisation else Boundary.TERRITORY,
            "key": organisation or fields["region"],
            "base_year": base.get("year"),
            "base_value": base.get("value"),
            "base_reduction": None if reduction is None else reduction / 100,
        }
    )
    if faults := target.faults():
        raise invalid(faults[0][1], *(FieldError(f"/body/{name}", text) for name, text in faults))
    return target


async def store(writer: Writer, context: Context, target: Target) -> StoredTarget:
    """A new target, or a new version of one. Only a manager of the region whose target it is; whose
    it is never changes with a version.
    """
    writer.require(Role.MANAGER, target.region)
    if target.boundary is Boundary.ORGANISATION:
        await require_organisation(writer, Role.MANAGER, target.key, target.region)
    if target.applies_below and target.region != context.county:
        raise invalid_at("/body/applies_below", Text("Only the county's target."))
    before = await queries.versions(writer.connection, target.code, lock=True)
    if before:
        last = before[0]
        writer.require(Role.MANAGER, last.region)
        if (last.key, last.boundary) != (target.key, target.boundary):
            raise conflict(
                Text(
                    'The target "{code}" belongs to {key}; a new version does not change that.',
                    code=target.code,
                    key=last.key,
                )
            )
        target = replace(target, version=last.version + 1, headline=last.headline)
    earlier = queries.row_of(before[0]) if before else None
    return await add(writer, target, "decide", earlier)


async def add(
    writer: Writer, target: Target, action: str, before: Row | None = None
) -> StoredTarget:
    """Store a version of a target."""
    values = {**queries.row_of(target), **TARGET.authors(writer.principal.subject)}
    row = await entities.insert(writer.connection, TARGET, values)
    after = TARGET.content(row)
    await writer.record(
        action, TARGET.name, row.code, region=row.region, before=before, after=after
    )
    return row
