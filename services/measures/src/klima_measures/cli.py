"""Commands of the measures service."""

import asyncio
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import typer

from klima_measures.app import context_from
from klima_measures.catalogue.actions.files import load, shipped_file
from klima_measures.catalogue.model import Result
from klima_measures.migrations import config as migrations
from klima_measures.migrations import metadata
from klima_measures.participation.actions.erasure import Removed, apply_retention
from klima_measures.settings import Settings
from klima_shared.database.connections import Database
from klima_shared.formats.sheets import line_of
from klima_shared.service.server import commands

app = commands("klima_measures", Settings, migrations)


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
    _show(asyncio.run(_load(Settings.load(), shipped_file("measures"), publish=publish)))


@app.command()
def load_templates() -> None:
    """Bring in the templates of the kinds of measure that a county has most. One that is there
    already stays as it is."""
    _show(asyncio.run(_load(Settings.load(), shipped_file("templates"), publish=False)))


@app.command(name="import")
def import_catalogue(file: Path, publish: bool = False) -> None:
    """Bring in a catalogue (YAML or JSON) of one's own; all of it, or nothing."""
    _show(asyncio.run(_load(Settings.load(), file.read_bytes(), publish=publish)))


async def _load(settings: Settings, data: bytes, *, publish: bool) -> Result:
    database = Database(settings, metadata)
    try:
        return await load(database, context_from(settings), data, publish=publish)
    finally:
        await database.close()


def _show(result: Result) -> None:
    """What happened; exit code 1 with the faults."""
    for fault in result.faults:
        typer.echo(f"{line_of(fault)}: {fault.place.field} {fault.text.de}", err=True)
    if result.faults:
        raise typer.Exit(1)
    states = [outcome.state for outcome in result.outcomes]
    counts = {state: states.count(state) for state in dict.fromkeys(states)}
    typer.echo(
        f"{len(states)} Maßnahmen: " + ", ".join(f"{n} {state}" for state, n in counts.items())
    )


if __name__ == "__main__":
    app()
