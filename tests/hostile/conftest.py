"""Services as processes whose event loops are watched."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fixtures.databases import DatabaseFactory
from tests.fixtures.live import Live, _installation
from tests.fixtures.tokens import TokenFactory

WATCH = Path(__file__).parent / "watch"


@pytest.fixture(scope="session")
def watched(
    service_database: DatabaseFactory,
    token_factory: TokenFactory,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[Live, Path]]:
    """Running services, and the folder with a `.late` file of each."""
    folder = tmp_path_factory.mktemp("late")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(WATCH))
        patch.setenv("KLIMA_TEST_WATCH", str(folder))
        logs = tmp_path_factory.mktemp("logs")
        with _installation(service_database, token_factory, logs) as live:
            yield live, folder
