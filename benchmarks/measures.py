"""Ten thousand measures with twenty rows each, read by one worker: `./klima bench measures`.

A real uvicorn process and a real Postgres. Lists are asked with changing filters and words, so that
no answer is asked twice in a row; times are those of a client on the same machine, one request
after the other.
"""

from __future__ import annotations

import asyncio
import itertools
import random
import statistics
import time
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID, uuid4

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from benchmarks.figures import Figure, figure
from benchmarks.ideas import Connection
from benchmarks.one_service import running
from klima_measures.base.actions.session import WriteSession
from klima_measures.base.model.context import Context, Fields
from klima_measures.base.queries.regions import put_regions
from klima_measures.catalogue.actions import printing
from klima_measures.catalogue.actions.files import LOADER
from klima_measures.catalogue.pages import set_catalogue
from klima_measures.catalogue.queries import jobs
from klima_measures.catalogue.queries.listing import Filters
from klima_measures.migrations import metadata
from klima_measures.registers.model import RegisterKind
from klima_measures.registers.queries import REGISTERS
from klima_measures.settings import Settings
from klima_measures.sheets.model.codes import Audience, Editorial
from klima_measures.sheets.model.sheet import Sheet
from klima_measures.sheets.queries import views
from klima_measures.sheets.queries.sheets import Head, Revision
from klima_measures.sheets.tables import measure, measure_revision
from klima_shared.codes.action import FieldOfAction, Phase
from klima_shared.codes.energy import Sector
from klima_shared.database.connections import Database
from klima_shared.revisions import entities

MEASURES: Final = 10_000
REQUESTS: Final = 200
CATALOGUE: Final = 150
COUNTY: Final = "05974000"
TOWNS: Final = [f"05974{n:03d}" for n in range(4, 57, 4)]
# Words as they are spread in real texts: a few in nearly every sheet, most in few. Compounds as
# German makes them.
_FIRST: Final = (
    "Rad",
    "Wärme",
    "Gebäude",
    "Wald",
    "Bus",
    "Schul",
    "Energie",
    "Solar",
    "Wasser",
    "Boden",
    "Strom",
    "Heiz",
    "Dach",
    "Verkehrs",
    "Bürger",
    "Gemeinde",
    "Klima",
    "Grün",
    "Biogas",
    "Wind",
    "Lade",
    "Moor",
    "Straßen",
    "Quartiers",
)
_SECOND: Final = (
    "weg",
    "planung",
    "sanierung",
    "fläche",
    "netz",
    "beratung",
    "förderung",
    "speicher",
    "schutz",
    "konzept",
    "bau",
    "gruppe",
)
WORDS: Final = tuple(first + second for second in _SECOND for first in _FIRST)
_WEIGHTS: Final = tuple(itertools.accumulate(1 / (rank + 3) for rank in range(len(WORDS))))
LIMITS: Final = {
    "list_p95": ("ms", 50.0),
    "search_p95": ("ms", 50.0),
    "facets_p95": ("ms", None),
    "measure_p95": ("ms", 30.0),
    "sheet_p95": ("ms", 30.0),
    "pdf_p95": ("ms", 1000.0),
    "catalogue_150": ("s", 20.0),
    "catalogue_progress_steps": ("", None),
}


def figures() -> dict[str, Figure]:
    """What `./klima bench` shows and judges."""
    measured = run()
    return {name: figure(measured[name], unit, limit) for name, (unit, limit) in LIMITS.items()}


def run() -> dict[str, Any]:
    """Measure once, on a database of its own that is thrown away."""
    with running("measures") as service:
        address = service.owner_url.replace("postgresql://", "postgresql+psycopg://", 1)
        return asyncio.run(_measure(service.port, address))


