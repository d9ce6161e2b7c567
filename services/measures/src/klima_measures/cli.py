"""Commands of the measures service."""

import asyncio
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import typer

from klima_measures.app import context_from
from klima_measures.catalogue.actions.files import load
from klima_measures.catalogue.model import Result
from klima_measures.migrations import config as migrations
from klima_measures.migrations import metadata
from klima_measures.participation.actions.erasure import Removed, apply_retention
from klima_measures.settings import Settings
from klima_shared.database.connections import Database
from klima_shared.database.migrations import upgrade
from klima_shared.service.server import serve as run_server

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


@app.command()
def migrate() -> None:
    """Bring the database schema to the state this program was built for."""
    upgrade(migrations(Settings.load().database_url))


@app.command()
def serve(port: int | None = None, host: str | None = None, workers: int = 1) -> None:
    """Answer HTTP until stopped."""
    given = {k: v for k, v in {"port": port, "host": host}.items() if v is not None}
    run_server(
        "klima_measures.app:create_app", Settings.load().model_copy(update=given), workers=workers
    )


@app.command()
def retention() -> None:
    """Remove what has been kept for as long as the settings say (KLIMA_RETENTION_...). To be run
    once a day."""
    for name, count in asdict(asyncio.run(_retain(Settings.load()))).items():
        typer.echo(f"{name}: {count}")


async def _retain(settings: Settings) -> Removed:
    database = Database(settings, metadata)
    try:
        return await apply_retention(database, settings.retention, datetime.now(UTC))
    finally:
        await database.close()


@app.command()
def load_example(publish: bool = True) -> None:
    """Bring in the 27 example sheets, marked as examples, and publish them. Repeating it changes
    nothing."""
    _show(asyncio.run(_load(Settings.load(), None, publish=publish)))


@app.command(name="import")
def import_catalogue(file: Path, publish: bool = False) -> None:
    """Bring in a catalogue (YAML or JSON) of one's own; all of it, or nothing."""
    _show(asyncio.run(_load(Settings.load(), file.read_bytes(), publish=publish)))


async def _load(settings: Settings, data: bytes | None, *, publish: bool) -> Result:
    database = Database(settings, metadata)
    try:
        return await load(database, context_from(settings), data, publish=publish)
    finally:
        await database.close()


def _show(result: Result) -> None:
    """What happened; exit code 1 with the faults."""
    for fault in result.faults:
        typer.echo(f"{fault.line}: {fault.place or ''} {fault.message.de}", err=True)
    if result.faults:
        raise typer.Exit(1)
    states = [outcome.state for outcome in result.outcomes]
    counts = {state: states.count(state) for state in dict.fromkeys(states)}
    typer.echo(
        f"{len(states)} Maßnahmen: " + ", ".join(f"{n} {state}" for state, n in counts.items())
    )


if __name__ == "__main__":
    app()
