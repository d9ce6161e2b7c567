"""All balances of a year at once: municipalities, counties, states, Germany, in one transaction.

What is published already with the same digest is left alone, so a run can be repeated after
anything; and because there is one transaction, a run that is killed leaves nothing behind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any
from uuid import UUID, uuid4

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from klima_balance.balances.actions import documents
from klima_balance.balances.actions.drafts import compute, english_parts, run_row, sources_of
from klima_balance.balances.actions.inputs import load_inputs
from klima_balance.balances.queries import balances
from klima_balance.balances.rules.document import documents as written
from klima_balance.engine.balance import Balances, aggregate
from klima_balance.engine.options import Options
from klima_balance.engine.records import region_record
from klima_balance.method.model import Method
from klima_balance.regions import queries as regions
from klima_balance.regions.queries import publication_time
from klima_balance.regions.tables import metadata
from klima_shared.database import audit
from klima_shared.http.auth import Principal

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Summary:
    """How many balances a run computed, and how many of them were new or changed."""

    year: int
    computed: int
    published: int
    unchanged: int


async def compute_year(
    write: AsyncConnection,
    operator: Principal,
    method: Method,
    year: int,
    region: str | None,
    options: Options,
    *,
    publish: bool,
    progress: Progress,
) -> Summary:
    """Compute every region inside `region` (None: everything), and publish what differs from what
    is published."""
    every = {ags: kind for ags, (_, kind) in (await regions.names(write)).items()}
    leaves = await regions.leaves(write, region or "DG000000")
    progress("reading", 0, 1)
    inputs = await load_inputs(write, year, None if region in {None, "DG000000"} else leaves)
    known = set(inputs.statistics.loc[inputs.statistics["statistic"] == "population", "region"])
    computable = [ags for ags in leaves if ags in known]
    if not computable:
        return Summary(year, 0, 0, 0)
    progress("computing", 0, 1)
    single = compute(inputs, method, year, options, computable)
    members = {
        ags: [leaf for leaf in leaves if _covers(ags, leaf)] for ags in _sums(every, leaves, region)
    }
    sums = aggregate(single, members, expected={ags: len(found) for ags, found in members.items()})
    total = len(single.regions) + len(sums.regions)
    if not publish:
        return Summary(year, total, 0, total)
    # Nobody else publishes meanwhile: version numbers and comparison stay true until the commit.
    # Reading goes on.
    now = await publication_time(write)
    await write.execute(text("lock table balance.balance in share row exclusive mode"))
    heads = await balances.newest_heads(write, year)
    run = await balances.add_run(write, run_row(single))
    work = _Work(
        method,
        year,
        run,
        heads,
        operator.subject,
        await regions.names(write),
        sources_of(single),
        now,
    )
    rows = chain(
        work.rows(single, progress, 0, total), work.rows(sums, progress, len(single.regions), total)
    )
    published = await balances.copy_published(write, rows)
    if published:
        await audit.record(
            write,
            metadata,
            operator,
            action="publish_year",
            entity="balance",
            entity_id=str(run),
            region=region,
            after={"year": year, "published": published, "computed": total},
        )
    return Summary(year, total, published, total - published)


def _sums(every: Mapping[str, str], leaves: list[str], region: str | None) -> list[str]:
    """The regions that are sums, as far as they lie inside `region`."""
    single = set(leaves)
    found = [ags for ags, kind in every.items() if kind != "municipality" and ags not in single]
    return sorted(ags for ags in found if region is None or _covers(region, ags))


def _covers(outer: str, inner: str) -> bool:
    if outer == "DG000000":
        return True
    if outer.endswith("000000"):
        return inner.startswith(outer[:2])
    return inner.startswith(outer[:5]) if outer.endswith("000") else inner == outer


@dataclass(frozen=True)
class _Work:
    method: Method
    year: int
    run: UUID
    heads: Mapping[str, balances.Head]
    subject: str
    names: Mapping[str, tuple[str, str]]
    sources: list[str]
    now: datetime

    def rows(
        self, result: Balances, progress: Progress, done: int, total: int
    ) -> Iterator[tuple[Any, ...]]:
        """Rows for COPY of every region whose digest is not the published one."""
        factor_set = result.options.factor_set
        english = written(result, "en")
        for count, (ags, body) in enumerate(written(result), start=done + 1):
            _, other = next(english)
            if count % 100 == 0 or count == total:
                progress("publishing", count, total)
            digest, before = result.digest(ags), self.heads.get(ags)
            if before is not None and before.digest == digest:
                continue
            identity, version = uuid4(), (before.version if before else 0) + 1
            name, kind = self.names[ags]
            head = documents.head(
                self.method,
                factor_set,
                {"ags": ags, "name": name, "kind": kind},
                self.sources,
                self.now,
            )
            content, etag = documents.finished(
                body,
                head,
                identity=identity,
                state="published",
                version=version,
                published_at=self.now,
            )
            yield (
                identity,
                ags,
                self.year,
                "published",
                version,
                self.run,
                None,
                digest,
                etag,
                content,
                orjson.dumps(english_parts(other)),
                orjson.dumps(region_record(result, ags)),
                self.subject,
                self.now,
                self.now,
                self.subject,
            )
