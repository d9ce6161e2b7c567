"""Commands of the measures service."""

from __future__ import annotations

import typer

from klima_measures.settings import Settings
from klima_measures.storage import migrations
from klima_shared.migrations import upgrade
from klima_shared.server import serve as run_server

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


@app.command()
def migrate() -> None:
    """Bring the database schema to the state this program was built for."""
    upgrade(migrations(Settings.load().database_url))


@app.command()
def serve(port: int | None = None, host: str | None = None, workers: int = 1) -> None:
    """Answer HTTP until stopped."""
    given = {k: v for k, v in {"port": port, "host": host}.items() if v is not None}
    run_server("klima_measures.app:create_app", Settings.load().model_copy(update=given), workers=workers)


if __name__ == "__main__":
    app()
