"""The example sheets that come with the service, brought in and published."""

from __future__ import annotations

from importlib.resources import files as resources

from klima_measures.base.actions.context import Frame
from klima_measures.catalogue.actions import files
from klima_measures.catalogue.model import Result
from klima_shared.codes.fields import GERMANY
from klima_shared.codes.lists import Role
from klima_shared.database.connections import Database
from klima_shared.http.auth import Principal

LOADER = Principal(
    subject="load-example",
    roles=frozenset({Role.VIEWER, Role.EDITOR, Role.MANAGER}),
    regions=(GERMANY,),
)


def example_file() -> bytes:
    return (resources("klima_measures.catalogue.examples") / "measures.yaml").read_bytes()


async def load(
    database: Database, frame: Frame, data: bytes | None = None, *, publish: bool = True
) -> Result:
    """Import a catalogue file (default: the example) and publish its sheets. A second time nothing
    changes.

    With any fault nothing is stored; the result names the faults.
    """
    async with database.write() as connection:
        result, _ = await files.bring_in(
            connection,
            LOADER,
            frame,
            data or example_file(),
            "catalogue",
            dry_run=False,
            publish=publish,
        )
        return result
