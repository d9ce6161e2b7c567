"""What every request pays: no thread for a dependency that computes nothing, no connection opened for each use."""

from inspect import iscoroutinefunction
from typing import Any, get_args

import pytest

from klima_shared.auth import Caller, Editor
from klima_shared.database import Database, service_metadata
from klima_shared.etags import RequiredIfMatch
from klima_shared.formats import RequestedFormat
from klima_shared.idempotency import Idempotency
from klima_shared.pages import Paging
from klima_shared.reader import ReaderLang
from klima_shared.settings import ServiceSettings


@pytest.mark.parametrize(
    "declared", [Caller, Editor, RequiredIfMatch, RequestedFormat, ReaderLang, Idempotency, Paging]
)
def test_dependencies_stay_on_the_event_loop(declared: Any) -> None:
    """FastAPI sends a plain function to a worker thread, which takes longer than what these do."""
    assert iscoroutinefunction(get_args(declared)[1].dependency)


async def test_the_pool_keeps_what_it_opened() -> None:
    settings = ServiceSettings(database_url="postgresql+psycopg://nobody@127.0.0.1:1/none", database_pool_size=3)
    database = Database(settings, service_metadata("test"))
    assert database.engine.pool.size() == 3  # type: ignore[attr-defined]
    assert database.engine.pool._max_overflow == 0  # type: ignore[attr-defined]
    await database.close()
