"""All balances of a year at once: municipalities, counties, states, Germany, in one transaction.

What is published already with the same digest is left alone, so a run can be repeated after
anything; and because there is one transaction, a run that is killed leaves nothing behind.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from uuid import UUID, uuid4

import orjson

from klima_balance.balances.actions import documents
from klima_balance.balances.actions.drafts import Named, compute, english_parts, run_row, sources_of
from klima_balance.balances.actions.inputs import load_inputs
from klima_balance.balances.actions.publishing import follow
from klima_balance.balances.queries import balances
from klima_balance.balances.rules.document import documents as written
from klima_balance.engine.balance import Balances, aggregate
from klima_balance.engine.options import Options
from klima_balance.engine.records import digest, region_record
from klima_balance.engine.regions import memberships
from klima_balance.method import load_method
from klima_balance.method.model import Method
from klima_balance.regions import queries as regions
from klima_balance.regions.actions.load import OPERATOR
from klima_balance.regions.queries import publication_time
from klima_balance.regions.tables import metadata
from klima_balance.settings import Settings
from klima_shared.codes.regions import GERMANY, covers
from klima_shared.database.connections import Database
from klima_shared.revisions.writing import Writer
from klima_shared.wire.json import JsonObject

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Summary:
    """How many balances a run computed, and how many of them were new or changed."""

    year: int
    computed: int
    published: int
    unchanged: int


@dataclass(frozen=True)
class Job:
    """Balances of a year: of every region inside `region` (None: of all there are)."""

    method: Method
    year: int
    region: str | None
    options: Options
    publish: bool


async def compute_year(writer: Writer, job: Job, progress: Progress) -> Summary:
    """Compute the balances, and publish what differs from what is published."""
    write, year = writer.connection, job.year
    if job.publish:
        await balances.lock_year(write, [year])
    every = await regions.names(write)
    leaves = await regions.leaves(write, job.region or GERMANY, year)
    progress("reading", 0, 1)
    inputs = await load_inputs(write, year, None if job.region in {None, GERMANY} else leaves)
    known = set(inputs.statistics.loc[inputs.statistics["statistic"] == "population", "region"])
    computable = [ags for ags in leaves if ags in known]
    if not computable:
        return Summary(year, 0, 0, 0)
    progress("computing", 0, 1)
    single = compute(inputs, job.method, year, job.options, computable)
    below = memberships(leaves)
    members = {ags: below.get(ags, ()) for ags in _sums(every, leaves, job.region)}
    expected = {ags: len(inside) for ags, inside in members.items()}
    sums = aggregate(single, members, expected=expected)
    total = len(single.regions) + len(sums.regions)
    if not job.publish:
        return Summary(year, total, 0, total)
    now = await publication_time(write)
    await balances.lock(write)
    work = _Publication(
        run=await balances.add_run(write, run_row(single)),
        heads=await balances.newest_heads(write, year),
        names={ags: Named(ags, *name) for ags, name in every.items()},
        sources=sources_of(single),
        subject=writer.principal.subject,
        now=now,
        progress=_Counter(progress, total),
    )
    published = await balances.copy_published(write, chain(work.rows(single), work.rows(sums)))
    if published:
        inside, where = computable[:1], every[job.region or GERMANY][0]
        reason = f"Neue Fassungen der Gemeinden: {where}."
        await follow(writer, job.method, inside, year, reason, without=sums.regions.tolist())
        after = {"year": year, "published": published, "computed": total}
        await writer.record("publish_year", "balance", work.run, region=job.region, after=after)
    return Summary(year, total, published, total - published)


def _sums(
    every: Mapping[str, tuple[str, str]], leaves: Sequence[str], region: str | None
) -> list[str]:
    """The regions that are sums, as far as they lie inside `region`."""
    single = set(leaves)
    sums = [ags for ags, (_, kind) in every.items() if kind != "municipality"]
    return sorted(
        ags for ags in sums if ags not in single and (region is None or covers(region, ags))
    )


@dataclass
class _Counter:
    """Says every hundred balances how far the work is."""

    progress: Progress
    total: int
    done: int = 0

    def step(self) -> None:
        self.done += 1
        if self.done % 100 == 0 or self.done == self.total:
            self.progress("publishing", self.done, self.total)


@dataclass(frozen=True)
class _Publication:
    run: UUID
    heads: Mapping[str, balances.Head]
    names: Mapping[str, Named]
    sources: list[str]
    subject: str
    now: datetime
    progress: _Counter

    def rows(self, result: Balances) -> Iterator[Mapping[str, object]]:
        """Rows for COPY of every region whose digest is not the published one."""
        factor_set = result.options.factor_set
        shared = {"year": result.year, "state": "published", "run_id": self.run}
        shared |= {"created_by": self.subject, "published_by": self.subject}
        shared |= {"created_at": self.now, "published_at": self.now}
        for (ags, body), (_, english) in zip(written(result), written(result, "en"), strict=True):
            self.progress.step()
            current, before = digest(result, ags), self.heads.get(ags)
            if before is not None and before.digest == current:
                continue
            identity, version = uuid4(), (before.version if before else 0) + 1
            named = self.names[ags]._asdict()
            head = documents.head(result.method, factor_set, named, self.sources, self.now)
            content, etag = documents.finished(
                body,
                head,
                identity=identity,
                state="published",
                version=version,
                published_at=self.now,
            )
            yield shared | {
                "id": identity,
                "region": ags,
                "version": version,
                "digest": current,
                "etag": etag,
                "provisional": body["provisional"],
                "document": content,
                "english": orjson.dumps(english_parts(english)),
                "record": orjson.dumps(region_record(result, ags)),
            }


async def compute_and_publish(
    settings: Settings, years: Sequence[int], ags: str | None, *, publish: bool, progress: Progress
) -> list[Summary]:
    """All balances inside `ags` (None: everything), one transaction a year."""
    method, database, summaries = load_method(), Database(settings, metadata), []
    try:
        for year in years:
            async with database.write() as write:
                writer = Writer(write, OPERATOR, metadata)
                job = Job(method, year, ags, Options(), publish)
                summaries.append(await compute_year(writer, job, progress))
    finally:
        await database.close()
    return summaries


async def published_document(settings: Settings, ags: str, year: int) -> JsonObject | None:
    database = Database(settings, metadata)
    try:
        async with database.read() as read:
            row = await balances.published(read, ags, year)
    finally:
        await database.close()
    return None if row is None else orjson.loads(row.document)
