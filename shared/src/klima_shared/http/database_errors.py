"""What an error of the database means to the caller: try again later, somebody was faster, or the
content has no place in it."""

from typing import Final

import structlog
from fastapi import FastAPI, Request
from sqlalchemy.exc import DataError, DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.responses import JSONResponse

from klima_shared.http.problems import (
    Problem,
    conflict,
    internal,
    unavailable,
    unstorable,
    write_problem,
)
from klima_shared.language.text import Text

log = structlog.get_logger(__name__)

TAKEN: Final = frozenset({"23505", "23P01"})  # unique and exclusion constraints
REFERENCE: Final = "23503"
CLASHES: Final = frozenset({"40001", "40P01"})  # serialization failure, deadlock: rolled back whole
WAITED: Final = frozenset({"55P03", "57014"})  # a lock or a statement took too long
FULL: Final = "53100"


def sqlstate(error: Exception) -> str:
    state = getattr(getattr(error, "orig", None), "sqlstate", None)
    return state if isinstance(state, str) else ""


def problem_of(error: Exception) -> Problem:
    """409 where another request was faster, 422 for what can't be stored, 503 where it may be
    another matter in a while; anything else is our fault."""
    if isinstance(error, DataError):
        return unstorable()
    state = sqlstate(error)
    if state in TAKEN:
        return conflict(Text("Another request has just stored the same; nothing was changed."))
    if state == REFERENCE:
        return conflict(Text("What this refers to is gone, or is still used in another place."))
    if state in CLASHES:
        return unavailable(Text("Others changed the same at the same moment."), retry_after=1)
    if state in WAITED:
        return unavailable(Text("The database is busy with something else right now."))
    if state == FULL:
        text = Text("There is no space left to store this; reading goes on.")
        return unavailable(text, retry_after=60)
    if lost(error):
        return unavailable(Text("The database is not reachable right now."))
    return internal()


def lost(error: Exception) -> bool:
    """Whether no answer came: no connection, or one that broke."""
    broken = isinstance(error, DBAPIError) and error.connection_invalidated
    return broken or isinstance(error, OperationalError | PoolTimeoutError)


def install_database_handlers(app: FastAPI) -> None:
    """Answer every error of the database as a problem."""

    async def on_database(request: Request, error: Exception) -> JSONResponse:
        problem = problem_of(error)
        if problem.status >= 500:
            log.error("database error", error=type(error).__name__, exc_info=error)
        else:
            log.info("the database refuses", error=type(error).__name__, state=sqlstate(error))
        if problem.status == 503:
            # A connection that broke or was not to be had, unlike a pool that is empty:
            # `middleware.ReadAgain` looks here.
            broken = isinstance(error, DBAPIError) and (
                error.connection_invalidated or error.statement is None
            )
            request.scope["klima.connection_lost"] = broken
        return write_problem(request, problem)

    app.add_exception_handler(DBAPIError, on_database)
    app.add_exception_handler(PoolTimeoutError, on_database)
