"""What bodies refer to: each reference is marked in its type, and every write checks it."""

from collections.abc import Iterator
from importlib import import_module
from types import UnionType
from typing import Annotated, Any, Final, Union, get_args, get_origin
from uuid import UUID

import psycopg
import pytest
from fastapi.routing import APIRoute, iter_route_contexts
from pydantic import BaseModel

from klima_measures.migrations import metadata
from klima_shared.codes.references import REGION, Reference
from klima_shared.http.references import body_of, reference_values
from tests.fixtures.databases import DatabaseFactory
from tests.fixtures.tokens import TokenFactory
from tests.rights.bodies import MEASURES
from tests.rights.planted import LIPPSTADT, SOEST, WERL, World, model_of, operations, put

NOBODYS: Final = "05974999"
OPEN: Final = {"create_idea": "anybody hands in ideas, wherever he lives"}
_WORDS: Final = {
    "region",
    "regions",
    "ags",
    "municipality",
    "municipalities",
    "owner",
    "organisation",
    "parent",
    "county",
}
# Words of people, not keys.
_PROSE: Final = {
    "NewAction.owner": "who sees to it, in words",
    "IndicatorBody.owner": "who answers for it, in words",
    "NewIndicator.owner": "the same",
    "GroupMember.organisation": "its name",
}


def _unmarked(kind: Any, where: str, mark: bool = False) -> Iterator[str]:
    """Ids without a mark, and texts that are called like a key."""
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Annotated:
        marked = mark or any(isinstance(one, Reference) for one in arguments[1:])
        yield from _unmarked(arguments[0], where, marked)
    elif isinstance(kind, type) and issubclass(kind, BaseModel):
        for name, field in kind.model_fields.items():
            marked = any(isinstance(one, Reference) for one in field.metadata)
            yield from _unmarked(field.annotation, f"{kind.__name__}.{name}", marked)
    elif origin in {Union, UnionType, list, tuple, set, dict}:
        for argument in arguments:
            yield from _unmarked(argument, where, mark)
    elif kind is UUID or (kind is str and where.rpartition(".")[2] in _WORDS):
        yield from [where] * (not mark and where not in _PROSE)


@pytest.mark.parametrize("service", ["balance", "measures", "controlling"])
def test_every_place_is_marked(
    service: str, service_database: DatabaseFactory, token_factory: TokenFactory
) -> None:
    """A field that holds an id, or is called like a key, says in its type what it names."""
    settings = import_module(f"klima_{service}.settings").Settings
    app = import_module(f"klima_{service}.app").create_app(
        settings(environment="test", database_url=service_database(service).url)
    )
    routes = [one.original_route for one in iter_route_contexts(app.routes)]
    models = {body_of(route) for route in routes if isinstance(route, APIRoute)} - {None}
    assert len(models) > 8
    assert sorted({place for model in models for place in _unmarked(model, "")}) == []


def _digest(world: World) -> dict[str, str]:
    """What every table holds."""
    with psycopg.connect(world.database.owner_url) as connection:
        return {
            table.name: connection.execute(
                b"select md5(string_agg(t::text, '' order by t::text)) from %s t"
                % table.fullname.encode()
            ).fetchone()[0]
            for table in metadata.sorted_tables
            if table.name != "client_salt"
        }


async def test_every_region_is_checked(measures: World) -> None:
    """Each region that a body names, replaced by another municipality and by one that nobody
    has."""
    before, wrong, walked = _digest(measures), [], 0
    manager = measures.as_("manager", LIPPSTADT)
    for operation in operations(measures.app):
        body = MEASURES.get(operation.name)
        if body is None or operation.name == "update_measure":
            continue
        valid, path = body(LIPPSTADT, measures.own), operation.at(measures.own)
        for one in reference_values(model_of(measures.app, operation), valid):
            if one.reference.kind != REGION:
                continue
            place = tuple(int(p) if p.isdigit() else p for p in one.pointer.split("/")[1:])
            cases = [(NOBODYS, {422})]
            if operation.name not in OPEN and one.reference.needs_right:
                cases.append((SOEST, {403, 404, 422}))
            for key, expected in cases:
                answer = await measures.send(operation, path, manager, put(valid, place, key))
                walked += 1
                pointers = [e["pointer"] for e in answer.json().get("errors", [])]
                if answer.status_code not in expected or (
                    key == NOBODYS and pointers != [f"/body{one.pointer}"]
                ):
                    wrong.append(f"{operation} {one.pointer} {key}: {answer.text[:300]}")
    assert wrong == []
    assert walked > 60
    assert _digest(measures) == before


async def test_regions_that_others_named_stay(measures: World) -> None:
    """The county enters an actor that is active in two municipalities; one of them corrects its
    name."""
    county = measures.as_("manager", "05974000")
    actor = {"name": "Verein", "kind": "association", "region": LIPPSTADT}
    made = await measures.client.post(
        "/v1/actors", json={**actor, "regions": [LIPPSTADT, SOEST]}, headers=county
    )
    assert made.status_code == 201, made.text
    path = f"/v1/actors/{made.json()['id']}"
    editor = {**measures.as_("editor", LIPPSTADT), "If-Match": made.headers["etag"]}
    kept = await measures.client.put(
        path, json={**actor, "name": "Klub", "regions": [LIPPSTADT, SOEST]}, headers=editor
    )
    assert kept.status_code == 200, kept.text
    more = await measures.client.put(
        path,
        json={**actor, "regions": [LIPPSTADT, SOEST, WERL]},
        headers={**editor, "If-Match": kept.headers["etag"]},
    )
    assert more.status_code == 403
