"""Bringing in the entries of a catalogue: each is created, changed or left as it is; faults are
collected by line."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from anyio.lowlevel import checkpoint

from klima_measures.base.actions.regions import Regions
from klima_measures.base.actions.session import WriteSession
from klima_measures.catalogue.actions.exports import derived_values
from klima_measures.catalogue.files.table import label_of
from klima_measures.catalogue.model import Entry, Outcome, Result, State, is_id
from klima_measures.catalogue.queries import listing
from klima_measures.catalogue.rules import copied_rows, is_another, is_same, renamed
from klima_measures.sheets.actions.workflow import take_editorial_step
from klima_measures.sheets.actions.writing import (
    Opened,
    Step,
    add_first_revision,
    change,
    number_taken,
    reserve,
    validated,
    working_sheet,
)
from klima_measures.sheets.model.codes import Editorial
from klima_measures.sheets.model.sheet import Sheet
from klima_measures.sheets.queries import sheets
from klima_measures.sheets.queries.sheets import MEASURE, Head
from klima_measures.sheets.rules.documents import differences
from klima_measures.sheets.rules.workflow import with_evidence
from klima_shared.codes.access import Role
from klima_shared.codes.action import Phase
from klima_shared.formats import Value
from klima_shared.formats.sheets import MOST_FAULTS, Notice, line_fault
from klima_shared.http.problems import FieldError, Problem, invalid_at
from klima_shared.language.errors import InputError, Place
from klima_shared.language.text import Text
from klima_shared.revisions import entities

_COMMENT: Final = "Übernahme aus einer Datei"
Named = tuple[str, str]  # concept and number


@dataclass
class Item:
    """An entry on its way in: the measure it is about, and its sheet before and after."""

    entry: Entry
    head: Head | None
    before: Sheet | None = None
    sheet: Sheet | None = None


@dataclass
class Import:
    """One run over the entries of a file. The caller takes everything back when the result has
    faults, or for a preview."""

    session: WriteSession
    regions: Regions
    publish: bool = False
    confirmed: frozenset[UUID] = frozenset()
    """Measures that are to get another number and title."""
    result: Result = field(default_factory=Result)

    async def run(self, entries: Sequence[Entry]) -> Result:
        self.result.faults += copied_rows(entries)
        items = await self._find(entries)
        for item in items:
            if len(self.result.faults) > MOST_FAULTS:
                break
            await checkpoint()  # others are answered between two sheets
            try:
                await self._read(item)
            except Problem as problem:
                self.result.faults += _faults(item.entry, problem)
        if self.result.faults:
            return self.result
        self.result.notices += await self._notices(items)
        ids = _ids(items)
        for item in items:
            try:
                self.result.outcomes.append(await self._write(item, ids))
            except Problem as problem:
                self.result.faults += _faults(item.entry, problem)
        return self.result

    async def _find(self, entries: Sequence[Entry]) -> list[Item]:
        """The measures that are there already, by id where the entry has one, else by concept and
        number; locked."""
        items: list[Item] = []
        seen: dict[Named, int] = {}
        for entry in entries:
            concept, number = entry.named
            if (concept, number) in seen:
                other = seen[concept, number]
                text = Text("{number} is on line {other} already.", number=number, other=other)
                self.result.faults.append(line_fault(entry.line, "number", text))
                continue
            seen[concept, number] = entry.line
            try:
                items.append(Item(entry, await self._writable(entry)))
            except Problem as problem:
                self.result.faults += _faults(entry, problem)
        return items

    async def _writable(self, entry: Entry) -> Head | None:
        """The measure of an entry, for who may write it; None for a new one. Of one that he may not
        read nothing is said, but that its number is taken."""
        session, (concept, number) = self.session, entry.named
        if entry.identity is not None:
            head = (
                await entities.find_readable(
                    session.connection, MEASURE, session.principal, UUID(entry.identity), lock=True
                )
                if is_id(entry.identity)
                else None
            )
            if head is None:
                raise invalid_at("/id", Text("There is no measure with this id."))
        else:
            named = await sheets.by_number(session.connection, concept, [number], lock=True)
            head = named.get(number)
            if head is not None and not MEASURE.readable(session.principal, head):
                raise number_taken(concept, number)
        if head is not None:
            session.require(Role.EDITOR, head.owner)
        return head

    async def _read(self, item: Item) -> None:
        """The sheet as it is and as it will be. A table made from an older revision is refused: its
        cells would undo what came later."""
        entry, head = item.entry, item.head
        if head is not None:
            if entry.revision not in {None, head.revision}:
                text = Text(
                    "Changed in the meantime: the file has revision {revision}, the present one is "
                    "{revision_2}.",
                    revision=entry.revision,
                    revision_2=head.revision,
                )
                errors = [FieldError("/revision", text)]
                raise Problem(409, "conflict", text, text, errors=errors)
            item.before = await working_sheet(self.session.connection, head)
        item.sheet = _sheet(entry, item.before)
        self._check_name(item)
        if head is None:
            phase = entry.phase or Phase.IDEA
            item.head = await reserve(self.session, item.sheet, phase)

    def _check_name(self, item: Item) -> None:
        """A row whose id means a measure of another number and title is a copied one, unless it is
        confirmed."""
        head, before, sheet = item.head, item.before, item.sheet
        if head is None or before is None or sheet is None or head.id in self.confirmed:
            return
        asked = {fault.place.line for fault in self.result.faults if fault.place.field == "id"}
        if item.entry.line in asked:
            return
        if is_another(before, sheet):
            fault = line_fault(item.entry.line, "id", renamed(head.id, before, sheet))
            self.result.faults.append(fault)

    async def _write(self, item: Item, ids: dict[Named, UUID]) -> Outcome:
        session, entry, head, before = self.session, item.entry, item.head, item.before
        assert head is not None  # noqa: S101
        assert item.sheet is not None  # noqa: S101
        sheet = await self._with_links(item, item.sheet, ids)
        step = Step("import", _COMMENT)
        if before is None:
            head = await add_first_revision(session, Opened(head, sheet), self.regions, step)
            outcome = Outcome(entry.line, sheet.number, "created", head.id)
        else:
            found = differences(before.model_dump(mode="json"), sheet.model_dump(mode="json"))
            if found:
                head = await change(session, Opened(head, before), sheet, self.regions, step)
            state: State = "changed" if found else "unchanged"
            outcome = Outcome(entry.line, sheet.number, state, head.id, found)
        if self.publish and head.editorial not in {Editorial.PUBLISHED, Editorial.ARCHIVED}:
            session.principal.require(Role.MANAGER, head.owner)
            step = Step("publish", _COMMENT)
            await take_editorial_step(session, Opened(head, sheet), Editorial.PUBLISHED, step)
        return outcome

    async def _with_links(self, item: Item, sheet: Sheet, ids: dict[Named, UUID]) -> Sheet:
        """The sheet with its links, whose targets are named by number in its concept, or by id."""
        entry, before = item.entry, item.before
        if "links" not in entry.changes:
            kept = before.links if before is not None and entry.partial else []
            return sheet.model_copy(update={"links": kept})
        wanted = [dict(link) for link in entry.changes["links"] or ()]
        numbers = {str(link["measure"]) for link in wanted if link.get("measure") is not None}
        missing = [number for number in numbers if (sheet.concept, number) not in ids]
        others = await sheets.by_number(self.session.connection, sheet.concept, missing)
        principal = self.session.principal
        known = ids | {
            (sheet.concept, number): head.id
            for number, head in others.items()
            if MEASURE.readable(principal, head)
        }
        for position, link in enumerate(wanted):
            if link.get("measure") is None:
                continue  # reported as missing below
            number = str(link["measure"])
            link["measure"] = str(known.get((sheet.concept, number), number))
            if not is_id(link["measure"]):
                text = Text(
                    'There is no measure with the number "{number}" in the concept {concept}.',
                    number=number[:60],
                    concept=sheet.concept,
                )
                errors = [FieldError(f"/links/{position}/measure", text)]
                raise Problem(422, "invalid", text, errors=errors)
        return validated({**sheet.model_dump(mode="json"), "links": wanted})

    async def _notices(self, items: Sequence[Item]) -> list[Notice]:
        """What a file says and an import does not take over: derived columns and phases that differ
        from what is so before the import.

        It is no fault, because such cells are in every export; but nobody shall believe that a
        change of one had an effect.
        """
        context = self.session.context
        there = [item.head.id for item in items if item.head and item.before]
        listed = await listing.working(self.session.connection, there, context.today())
        rows = {row.measure_id: row for row in listed}
        found: list[Notice] = []
        for item in items:
            entry, row = item.entry, rows.get(item.head.id) if item.head else None
            # A measure that is not there yet is an idea; of anything else derived an empty cell is
            # right.
            present: list[dict[str, object]] = [{"phase": Phase.IDEA.de}, {"phase": Phase.IDEA.en}]
            if row:
                words = [
                    derived_values(row, context.fields.labels(lang), lang) for lang in ("de", "en")
                ]
                present = [*words, row._asdict()]
            for name, value in entry.shown.items():
                if not any(is_same(value, one.get(name)) for one in present):
                    found.append(_notice(entry, name, value, present[0].get(name) if row else None))
            if row and entry.phase is not None and entry.phase.value != row.phase:
                phase = entry.phase.label("de")
                found.append(_notice(entry, "phase", phase, present[0]["phase"]))
        return found


def _ids(items: Sequence[Item]) -> dict[Named, UUID]:
    """(concept, number) -> measure of the file: as it was called before, and as it is called
    now."""
    ids = {(item.head.concept, item.head.number): item.head.id for item in items if item.head}
    for item in items:
        if item.head and item.sheet:
            ids.setdefault((item.sheet.concept, item.sheet.number), item.head.id)
    return ids


def _sheet(entry: Entry, old: Sheet | None) -> Sheet:
    """The sheet an entry asks for; links by number are filled in later."""
    changes = entry.changes
    base = old.model_dump(mode="json") if old is not None and entry.partial else {}
    content = base | {name: value for name, value in changes.items() if name != "links"}
    if base.get("contact") and changes.get("contact"):  # no table has a person
        content["contact"] = {"person": base["contact"]["person"], **changes["contact"]}
    content = {name: value for name, value in content.items() if changes.get(name, 0) is not None}
    if not entry.partial:
        content.pop("links", None)
    sheet = validated(content)
    if old is None:
        return sheet
    # 1 and 1.0 are the same number: what is equal stays as it was written.
    pairs = {name: (getattr(old, name), getattr(sheet, name)) for name in Sheet.model_fields}
    equal = {name: before for name, (before, after) in pairs.items() if before == after}
    return with_evidence(sheet, old).model_copy(update=equal)


def _notice(entry: Entry, name: str, value: Value, present: object) -> Notice:
    text = Text(
        'Not taken: {label} "{found}" (it is: {present}).',
        label=label_of(name),
        found=str(value)[:60],
        present="–" if present is None else str(present),
    )
    return Notice(Place(name, line=entry.line), text)


def _faults(entry: Entry, problem: Problem) -> list[InputError]:
    """A problem of one entry as faults of its line. One that is not about the entry passes on."""
    if problem.status >= 500 or problem.status == 401:
        raise problem
    if problem.errors:
        return [
            line_fault(entry.line, e.pointer.removeprefix("/body").lstrip("/") or None, e.detail)
            for e in problem.errors
        ]
    return [line_fault(entry.line, None, problem.detail or problem.title)]
