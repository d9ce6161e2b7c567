"""Commands of the controlling service."""

import asyncio

import typer

from klima_controlling.migrations import migrations
from klima_controlling.settings import Settings
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
        "klima_controlling.app:create_app",
        Settings.load().model_copy(update=given),
        workers=workers,
    )


@app.command("load-shipped")
def load_shipped() -> None:
    """Store the indicators, targets and deliveries that come with the service; what is there
    already stays."""
    from klima_controlling.shipped import actions as shipped

    done = asyncio.run(shipped.load(Settings.load()))
    print(", ".join(f"{name}: {count} new" for name, count in done.items()))


if __name__ == "__main__":
    app()
