"""Importing local figures from a file: everything is checked, then all rows are stored or none; and
taken back whole."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import anyio
from sqlalchemy.ext.asyncio import AsyncConnection

from klima_balance.figures.rules import Vocabulary
from klima_balance.imports import queries as imports
from klima_balance.imports.actions.figures import DeliveredFigure, checked_rows
from klima_balance.imports.files.uploads import Upload, read_upload
from klima_balance.method.model import Method
from klima_balance.regions import queries as regions
from klima_balance.regions.tables import metadata
from klima_shared.codes.lists import Role
from klima_shared.database import audit
from klima_shared.formats import RefusedError, RowError
from klima_shared.http.auth import Principal
from klima_shared.http.problems import Problem, conflict, not_found
from klima_shared.language.text import Label, Text


@dataclass(frozen=True)
class Outcome:
    """What an import did or, in a dry run, would do. `rows`: rows of the file with figures."""

    import_id: UUID | None
    digest: str
    kind: str
    rows: int
    accepted: int
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    stored: bool = False
    regions: Sequence[str] = ()
    years: Sequence[int] = ()
    errors: Sequence[RowError] = ()
    notices: Sequence[RowError] = ()


@dataclass
class _Plan:
    delivery: Upload
    figures: list[DeliveredFigure]
    errors: list[RowError] = field(default_factory=list)


def fingerprint(data: bytes) -> str:
    return "sha256:" + hashlib.sha256(data).hexdigest()


async def import_file(
    write: AsyncConnection,
    editor: Principal,
    method: Method,
    data: bytes,
    file_name: str,
    *,
    dry_run: bool,
) -> Outcome:
    """Check a file and, unless in a dry run or with errors, store it. 403 for a foreign region, 422
    for a refused file."""
    digest = fingerprint(data)
    known = await regions.names(write)
    plan = await anyio.to_thread.run_sync(_plan, data, method, known)
    for ags in sorted({figure.region for figure in plan.figures}):
        editor.require(Role.EDITOR, ags)
    figures, errors = plan.figures, plan.errors
    faulty = {error.line for error in errors if error.line not in {f.line for f in figures}}
    outcome = Outcome(
        None,
        digest,
        plan.delivery.kind,
        rows=len(figures) + len(faulty),
        accepted=len(figures),
        errors=errors,
        notices=plan.delivery.notices,
        regions=sorted({f.region for f in figures}),
        years=sorted({f.year for f in figures}),
    )
    if errors and not dry_run:
        return outcome
    if not dry_run:
        await imports.lock(write)
    before = await imports.current(write, outcome.regions, outcome.years)
    new = [f for f in figures if before.get(f.place) != f.content]
    counts = {
        "added": sum(1 for f in new if f.place not in before),
        "changed": sum(1 for f in new if f.place in before),
        "unchanged": len(figures) - len(new),
    }
    if dry_run:
        return Outcome(**{**vars(outcome), **counts})
    if not new:
        return Outcome(
            **{
                **vars(outcome),
                **counts,
                "import_id": await imports.newest_with_digest(write, digest),
            }
        )
    return Outcome(
        **{
            **vars(outcome),
            **counts,
            "stored": True,
            "import_id": await _stored(write, editor, outcome, counts, new, file_name, len(data)),
        }
    )


def _plan(data: bytes, method: Method, known: Mapping[str, tuple[str, str]]) -> _Plan:
    try:
        delivery = read_upload(data)
    except RefusedError as error:
        raise refused(error.text) from error
    figures, errors = checked_rows(delivery.rows, Vocabulary(method), known)
    errors = sorted([*delivery.errors, *errors], key=lambda e: e.line)
    if not figures and not errors:
        text = Text("The file holds no row that is filled in.")
        errors = [RowError(1, None, text)]
    return _Plan(delivery, figures, errors)


def refused(text: Text) -> Problem:
    """422 for a file that is not read at all; its `errors` have the shape of those of rows."""
    problem = Problem(
        422,
        "file-refused",
        Label("Die Datei wird nicht angenommen", "The file is not accepted"),
        text,
    )
    problem.extra["refused"] = RowError(1, None, text)
    return problem


async def _stored(
    write: AsyncConnection,
    editor: Principal,
    outcome: Outcome,
    counts: Mapping[str, int],
    new: Sequence[DeliveredFigure],
    file_name: str,
    size: int,
) -> UUID:
    identity = uuid4()
    head = {
        "id": identity,
        "kind": outcome.kind,
        "file_name": file_name[:200],
        "digest": outcome.digest,
        "size_bytes": size,
        "rows": outcome.rows,
        "regions": list(outcome.regions),
        "years": list(outcome.years),
        "created_by": editor.subject,
        **counts,
    }
    await imports.store(write, head, [(f.line, *f.place, *f.content) for f in new], editor.subject)
    await audit.record(
        write,
        metadata,
        editor,
        action="import",
        entity="data_import",
        entity_id=identity,
        region=outcome.regions[0] if len(outcome.regions) == 1 else None,
        after={**head, "id": str(identity)},
    )
    return identity


async def find_import(
    read: AsyncConnection, viewer: Principal, identity: UUID, role: Role
) -> dict[str, Any]:
    """The head of an import. 404, and 403 unless all its regions are the caller's."""
    head = await imports.find(read, identity)
    if head is None:
        raise not_found(Text("There is no such import."))
    for ags in head["regions"]:
        viewer.require(role, ags)
    return head


async def undo_import(write: AsyncConnection, editor: Principal, identity: UUID) -> dict[str, Any]:
    """Take a whole import back. 409 when it is undone already, or when somebody changed one of its
    cells since."""
    head = await find_import(write, editor, identity, Role.EDITOR)
    await imports.lock(write)
    head = await imports.find(write, identity, lock=True) or head
    if head["undone_at"] is not None:
        raise conflict(Text("This import is undone already."))
    if changed := await imports.changed_since(write, identity):
        shown = ", ".join(changed[:5]) + (" …" if len(changed) > 5 else "")
        raise conflict(
            Text(
                "{count} figures of this import have been changed since: {shown}. Please check "
                "them one by one.",
                count=len(changed),
                shown=shown,
            ),
            cells=changed[:200],
        )
    await imports.undo(write, identity, editor.subject)
    after = await imports.find(write, identity) or head
    await audit.record(
        write,
        metadata,
        editor,
        action="undo",
        entity="data_import",
        entity_id=identity,
        region=head["regions"][0] if len(head["regions"]) == 1 else None,
        before={**head, "id": str(identity)},
        after={**after, "id": str(identity)},
    )
    return after
