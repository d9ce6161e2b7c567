"""Bringing in the entries of a catalogue: each is created, changed or left as it is; faults are
collected by line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import orjson
from pydantic import ValidationError

from klima_measures.base.actions.context import Frame
from klima_measures.catalogue.actions import notices as not_taken
from klima_measures.catalogue.model import Entry, Fault, Outcome, Result, is_id
from klima_measures.sheets.actions import evidence as told
from klima_measures.sheets.actions import workflow
from klima_measures.sheets.actions import writing as measures
from klima_measures.sheets.model.codes import Editorial
from klima_measures.sheets.model.sheet import Sheet
from klima_measures.sheets.queries import measures as stored
from klima_measures.sheets.rules.differences import differences
from klima_shared.codes.lists import Phase, Role
from klima_shared.database.connections import WriteConnection
from klima_shared.http.auth import Principal
from klima_shared.http.problems import FieldError, Problem
from klima_shared.http.validation import pointer_of, validation_text
from klima_shared.language.text import Text


async def run(
    connection: WriteConnection,
    principal: Principal,
    frame: Frame,
    entries: Sequence[Entry],
    *,
    publish: bool = False,
) -> Result:
    """Bring the entries in. The caller takes everything back when the result has faults, or for a
    preview."""
    result = Result()
    await _all(connection, principal, frame, entries, result, publish=publish)
    return result


async def _all(
    connection: WriteConnection,
    principal: Principal,
    frame: Frame,
    entries: Sequence[Entry],
    result: Result,
    *,
    publish: bool,
) -> None:
    heads = await _heads(connection, entries, result)
    sheets: dict[int, Sheet] = {}
    before: dict[int, Sheet | None] = {}
    for position, entry in enumerate(entries):
        head = heads.get(position)
        try:
            old = await _present(connection, entry, head)
            before[position] = old
            sheets[position] = _sheet(entry, old)
            if head is None:
                heads[position] = await measures.reserve(
                    connection, principal, frame, sheets[position], entry.phase or Phase.IDEA
                )
        except Problem as problem:
            result.faults += _faults(entry, problem)
    if result.faults:
        return
    result.notices += await not_taken.of_entries(connection, frame, entries, heads, before)
    ids = _ids(heads, sheets)
    for position, entry in enumerate(entries):
        head = heads[position]
        assert head is not None  # noqa: S101
        try:
            sheet = await _linked(connection, entry, sheets[position], before[position], ids)
            outcome = await _one(
                connection, principal, frame, entry, head, before[position], sheet, publish=publish
            )
            result.outcomes.append(outcome)
        except Problem as problem:
            result.faults += _faults(entry, problem)


Ids = dict[tuple[str, str], UUID]


def _ids(heads: Mapping[int, dict[str, Any] | None], sheets: Mapping[int, Sheet]) -> Ids:
    """(concept, number) -> measure of the file: as it was called before, and as it is called
    now."""
    ids: Ids = {(head["concept"], head["number"]): head["id"] for head in heads.values() if head}
    for position, sheet in sheets.items():
        if head := heads[position]:
            ids.setdefault((sheet.concept, sheet.number), head["id"])
    return ids


async def _heads(
    connection: WriteConnection, entries: Sequence[Entry], result: Result
) -> dict[int, dict[str, Any] | None]:
    """The measures that are there already, by id where the entry has one, else by concept and
    number; locked."""
    found: dict[int, dict[str, Any] | None] = {}
    seen: dict[tuple[str, str], int] = {}
    for position, entry in enumerate(entries):
        concept, number = (
            str(entry.changes.get("concept") or "2.0"),
            str(entry.changes.get("number")),
        )
        if (concept, number) in seen:
            other = seen[concept, number]
            text = Text("{number} is on line {other} already.", number=number, other=other)
            result.faults.append(Fault(entry.line, "number", text))
            continue
        seen[concept, number] = entry.line
        if entry.identity is not None:
            try:
                found[position] = await stored.find(connection, UUID(entry.identity), lock=True)
            except ValueError:
                found[position] = None
            if found[position] is None:
                text = Text("There is no measure with this id.")
                result.faults.append(Fault(entry.line, "id", text))
        else:
            found[position] = (
                await stored.by_number(connection, concept, [number], lock=True)
            ).get(number)
    return found


async def _present(
    connection: WriteConnection, entry: Entry, head: dict[str, Any] | None
) -> Sheet | None:
    """The sheet as it is. A table made from an older revision is refused: its cells would undo what
    came later."""
    if head is None:
        return None
    if entry.revision is not None and entry.revision != head["revision"]:
        raise _refused(
            "revision",
            Text(
                "Changed in the meantime: the file has revision {revision}, the present one is "
                "{revision_2}.",
                revision=entry.revision,
                revision_2=head["revision"],
            ),
        )
    row = await stored.revision(connection, head["id"], head["revision"])
    assert row is not None  # noqa: S101
    return measures.sheet_of(row["document"])


def _sheet(entry: Entry, old: Sheet | None) -> Sheet:
    """The sheet an entry asks for; links by number are filled in later."""
    base = old.model_dump(mode="json") if old is not None and entry.partial else {}
    content = {**base, **{k: v for k, v in entry.changes.items() if v is not None and k != "links"}}
    if (
        entry.partial
        and entry.changes.get("contact")
        and old is not None
        and old.contact is not None
    ):
        content["contact"] = {
            "person": base["contact"]["person"],
            **entry.changes["contact"],
        }  # no table has a person
    for name, value in entry.changes.items():
        if value is None:
            content.pop(name, None)
    if not entry.partial:
        content.pop("links", None)
    try:
        sheet = Sheet.model_validate_json(orjson.dumps(content))
    except ValidationError as error:
        faults = [(pointer_of(e["loc"]), validation_text(e)) for e in error.errors()]
        raise Problem(
            422, "invalid", faults[0][1], errors=[FieldError(place, text) for place, text in faults]
        ) from error
    if old is None:
        return sheet
    # 1 and 1.0 are the same number: what is equal stays as it was written.
    equal = {
        name: getattr(old, name)
        for name in Sheet.model_fields
        if getattr(old, name) == getattr(sheet, name)
    }
    return told.carried(sheet, old).model_copy(update=equal)


async def _linked(
    connection: WriteConnection, entry: Entry, sheet: Sheet, old: Sheet | None, ids: Ids
) -> Sheet:
    """The sheet with its links, whose targets are named by number in its concept, or by id."""
    if "links" not in entry.changes:
        kept = old.links if old is not None and entry.partial else []
        return sheet.model_copy(update={"links": kept})
    wanted = [dict(link) for link in entry.changes["links"] or ()]
    numbers = {str(link["measure"]) for link in wanted if link.get("measure") is not None}
    unknown = [number for number in numbers if (sheet.concept, number) not in ids]
    others = await stored.by_number(connection, sheet.concept, unknown) if unknown else {}
    known = {**ids, **{(sheet.concept, number): head["id"] for number, head in others.items()}}
    for position, link in enumerate(wanted):
        if link.get("measure") is None:
            continue  # said to be missing below
        number = str(link["measure"])
        link["measure"] = str(known.get((sheet.concept, number), number))
        if not is_id(link["measure"]):
            raise _no_target(position, number, sheet.concept)
    try:
        content = {**sheet.model_dump(mode="json"), "links": wanted}
        return Sheet.model_validate_json(orjson.dumps(content))
    except ValidationError as error:
        texts = [(pointer_of(e["loc"]), validation_text(e)) for e in error.errors()]
        raise Problem(
            422, "invalid", texts[0][1], errors=[FieldError(place, text) for place, text in texts]
        ) from error


def _no_target(position: int, number: str, concept: str) -> Problem:
    text = Text(
        'There is no measure with the number "{number}" in the concept {concept}.',
        number=number[:60],
        concept=concept,
    )
    return Problem(422, "invalid", text, errors=[FieldError(f"/links/{position}/measure", text)])


async def _one(
    connection: WriteConnection,
    principal: Principal,
    frame: Frame,
    entry: Entry,
    head: dict[str, Any],
    old: Sheet | None,
    sheet: Sheet,
    *,
    publish: bool,
) -> Outcome:
    comment = "Übernahme aus einer Datei"
    if old is None:
        head = await measures.first_version(
            connection, principal, frame, head, sheet, action="import", comment=comment
        )
        outcome = Outcome(entry.line, sheet.number, "created", head["id"])
    else:
        found = differences(old.model_dump(mode="json"), sheet.model_dump(mode="json"))
        principal.require(Role.EDITOR, head["owner"])
        if found:
            head = await measures.change(
                connection, principal, frame, head, old, sheet, action="import", comment=comment
            )
        outcome = Outcome(
            entry.line, sheet.number, "changed" if found else "unchanged", head["id"], found
        )
    if publish and head["editorial"] not in {Editorial.PUBLISHED.value, Editorial.ARCHIVED.value}:
        principal.require(Role.MANAGER, head["owner"])
        await workflow.editorial_step(
            connection,
            principal,
            head,
            sheet,
            Editorial.PUBLISHED,
            action="publish",
            comment=comment,
        )
    return outcome


def _refused(place: str, text: Text) -> Problem:
    return Problem(409, "conflict", text, text, errors=[FieldError(f"/{place}", text)])


def _faults(entry: Entry, problem: Problem) -> list[Fault]:
    """A problem of one entry as faults of its line. One that is not about the entry passes on."""
    if problem.status >= 500 or problem.status == 401:
        raise problem
    if problem.errors:
        return [
            Fault(entry.line, e.pointer.removeprefix("/body").lstrip("/") or None, e.detail)
            for e in problem.errors
        ]
    return [Fault(entry.line, None, problem.detail or problem.title)]