async def _measure(port: int, url: str) -> dict[str, Any]:
    chance = random.Random(7)  # noqa: S311 (the same data in every run)
    database = Database(Settings(environment="test", database_url=url), metadata)
    context = Context(COUNTY, Fields())
    try:
        start = time.perf_counter()
        ids = await _fill(database, chance)
        measured: dict[str, Any] = {"filled_s": time.perf_counter() - start}
        connection = Connection(port)
        lists = [_list(chance, words=False) for _ in range(REQUESTS)]
        searches = [_list(chance, words=True) for _ in range(REQUESTS)]
        some = chance.sample(ids, REQUESTS)
        measured["list_p95"] = await _p95(connection, lists)
        measured["search_p95"] = await _p95(connection, searches)
        counted = [_list(chance, words=False, ordered=False) for _ in range(50)]
        measured["facets_p95"] = await _p95(
            connection, [path.replace("?", "/facets?", 1) for path in counted]
        )
        measured["measure_p95"] = await _p95(connection, [f"/v1/measures/{i}" for i in some])
        measured["sheet_p95"] = await _p95(connection, [f"/v1/measures/{i}/sheet" for i in some])
        measured["pdf_p95"] = await _p95(
            connection, [f"/v1/measures/{i}/sheet.pdf" for i in some[:40]]
        )
        return measured | await _catalogue(database, context)
    finally:
        await database.close()


async def _p95(connection: Connection, paths: Sequence[str]) -> float:
    """Milliseconds; the first ten requests warm up and do not count."""
    times: list[float] = []
    for path in [*paths[:10], *paths]:
        start = time.perf_counter()
        status, _ = await connection.get(path)
        times.append((time.perf_counter() - start) * 1000)
        if status != 200:
            raise RuntimeError(f"{path} answered {status}")
    return statistics.quantiles(times[10:], n=20)[-1]


def _list(chance: random.Random, *, words: bool, ordered: bool = True) -> str:
    """A list with one to three filters, and with words to look for."""
    filters = {
        "field": chance.choice(list(FieldOfAction)).value,
        "region": chance.choice([*TOWNS, COUNTY]),
        "phase": chance.choice(list(Phase)[:5]).value,
        "status": chance.choice(["late", "on_track", "not_started", "at_risk"]),
        "year": str(chance.randint(2024, 2032)),
        "intermunicipal": chance.choice(["true", "false"]),
        "cost_min": str(chance.randint(1, 200) * 1000),
        "saving_min": str(chance.randint(1, 100)),
    }
    chosen = dict(chance.sample(sorted(filters.items()), chance.randint(0 if words else 1, 3)))
    if words:
        chosen["q"] = _text(chance, chance.randint(1, 2))
    elif ordered and chance.random() < 0.5:
        chosen["sort"] = chance.choice(
            ["-cost", "title", "number", "-changed", "start", "priority"]
        )
    return "/v1/measures?" + urlencode(chosen)


async def _fill(database: Database, chance: random.Random) -> list[UUID]:
    async with database.write() as connection:
        rows = [
            {"ags": ags, "name": f"Gemeinde {ags}", "kind": "municipality", "parent": COUNTY}
            for ags in TOWNS
        ]
        await put_regions(connection, rows)
        programme = await entities.insert(
            connection,
            REGISTERS[RegisterKind.FUNDING_PROGRAMME],
            {
                "id": uuid4(),
                "code": "p",
                "title": "Programm",
                "region": COUNTY,
                "revision": 1,
                "document": {"code": "p", "title": "Programm"},
                "public": True,
                "changed_by": LOADER.subject,
            },
        )
    ids: list[UUID] = []
    for start in range(0, MEASURES, 1000):
        async with database.write() as connection:
            await _some(connection, chance, ids, start, programme.id)
    # What the autovacuum of a running server does by itself sooner or later.
    async with database.engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        await connection.exec_driver_sql("vacuum analyze")
    return ids


async def _some(
    connection: AsyncConnection, chance: random.Random, ids: list[UUID], start: int, programme: UUID
) -> None:
    now = datetime.now(UTC)
    heads, revisions, laid_out = [], [], []
    for n in range(start, start + 1000):
        target = chance.choice(ids) if ids and n % 1000 else None
        sheet, phase = (
            _sheet(chance, n, programme, target if target in ids[:start] else None),
            chance.choice(list(Phase)[:5]),
        )
        identity, owner = uuid4(), sheet.regions[0] if len(sheet.regions) == 1 else COUNTY
        ids.append(identity)
        head = Head(
            id=identity,
            concept="2.0",
            number=sheet.number,
            owner=owner,
            regions=sheet.regions,
            revision=1,
            editorial=Editorial.PUBLISHED,
            phase=phase,
            created_at=now,
            changed_at=now,
            changed_by="bench",
            published_revision=1,
            published_at=now,
            first_published_at=now,
        )
        heads.append(asdict(head))
        document = sheet.model_dump(mode="json")
        made = (head.id, 1, phase, head.editorial, "publish", None, now, "bench")
        revisions.append(Revision(*made, document)._asdict())
        laid_out += [
            views.View(head, audience, sheet) for audience in (Audience.PUBLIC, Audience.INTERNAL)
        ]
    await connection.execute(insert(measure), heads)
    await connection.execute(insert(measure_revision), revisions)
    await views.put(connection, laid_out)


