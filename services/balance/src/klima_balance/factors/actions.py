"""Shipping, uploading and releasing factor sets."""

import pandas as pd
from sqlalchemy.ext.asyncio import AsyncConnection

from klima_balance.factors import queries as factors
from klima_balance.factors.queries import FactorSet
from klima_balance.method import load_method
from klima_balance.method.model import FACTOR_COLUMNS, Method, factor_digest
from klima_balance.regions.actions import load
from klima_balance.regions.actions.load import OPERATOR
from klima_balance.regions.tables import metadata
from klima_balance.settings import Settings
from klima_shared.database.connections import Database
from klima_shared.http.problems import conflict, invalid_at, not_found
from klima_shared.language.text import Text
from klima_shared.revisions.writing import Writer, writing
from klima_shared.wire.json import JsonObject


async def load_factor_sets(connection: AsyncConnection, method: Method) -> int:
    """The shipped factor sets. A released one that is there already is never touched. Returns how
    many are new."""
    new = 0
    for header in method.factor_sets.to_dict("records"):
        identity = str(header["id"])
        if await factors.find(connection, identity):
            continue
        values = {
            "id": identity,
            "title": str(header["title_de"]),
            "state": "released",
            "source": str(header["publisher"]),
            "digest": method.factor_set(identity)["digest"],
            "shipped": True,
            "created_by": "klimakreis",
            **{name: str(header[name]) for name in ("version", "kind")},
            **{name: header[name] or None for name in ("gwp_set", "licence", "note")},
        }
        table = method.factors[method.factors["set"] == identity]
        rows = [
            {
                **{name: row[name] for name in FACTOR_COLUMNS},
                "year": None if pd.isna(row["year"]) else int(row["year"]),
                "note": row["note"] or None,
            }
            for row in table.to_dict("records")
        ]
        await factors.add(connection, values, rows)
        await factors.release(connection, identity)
        new += 1
    return new


async def load_shipped(settings: Settings) -> dict[str, int]:
    """Store what the program ships: regions, official figures, factor sets. Returns how many rows
    changed, by kind."""
    database = Database(settings, metadata)
    try:
        async with writing(database, OPERATOR) as writer:
            write = writer.connection
            method = load_method()
            changed = await load.load_shipped(write, method)
            changed["factor_sets"] = await load_factor_sets(write, method)
            if any(changed.values()):
                await writer.record("load", "method", "shipped", after=changed)
            return changed
    finally:
        await database.close()


async def upload(writer: Writer, content: JsonObject) -> FactorSet:
    """Store a new set as a draft. 409 when the id is taken, 422 for two rows of one category, year
    and gas."""
    rows, identity = content.pop("factors"), content["id"]
    if await factors.find(writer.connection, identity):
        raise conflict(
            Text(
                "The factor set “{identity}” exists and is never overwritten. Please choose a new "
                "id.",
                identity=identity,
            )
        )
    _check_repeated(rows)
    if content["base"] is not None:
        await _check_base(writer, content)
    digest = factor_digest(pd.DataFrame(rows, columns=list(FACTOR_COLUMNS)))
    header = {"state": "draft", "gwp_set": None, "digest": digest, "shipped": False}
    header["created_by"] = writer.principal.subject
    await factors.add(writer.connection, content | header, rows)
    await writer.record(
        "create", "factor_set", identity, after={"digest": digest, "rows": len(rows)}
    )
    return await factors.get(writer.connection, identity)


async def _check_base(writer: Writer, content: JsonObject) -> None:
    """What a partial set rests on is released and of its kind: it never changes."""
    base = await factors.find(writer.connection, content["base"])
    if base is None or base.state != "released" or base.kind != content["kind"]:
        text = Text(
            "“{base}” is no released factor set of the kind {kind}.",
            base=content["base"],
            kind=content["kind"],
        )
        raise invalid_at("/body/base", text)


def _check_repeated(rows: list[JsonObject]) -> None:
    seen: dict[tuple[str, int | None, str], int] = {}
    for number, row in enumerate(rows):
        key = (row["category"], row["year"], row["gas"])
        if key in seen:
            text = Text(
                "Row {number} repeats {key} {key_2} {key_3} of row {seen}.",
                number=number + 1,
                key=key[0],
                key_2=key[1] or "",
                key_3=key[2],
                seen=seen[key] + 1,
            )
            raise invalid_at(f"/body/factors/{number}", text)
        seen[key] = number


async def release(writer: Writer, identity: str) -> FactorSet:
    """Release a draft. 404 when there is none, 409 when it is released already."""
    before = await factors.find(writer.connection, identity, lock=True)
    if before is None:
        raise not_found(Text("There is no factor set “{identity}”.", identity=identity))
    if before.state == "released":
        raise conflict(Text("This factor set is released already."))
    await factors.release(writer.connection, identity)
    old, new = {"state": "draft"}, {"state": "released"}
    await writer.record("release", "factor_set", identity, before=old, after=new)
    return await factors.get(writer.connection, identity)
