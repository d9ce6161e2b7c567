"""The two axes that people move by hand (phases with their guards, and editorial states), and the
rows of a sheet that only the controlling service writes: they are evidence, and guards stand on
them. Editors carry these along unchanged: whoever could write them in could complete a measure that
nobody evaluated."""

from collections.abc import Set
from dataclasses import dataclass
from datetime import date
from typing import Final

from klima_measures.sheets.model.codes import Editorial, LinkKind
from klima_measures.sheets.model.sheet import Sheet
from klima_shared.codes.action import Phase
from klima_shared.http.problems import FieldError, Problem
from klima_shared.language.text import Label, Text

WAY: Final = (
    Phase.IDEA,
    Phase.EXAMINED,
    Phase.DECIDED,
    Phase.IN_PREPARATION,
    Phase.IN_IMPLEMENTATION,
    Phase.COMPLETED,
    Phase.MADE_PERMANENT,
)
EXITS: Final = (Phase.POSTPONED, Phase.REJECTED, Phase.REPLACED, Phase.MERGED)
_NEED_REASON: Final = {Phase.POSTPONED, Phase.REJECTED}
_NEED_DECISION: Final = set(WAY[WAY.index(Phase.DECIDED) :])
_NEED_EVALUATION: Final = {Phase.COMPLETED, Phase.MADE_PERMANENT}


@dataclass(frozen=True)
class Move:
    """A move that somebody asks for. `superseded` tells whether another measure supersedes this
    one."""

    from_phase: Phase
    to_phase: Phase
    reason: str | None
    effective_on: date
    superseded: bool = False


def reachable(phase: Phase) -> tuple[Phase, ...]:
    """Where a measure may go from here: the next phase, one back, the exits; back onto the way from
    an exit.

    A replaced or merged measure stays what it is; a completed one is made permanent, taken up
    again, or replaced.
    """
    if phase in {Phase.REPLACED, Phase.MERGED}:
        return ()
    if phase in {Phase.POSTPONED, Phase.REJECTED}:
        return (Phase.IDEA, Phase.EXAMINED, Phase.DECIDED, Phase.REPLACED, Phase.MERGED)
    place = WAY.index(phase)
    near = (*WAY[place + 1 : place + 2], *WAY[max(place - 1, 0) : place])
    return near + ((Phase.REPLACED, Phase.MERGED) if phase in _NEED_EVALUATION else EXITS)


def refusals(sheet: Sheet, move: Move) -> list[Text]:
    """Everything that stands against a move; empty when it may be made."""
    found: list[Text] = []
    allowed = reachable(move.from_phase)
    if move.to_phase not in allowed:
        names = Label(
            ", ".join(p.de for p in allowed) or "nichts",
            ", ".join(p.en for p in allowed) or "nothing",
        )
        found.append(
            Text(
                'There is no way from "{from_phase}" to "{to_phase}"; possible: {names}.',
                from_phase=move.from_phase,
                to_phase=move.to_phase,
                names=names,
            )
        )
    back = (
        move.from_phase in WAY
        and move.to_phase in WAY
        and WAY.index(move.to_phase) < WAY.index(move.from_phase)
    )
    if (move.to_phase in _NEED_REASON or back) and not (move.reason or "").strip():
        found.append(Text("This move needs a reason."))
    return found + missing(sheet, move.to_phase, superseded=move.superseded)


def missing(sheet: Sheet, phase: Phase, *, superseded: bool) -> list[Text]:
    """What a sheet must hold to be in a phase, and doesn't."""
    found: list[Text] = []
    if phase in _NEED_DECISION and not sheet.decisions:
        found.append(Text('"{phase}" needs a decision (decisions: body, date).', phase=phase))
    if phase in _NEED_EVALUATION and sheet.actual_end is None:
        found.append(Text('"{phase}" needs the actual end.', phase=phase))
    if phase in _NEED_EVALUATION and not sheet.evaluations:
        found.append(Text('"{phase}" needs an evaluation.', phase=phase))
    if phase is Phase.REPLACED and not superseded:
        found.append(
            Text('"replaced" needs the measure that supersedes this one (its links: supersedes).')
        )
    if phase is Phase.MERGED and not any(link.kind is LinkKind.MERGED_INTO for link in sheet.links):
        found.append(
            Text('"merged" needs the link to the measure it was merged into (links: merged_into).')
        )
    return found


# From which states each editorial step may be taken.
EDITORIAL_STEPS: Final[dict[Editorial, Set[Editorial]]] = {
    Editorial.IN_REVIEW: {Editorial.DRAFT},
    Editorial.DRAFT: {Editorial.IN_REVIEW, Editorial.ARCHIVED},
    Editorial.PUBLISHED: {Editorial.DRAFT, Editorial.IN_REVIEW},
    Editorial.ARCHIVED: {Editorial.DRAFT, Editorial.IN_REVIEW, Editorial.PUBLISHED},
}


def editorial_refusal(current: Editorial, wanted: Editorial) -> Text | None:
    """Why an editorial step can't be taken; None when it can."""
    if current in EDITORIAL_STEPS[wanted]:
        return None
    return Text(
        'The sheet is "{current}" and can\'t become "{wanted}" from there.',
        current=current,
        wanted=wanted,
    )


# Field -> the route by which it comes in (role `service`).
REPORTED: Final = {"evaluations": "/evaluations", "status_reports": "/status-reports"}


def with_evidence(sheet: Sheet, before: Sheet) -> Sheet:
    """The sheet with what was reported before, where it does not say anything about it."""
    missing = [name for name in REPORTED if name not in sheet.model_fields_set]
    return (
        sheet.model_copy(update={name: getattr(before, name) for name in missing})
        if missing
        else sheet
    )


def check(sheet: Sheet, before: Sheet | None) -> None:
    """403 when the sheet adds, changes or leaves out what the controlling service reported."""
    wrong = [
        name
        for name in REPORTED
        if getattr(sheet, name) != (getattr(before, name) if before else [])
    ]
    if not wrong:
        return
    texts = [
        Text(
            '"{name}" only comes from controlling (POST {told}, role service) and stays as it is '
            "here.",
            name=name,
            told=REPORTED[name],
        )
        for name in wrong
    ]
    errors = [FieldError(f"/body/{name}", text) for name, text in zip(wrong, texts, strict=True)]
    raise Problem(403, "forbidden", Label("Nicht erlaubt", "Forbidden"), texts[0], errors=errors)
