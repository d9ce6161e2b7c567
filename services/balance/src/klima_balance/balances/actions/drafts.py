"""Computing drafts, publishing them, and publishing all regions of a year at once.

A municipality is computed from official figures and local activities. A county, state or Germany is
the sum of its municipalities' published balances; these are restored from what is stored of them.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final, NamedTuple
from uuid import uuid4

import anyio
import orjson
from sqlalchemy.ext.asyncio import AsyncConnection

from klima_balance.balances.actions import documents
from klima_balance.balances.actions.inputs import Inputs, load_inputs, method_with
from klima_balance.balances.queries import balances
from klima_balance.balances.queries.balances import Document
from klima_balance.balances.rules.document import document
from klima_balance.engine.balance import Balances, aggregate, restored, start_balances
from klima_balance.engine.observations import wide
from klima_balance.engine.options import Options
from klima_balance.engine.records import digest, region_record, run_record
from klima_balance.heat.rules import heat_supply
from klima_balance.method.model import Method
from klima_balance.regions import queries as regions
from klima_balance.territory.actions import require_exists
from klima_shared.codes.access import Role
from klima_shared.http.problems import Problem, conflict, invalid_at
from klima_shared.language.errors import InputError
from klima_shared.language.text import Text
from klima_shared.revisions.writing import Writer
from klima_shared.wire.json import JsonObject

NO_MEMBERS: Final[Mapping[str, balances.Head]] = {}


def compute(
    inputs: Inputs, method: Method, year: int, options: Options, leaves: Sequence[str] | None
) -> Balances:
    """The engine on loaded inputs; CPU only, for a worker thread. `InputError` for wrong
    content."""
    statistics = wide(inputs.statistics, year=year, regions=leaves)
    networks = heat_supply(inputs.networks, method, options.factor_set, year)
    return start_balances(
        statistics, method, year, options, local=inputs.figures, heat_supply=networks
    )


def english_of(result: Balances, ags: str) -> JsonObject:
    """What of a document depends on the language, in English; sector and carrier labels follow from
    their codes."""
    return english_parts(document(result, ags, language="en"))


def english_parts(body: JsonObject) -> JsonObject:
    return {
        "findings": [finding["reason"] for finding in body["conformity"]["findings"]],
        "blocks": {name: [row["label"] for row in rows] for name, rows in body["blocks"].items()},
        "data_quality_wording": body["data_quality_wording"],
    }


def sources_of(result: Balances) -> list[str]:
    """The sources of the activity rows and of the statistics behind them, each once."""
    found = {line.source for line in result.lines if line.source}
    found |= {activity.source for activity in result.activities if activity.source}
    if result.statistics is not None:
        for name in result.statistics.values:
            origin = result.statistics.provenance_of(name, 0)
            if origin is not None and origin.source:
                found.add(origin.source)
    return sorted(found)


class Named(NamedTuple):
    """A region as its balance names it."""

    ags: str
    name: str
    kind: str


def named(region: regions.Region) -> Named:
    return Named(region.ags, region.name, region.kind)


async def draft(
    writer: Writer,
    method: Method,
    ags: str,
    year: int,
    *,
    factor_set: str | None,
    options: JsonObject | None,
) -> Document:
    """Compute and store a draft. 403 for another's region, 404 for no region, 422 for wrong options
    or inputs."""
    write = writer.connection
    region = await regions.get(write, ags)
    writer.require(Role.EDITOR, ags)
    await require_exists(write, region, year, "/body/year")
    chosen = _options(method, options, factor_set)
    if not region.leaf:
        heads = await members_of(write, ags, year)
        chosen = options_of_members(region, year, heads, chosen if options or factor_set else None)
    table = await method_with(write, method, chosen.factor_set)
    result, heads = await computed(write, table, region, year, chosen)
    row = await store_draft(writer, result, named(region), heads)
    after = {"year": year, "digest": row.digest, "options": chosen.to_dict()}
    await writer.record("compute", "balance", row.id, region=ags, after=after)
    return row


async def members_of(write: AsyncConnection, ags: str, year: int) -> dict[str, balances.Head]:
    """What the municipalities of a region have published."""
    return await balances.newest_heads(write, year, await regions.leaves(write, ags, year))


async def computed(
    write: AsyncConnection, table: Method, region: regions.Region, year: int, options: Options
) -> tuple[Balances, dict[str, balances.Head]]:
    """A region's balance out of what is stored now, and the published balances that a sum is made
    of. 409 for members that this method computes otherwise, 422 for wrong inputs. table: with the
    factor set."""
    ags = region.ags
    if not region.leaf:
        heads = await members_of(write, ags, year)
        return await sum_of(write, table, region, year, options, heads=heads), heads
    inputs = await load_inputs(write, year, [ags])
    if inputs.statistics[inputs.statistics["region"] == ags].empty:
        text = Text(
            "There are no official figures of {name} to compute {year} from.",
            name=region.name,
            year=year,
        )
        raise invalid_at("/body/year", text)
    try:
        result = await anyio.to_thread.run_sync(compute, inputs, table, year, options, [ags])
    except InputError as error:
        raise input_problem(error) from error
    return result, {}


async def sum_of(
    write: AsyncConnection,
    table: Method,
    region: regions.Region,
    year: int,
    options: Options,
    *,
    heads: Mapping[str, balances.Head],
) -> Balances:
    """The sum of what the members of a region have published, whatever their figures are now."""
    _check_members(table, heads)
    records = await balances.published_records(write, [head.id for head in heads.values()])
    expected = len(await regions.leaves(write, region.ags, year))

    def add() -> Balances:
        stored = [(lines, orjson.loads(record)) for lines, record in records]
        members = restored(stored, table, year, options)
        return aggregate(members, {region.ags: sorted(heads)}, expected={region.ags: expected})

    return await anyio.to_thread.run_sync(add)


def _options(method: Method, values: JsonObject | None, factor_set: str | None) -> Options:
    given = {} if factor_set is None else {"factor_set": factor_set}
    try:
        options = Options.from_dict({**(values or {}), **given})
        method.of_edition(options.edition)
        return options
    except InputError as error:
        raise invalid_at("/body/" + error.place.field.replace(".", "/"), error.text) from error


def options_of_members(
    region: regions.Region, year: int, heads: Mapping[str, balances.Head], asked: Options | None
) -> Options:
    """The options all members were published with. 409 when there are none, or when they differ."""
    if not heads:
        raise conflict(
            Text(
                "{name} is the sum of its municipalities, and none has a published balance for "
                "{year} yet.",
                name=region.name,
                year=year,
            )
        )
    groups: dict[Options, list[str]] = {}
    for ags, head in heads.items():  # an older version may not have known an option
        groups.setdefault(Options.from_dict(head.options), []).append(ags)
    if len(groups) > 1:
        fewest = sorted(min(groups.values(), key=lambda found: len(list(found))))
        raise conflict(
            Text(
                "The sum {name} can't be made of municipalities that were computed with different "
                "options or factors; differing: {fewest}. Recalculate {name}, so that all have the "
                "same, or compute these like the others.",
                name=region.name,
                fewest=", ".join(fewest[:20]),
            ),
            regions=fewest[:200],
        )
    common = next(iter(groups))
    if asked is not None and asked != common:
        raise conflict(
            Text(
                "The published balances of the municipalities were computed with other options "
                "than asked for here."
            )
        )
    return common


def _check_members(table: Method, heads: Mapping[str, balances.Head]) -> None:
    """409 unless all members were computed with this method and its factor set."""
    stale = [ags for ags, head in heads.items() if head.method_digest != table.digest]
    if stale:
        raise conflict(
            Text(
                "The balances of these municipalities were computed with another edition of the "
                "method: {stale}. Please compute and publish them anew first.",
                stale=", ".join(sorted(stale)[:20]),
            ),
            regions=sorted(stale)[:200],
        )


def input_problem(error: InputError) -> Problem:
    return invalid_at("/activities/" + error.place.field.replace(".", "/"), error.text)


def run_row(result: Balances) -> JsonObject:
    content = orjson.dumps(run_record(result), option=orjson.OPT_SORT_KEYS)
    digest = documents.sha256(content)
    return {
        "id": uuid4(),
        "year": result.year,
        "method_digest": result.method.digest,
        "factor_set": result.options.factor_set,
        "options": result.options.to_dict(),
        "record": content,
        "digest": digest,
    }


async def store_draft(
    writer: Writer,
    result: Balances,
    region: Named,
    members: Mapping[str, balances.Head] = NO_MEMBERS,
) -> Document:
    now = datetime.now(UTC)
    run = await balances.add_run(writer.connection, run_row(result))
    head = documents.head(
        result.method, result.options.factor_set, region._asdict(), sources_of(result), now
    )
    identity = uuid4()
    body = document(result, region.ags)
    content, etag = documents.finished(
        body, head, identity=identity, state="draft", version=None, published_at=None
    )
    draft = Document(
        id=identity,
        region=region.ags,
        year=result.year,
        state="draft",
        version=None,
        digest=digest(result, region.ags),
        etag=etag,
        published_at=None,
        provisional=body["provisional"],
        document=content,
        english=orjson.dumps(english_of(result, region.ags)),
    )
    record = orjson.dumps(region_record(result, region.ags))
    more = {"run_id": run, "members": [head.id for head in members.values()] or None}
    stamps = {"record": record, "created_by": writer.principal.subject, "created_at": now}
    await balances.add(writer.connection, draft._asdict() | more | stamps)
    return draft
