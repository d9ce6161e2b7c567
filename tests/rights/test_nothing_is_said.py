"""Of what somebody may not read he is told the same as of what is not there."""

from typing import Any, Final

import httpx

from tests.rights.bodies import MEASURES
from tests.rights.planted import (
    LIPPSTADT,
    NO_IDEA,
    NOTHING,
    Operation,
    World,
    at,
    operations,
    places,
    put,
)

NOT_THERE: Final = {"idea": NO_IDEA, "accepted_idea": NO_IDEA}
# Rooms of their own: what is named there is public to who knows it.
TOLD: Final = {"/v1/ideas/{reference}/state": "the state is for everybody who knows the reference"}


def _said(answer: httpx.Response, *names: str) -> tuple[int, str]:
    """Status and text of an answer, without what was asked for."""
    text = answer.text
    for name in names:
        text = text.replace(name, "?")
    return answer.status_code, text


def _bodies(world: World, operation: Operation) -> Any:
    body = MEASURES.get(operation.name)
    return body(LIPPSTADT, world.own) if body else None


async def test_in_the_path(measures: World) -> None:
    """Every operation with the id of a draft of another municipality, and with one of nothing."""
    told, walked = [], 0
    for operation in operations(measures.app):
        if operation.template in TOLD:
            continue
        for name, kind in operation.parameters:
            foreign = measures.foreign[kind]
            nothing = NOT_THERE.get(kind, NOTHING)
            for role in ("editor", "manager"):
                caller = measures.as_(role, LIPPSTADT)
                said = []
                for identity in (foreign, nothing):
                    ids = {**measures.own, kind: identity}
                    path = operation.at(ids)
                    answer = await measures.send(
                        operation, path, caller, _bodies(measures, operation)
                    )
                    said.append(_said(answer, foreign, nothing))
                walked += 1
                if said[0] != said[1]:
                    told.append(f"{role} {operation} {name}: {said[0]} but {said[1]}")
    assert told == []
    assert walked > 150


async def test_in_the_body(measures: World) -> None:
    """Every body with each object that it names replaced by a draft of another municipality, and by
    nothing."""
    told, walked = [], 0
    kinds = {identity: kind for kind, identity in measures.own.items()}
    manager = measures.as_("manager", LIPPSTADT)
    for operation in operations(measures.app):
        body = _bodies(measures, operation)
        if body is None:
            continue
        for place in places(body):
            kind = kinds.get(at(body, place))
            if kind is None:
                continue
            draft = "idea" if kind == "accepted_idea" else kind  # what is accepted is public
            foreign, nothing = measures.foreign[draft], NOT_THERE.get(kind, NOTHING)
            said = []
            for identity in (foreign, nothing):
                answer = await measures.send(
                    operation, operation.at(measures.own), manager, put(body, place, identity)
                )
                assert answer.status_code in {403, 404, 409, 422}, (operation, place, answer.text)
                said.append(_said(answer, foreign, nothing))
            walked += 1
            if said[0] != said[1]:
                told.append(f"{operation} {place}: {said[0]} but {said[1]}")
    assert told == []
    assert walked > 25
