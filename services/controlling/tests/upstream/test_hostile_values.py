"""Whatever value the wire lets through, every page answers: no figure, text or empty list of
another service is a fault here."""

from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import TypeAdapter
from typing_extensions import is_typeddict

from klima_shared.upstream import answers, cache
from klima_shared.wire import balance, measures, meta

PAGES = (
    "/?lang=de",
    "/regionen/05974040",
    "/v1/regions/05974040/status",
    "/v1/regions/05974000/indicators",
    "/v1/reconciliation/05974040",
    "/v1/budget?region=05974000",
    "/embed/status/05974040",
    "/v1/organisations/konzern-kreis-soest/status",
)
VALUES = (None, 0, -1e15, 2150, "", [])
NAMED = {
    name
    for module in (balance, measures, meta)
    for kind in vars(module).values()
    if is_typeddict(kind)
    for name in kind.__annotations__
} | {"items", "*row", "*year"}
Place = tuple[str, ...]


def places(found: Any, at: Place = ()) -> Iterator[Place]:
    """Each kind of place in a document once: rows of a list and years are one kind."""
    if isinstance(found, dict):
        for name, value in found.items():
            yield from places(value, (*at, "*year" if name.isdigit() else name))
    elif isinstance(found, list):
        for value in found:
            yield from places(value, (*at, "*row"))
    if at:
        yield at


def put(found: Any, at: Place, value: Any) -> Any:
    """The document with `value` at every place of that kind."""
    if not at:
        return value
    if isinstance(found, list):
        return [put(row, at[1:], value) for row in found] if at[0] == "*row" else found
    if not isinstance(found, dict):
        return found

    def meant(name: str) -> bool:
        return name == at[0] or (at[0] == "*year" and name.isdigit())

    return {n: put(v, at[1:], value) if meant(n) else v for n, v in found.items()}


def hostile(found: Any, shape: TypeAdapter[Any], value: Any) -> Any:
    """The document with `value` wherever its shape lets it be."""
    known = {at for at in places(found) if NAMED.issuperset(at)}
    for at in sorted(known, key=len, reverse=True):
        changed = put(found, at, value)
        try:
            shape.validate_python(changed, strict=True)
        except ValueError:
            continue
        found = changed
    return found


async def test_every_page_bears_what_the_wire_lets_through(
    world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    caches = [world.app.state.context.balance.cache, world.app.state.context.measures.cache]
    for one in caches:
        one._store = None
    changed, value = 0, VALUES[0]

    async def checked(body: bytes, shape: TypeAdapter[Any]) -> Any:
        nonlocal changed
        right = await answers.checked(body, shape)
        wrong = hostile(right, shape, value)
        changed += wrong != right
        return wrong

    monkeypatch.setattr(cache, "checked", checked)
    failed = []
    for value in VALUES:
        changed = 0
        world.app.state.pages.clear()
        for one in caches:
            one._entries.clear()
            one._resting.clear()
        for path in PAGES:
            answer = await world.client.get(path)
            if answer.status_code not in {200, 404, 422, 503}:
                failed.append((repr(value)[:20], path, answer.status_code))
        assert changed > 0, value
    assert failed == []
