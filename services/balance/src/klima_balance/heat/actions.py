"""Storing district heat networks; the factor is computed when a balance is."""

from klima_balance.figures.actions import keyed
from klima_balance.heat.model import Network
from klima_balance.heat.queries import NETWORKS
from klima_balance.regions import queries as regions
from klima_balance.territory.actions import require_exists
from klima_shared.codes.access import Role
from klima_shared.http.problems import invalid_at
from klima_shared.language.text import Text
from klima_shared.revisions.writing import Writer
from klima_shared.wire.json import JsonObject

Key = tuple[str, int, str]
"""Region, year and name of a network in addresses."""


async def put(writer: Writer, key: Key, content: JsonObject) -> tuple[Network, bool]:
    """The stored network and whether it is new; a change needs the ETag it was made on."""
    region = await regions.get(writer.connection, key[0])
    writer.require(Role.EDITOR, region.ags)
    if not region.leaf:
        raise invalid_at("/path/ags", Text("A network belongs to a municipality."))
    await require_exists(writer.connection, region, key[1], "/path/year")
    gone = Text("This network has been removed.")
    return await keyed.put(writer, NETWORKS, key, content, gone=gone)


async def remove(writer: Writer, key: Key) -> None:
    writer.require(Role.EDITOR, key[0])
    await keyed.remove(writer, NETWORKS, key)
