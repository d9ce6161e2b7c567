"""The jobs that set the printed catalogue."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from klima_measures.catalogue.tables import catalogue_job
from klima_measures.sheets.tables import measure_revision


@dataclass(frozen=True)
class Job:
    """A catalogue being made; `done` of `total` sheets are ready."""

    id: UUID
    state: str
    done: int
    total: int
    message: str | None
    created_at: datetime
    finished_at: datetime | None


_COLUMNS = [catalogue_job.c[name] for name in Job.__dataclass_fields__]


async def add(connection: AsyncConnection, **values: object) -> None:
    await connection.execute(insert(catalogue_job).values(**values))


async def change(connection: AsyncConnection, identity: UUID, **values: object) -> None:
    job = catalogue_job
    await connection.execute(update(job).where(job.c.id == identity).values(**values))


async def find(connection: AsyncConnection, identity: UUID) -> Job | None:
    query = select(*_COLUMNS).where(catalogue_job.c.id == identity)
    row = (await connection.execute(query)).first()
    return Job(*row) if row else None


async def content(connection: AsyncConnection, identity: UUID) -> bytes:
    """The file of a finished job."""
    query = select(catalogue_job.c.content).where(catalogue_job.c.id == identity)
    return bytes((await connection.execute(query)).scalar_one())


async def withdrawn_since(connection: AsyncConnection, job: Job) -> bool:
    """Whether any sheet was archived after the job was ordered."""
    c = measure_revision.c
    query = select(c.revision).where(c.action == "archive", c.at >= job.created_at).limit(1)
    return (await connection.execute(query)).first() is not None
