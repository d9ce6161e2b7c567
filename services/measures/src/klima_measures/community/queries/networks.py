"""Queries on networks and their members."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from klima_measures.community.tables import actor, network_member


async def members(
    connection: AsyncConnection, networks: Sequence[UUID]
) -> dict[UUID, list[dict[str, Any]]]:
    """Network -> its members in the order of the alphabet."""
    query = (
        select(network_member.c.network_id, network_member.c.role, actor)
        .join(actor, actor.c.id == network_member.c.actor_id)
        .where(network_member.c.network_id.in_(networks))
        .order_by(actor.c.sort_key, actor.c.id)
    )
    found: dict[UUID, list[dict[str, Any]]] = {}
    for row in (await connection.execute(query)).mappings():
        line = {
            "actor": row["id"],
            "name": row["document"]["name"],
            "kind": row["kind"],
            "role": row["role"],
        }
        line |= {"published": row["published"], "region": row["region"]}
        found.setdefault(row["network_id"], []).append(line)
    return found


async def known_actors(connection: AsyncConnection, identities: Collection[UUID]) -> set[UUID]:
    found = await connection.execute(select(actor.c.id).where(actor.c.id.in_(identities)))
    return {row.id for row in found}


async def set_members(
    connection: AsyncConnection, network: UUID, lines: Sequence[dict[str, Any]]
) -> None:
    await connection.execute(delete(network_member).where(network_member.c.network_id == network))
    if lines:
        rows = [
            {"network_id": network, "actor_id": UUID(line["actor"]), "role": line["role"]}
            for line in lines
        ]
        await connection.execute(insert(network_member), rows)