def _text(chance: random.Random, n: int) -> str:
    return " ".join(chance.choices(WORDS, cum_weights=_WEIGHTS, k=n))


def _sheet(chance: random.Random, n: int, programme: UUID, target: UUID | None) -> Sheet:
    """Twenty rows: 4 steps, 3 milestones, 4 costs, 2 of staff, 2 savings, 1 funding, 2 actors, 1
    decision, 1 link."""
    year = chance.randint(2024, 2030)
    county = chance.random() < 0.3
    regions = [COUNTY] if county else chance.sample(TOWNS, chance.choice([1, 1, 2, 5]))
    return Sheet.model_validate(
        {
            "number": f"B-{n}",
            "title": f"{_text(chance, 4)} {n}",
            "short_text": _text(chance, 15),
            "example": True,
            "level": "county" if county else "municipality",
            "regions": regions,
            "field": chance.choice(list(FieldOfAction)).value,
            "type": "technical",
            "goal": _text(chance, 30),
            "initial_situation": _text(chance, 30),
            "description": _text(chance, 120),
            "planned_start": date(year, 1, 1),
            "planned_end": date(year + chance.randint(1, 6), 12, 31),
            "actors": [{"name": _text(chance, 2)} for _ in range(2)],
            "steps": [
                {"title": _text(chance, 4), "starts_on": date(year, i + 1, 1)} for i in range(4)
            ],
            "milestones": [
                {"title": _text(chance, 3), "due": date(year + i, 6, 30)} for i in range(3)
            ],
            "costs": [
                {
                    "year": year + i,
                    "kind": "investment",
                    "amount_eur": f"{chance.randint(0, 90) * 1000}.00",
                }
                for i in range(4)
            ],
            "staff": [{"year": year + i, "days": "10"} for i in range(2)],
            "funding": [{"programme": programme}],
            "savings": [
                {
                    "year": None,
                    "sector": chance.choice(list(Sector)).value,
                    "final_energy_mwh": float(chance.randint(0, 900)),
                    "emissions_t_co2e": float(chance.randint(0, 200)),
                    "affects_bisko": True,
                }
                for _ in range(2)
            ],
            "decisions": [{"body": "Kreistag (Beispiel)", "decided_on": date(2024, 1, 1)}],
            "links": [{"kind": "accompanies", "measure": target}] if target else [],
        }
    )


async def _catalogue(database: Database, context: Context) -> dict[str, Any]:
    """Seconds for a catalogue of 150 sheets, and in how many steps its progress was to be seen."""
    filters = Filters(today=context.today(), q=None)
    steps: set[int] = set()
    async with database.write() as writing:
        session = WriteSession(writing, LOADER, metadata, context=context)
        identity = (await printing.add_job(session, CATALOGUE, filters)).id
    start = time.perf_counter()
    what = printing.Printing(database, context, filters, set_catalogue, "de", CATALOGUE)
    made = asyncio.create_task(printing.print_catalogue(what, identity))
    while not made.done():
        async with database.read() as connection:
            job = await jobs.find(connection, identity)
        steps.add(job.done if job else 0)
        await asyncio.sleep(0.02)
    await made
    seconds = time.perf_counter() - start
    async with database.read() as connection:
        job = await jobs.find(connection, identity)
        content = await jobs.content(connection, identity)
    if job is None or job.state != "done" or job.done != CATALOGUE:
        raise RuntimeError(f"the catalogue was not made: {job and job.state}")
    return {
        "catalogue_150": seconds,
        "catalogue_progress_steps": len(steps),
        "catalogue_bytes": len(content),
    }


BENCHES: Final = {"measures": figures}
