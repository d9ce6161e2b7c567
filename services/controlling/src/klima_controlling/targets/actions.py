"""Writing targets: each decision is a version, and the versions before it stay."""

from dataclasses import replace

from klima_controlling.base.actions import Context
from klima_controlling.base.model import Boundary
from klima_controlling.base.queries import Row
from klima_controlling.base.tables import metadata
from klima_controlling.formulas.inputs import LABELS
from klima_controlling.formulas.rules import names, parse
from klima_controlling.targets import queries
from klima_controlling.targets.model import Target
from klima_shared.codes.access import Role
from klima_shared.database import audit
from klima_shared.database.connections import WriteConnection
from klima_shared.http.auth import Principal
from klima_shared.http.problems import FieldError, conflict, invalid, invalid_at
from klima_shared.http.validation import TextError
from klima_shared.language.text import Text


def from_fields(fields: Row) -> Target:
    """A target, checked. 422 with every place that is wrong."""
    try:
        parse(fields["metric"])
    except TextError as error:
        raise invalid_at("/body/metric", error.text) from error
    unknown = [name for name in names(fields["metric"]) if name not in LABELS]
    if unknown:
        listed = ", ".join(unknown)
        raise invalid_at("/body/metric", Text("Unknown input: {listed}.", listed=listed))
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


async def store(
    connection: WriteConnection, principal: Principal, context: Context, target: Target
) -> Target:
    """A new target, or a new version of one. Only a manager of the region whose target it is; whose
    it is never changes with a version.
    """
    principal.require(Role.MANAGER, target.region)
    if target.applies_below and target.region != context.county:
        raise invalid_at("/body/applies_below", Text("Only the county's target."))
    before = await queries.versions(connection, target.code, lock=True)
    if before:
        last = before[0]
        principal.require(Role.MANAGER, last.region)
        if (last.key, last.boundary) != (target.key, target.boundary):
            raise conflict(
                Text(
                    'The target "{code}" belongs to {key}; a new version does not change that.',
                    code=target.code,
                    key=last.key,
                )
            )
        target = replace(target, version=last.version + 1, headline=last.headline)
    await queries.add(connection, target, principal.subject)
    await audit.record(
        connection,
        metadata,
        principal,
        action="decide",
        entity="target",
        entity_id=target.code,
        region=target.region,
        before=queries.row_of(before[0], "") if before else None,
        after=queries.row_of(target, principal.subject),
    )
    return target
