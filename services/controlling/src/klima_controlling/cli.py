"""Commands of the controlling service."""

import asyncio

from klima_controlling.migrations import migrations
from klima_controlling.settings import Settings
from klima_shared.service.server import commands

app = commands("klima_controlling", Settings, migrations)


@app.command("load-shipped")
def load_shipped() -> None:
    """Store the indicators, targets and deliveries that come with the service; what is there
    already stays."""
    from klima_controlling.shipped import actions as shipped

    done = asyncio.run(shipped.load(Settings.load()))
    print(", ".join(f"{name}: {count} new" for name, count in done.items()))


if __name__ == "__main__":
    app()
