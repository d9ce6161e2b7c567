"""What routes take from the running service: the installation, the balance service, sessions."""

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Annotated, cast

from fastapi import Depends, Request

from klima_measures.base.actions.regions import Regions, ask
from klima_measures.base.actions.session import ReadSession, WriteSession
from klima_measures.base.model.context import Context
from klima_measures.base.queries.regions import region_names
from klima_measures.upstream.actions import Balance
from klima_shared.database.connections import Read, Write, database_of
from klima_shared.http.auth import Caller, Principal, ServiceCaller
from klima_shared.http.etags import IfMatch
from klima_shared.revisions.dependencies import EditorChange, ManagerChange
from klima_shared.revisions.writing import Writer, writing


def context_of(request: Request) -> Context:
    return cast("Context", request.app.state.context)


def balance_of(request: Request) -> Balance:
    return cast("Balance", request.app.state.balance)


async def regions_of(request: Request, keys: Iterable[str]) -> Regions:
    """What is known of region keys; to be asked before a transaction is opened."""
    async with database_of(request).read() as connection:
        names = await region_names(connection)
    return await ask(names, balance_of(request), context_of(request).county, keys)


async def unknown_regions(request: Request, keys: Sequence[str]) -> Sequence[str]:
    """How `klima_shared.http.references` asks."""
    return (await regions_of(request, keys)).unknown(keys)


# Coroutines, because FastAPI sends plain functions to a worker thread.
async def _reading(request: Request, connection: Read, caller: Caller) -> ReadSession:
    return ReadSession(connection, caller, context_of(request))


def _session(request: Request, writer: Writer) -> WriteSession:
    return WriteSession(
        writer.connection,
        writer.principal,
        writer.metadata,
        writer.if_match,
        context=context_of(request),
    )


@asynccontextmanager
async def read_session(request: Request, caller: Principal) -> AsyncIterator[ReadSession]:
    """For a route that asks the balance service afterwards, its connection given back."""
    async with database_of(request).read() as connection:
        yield ReadSession(connection, caller, context_of(request))


async def _editing(request: Request, writer: EditorChange) -> WriteSession:
    return _session(request, writer)


async def _managing(request: Request, writer: ManagerChange) -> WriteSession:
    return _session(request, writer)


async def _reporting(request: Request, connection: Write, caller: ServiceCaller) -> WriteSession:
    return _session(request, Writer(connection, caller, database_of(request).metadata))


Reading = Annotated[ReadSession, Depends(_reading)]
Editing = Annotated[WriteSession, Depends(_editing)]
"""An editor who changes what he has read: with `If-Match`."""
Managing = Annotated[WriteSession, Depends(_managing)]
Reporting = Annotated[WriteSession, Depends(_reporting)]


@asynccontextmanager
async def write_session(
    request: Request, caller: Principal, if_match: IfMatch | None = None
) -> AsyncIterator[WriteSession]:
    """A transaction that begins only now: another service had to be asked before."""
    async with writing(database_of(request), caller, if_match) as writer:
        yield _session(request, writer)
