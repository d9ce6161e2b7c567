"""The traffic light of a measure against its own plan, on a given day; and the days on which it
changes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from klima_measures.sheets.model.sheet import Sheet
from klima_measures.sheets.rules.derived import Explained, start_of
from klima_shared.codes.action import MeasureStatus, Phase
from klima_shared.language.text import Text

TOLERANCE_DAYS: Final = (
    30  # a milestone that is overdue by no more than this puts a measure at risk
)
REPORT_DAYS: Final = 274  # nine months: a half-yearly report with a quarter's delay

_BEFORE: Final = {Phase.IDEA, Phase.EXAMINED, Phase.DECIDED}
_FINISHED: Final = {Phase.COMPLETED, Phase.MADE_PERMANENT}
_EXITS: Final = {Phase.POSTPONED, Phase.REJECTED, Phase.REPLACED, Phase.MERGED}
_ORDER: Final = (MeasureStatus.ON_TRACK, MeasureStatus.AT_RISK, MeasureStatus.LATE)

_S = MeasureStatus


@dataclass(frozen=True)
class Finding:
    """One reason for a status."""

    status: MeasureStatus
    rule: Text


def status(sheet: Sheet, phase: Phase, today: date) -> Explained[MeasureStatus]:
    """The status of the day, by the first rule that applies. Missing data never makes `achieved` or
    `on_track`."""
    overdue = [m for m in sheet.milestones if m.done_at is None and m.due < today]
    report = _latest_report(sheet, today)
    inputs = {
        "phase": phase.value,
        "today": today.isoformat(),
        "milestones": len(sheet.milestones),
        "milestones_done": sum(m.done_at is not None for m in sheet.milestones),
        "milestones_overdue": [{"title": m.title, "due": m.due.isoformat()} for m in overdue],
        "report": {"on": report[0].isoformat(), "assessment": report[1].value} if report else None,
        "tolerance_days": TOLERANCE_DAYS,
    }
    finding = (
        _override(sheet, today) or _by_phase(sheet, phase, today) or _running(sheet, today, report)
    )
    return Explained(finding.status, finding.rule, inputs)


def _override(sheet: Sheet, today: date) -> Finding | None:
    override = sheet.status_override
    if override is None or today > override.expires_on:
        return None
    until = override.expires_on
    return Finding(
        MeasureStatus(override.status.value), Text("Set by hand, valid until {until}.", until=until)
    )


def _by_phase(sheet: Sheet, phase: Phase, today: date) -> Finding | None:
    """What the phase alone decides: exits, finished measures, those that have not begun."""
    if phase in _EXITS:
        return Finding(_S.UNKNOWN, Text("The measure is not pursued as it is."))
    if phase in _FINISHED:
        if any(m.done_at is None for m in sheet.milestones):
            return Finding(_S.UNKNOWN, Text("Completed, but milestones are still open."))
        return Finding(_S.ACHIEVED, Text("Completed and evaluated, every milestone reached."))
    if phase not in _BEFORE:
        return None
    start = start_of(sheet)
    if (
        phase is Phase.DECIDED
        and start is not None
        and start < today
        and sheet.actual_start is None
    ):
        return Finding(_S.LATE, Text("Decided, but not begun when planned."))
    return Finding(_S.NOT_STARTED, Text("Not yet in preparation."))


def _running(sheet: Sheet, today: date, report: tuple[date, MeasureStatus] | None) -> Finding:
    """Milestones and the latest report; the worse of the two counts."""
    found: list[Finding] = []
    days = [(today - m.due).days for m in sheet.milestones if m.done_at is None and m.due < today]
    if any(n > TOLERANCE_DAYS for n in days):
        found.append(Finding(_S.LATE, Text("A milestone is overdue.")))
    elif days:
        found.append(
            Finding(
                _S.AT_RISK,
                Text(
                    "A milestone is overdue by no more than {tolerance_days} days.",
                    tolerance_days=TOLERANCE_DAYS,
                ),
            )
        )
    elif sheet.milestones:
        found.append(Finding(_S.ON_TRACK, Text("No milestone is overdue.")))
    if report is not None:
        on, assessment = report
        found.append(Finding(assessment, Text("Report of {on}.", on=on)))
    if sheet.planned_end is not None and sheet.planned_end < today and sheet.actual_end is None:
        found.append(Finding(_S.LATE, Text("The planned end has passed.")))
    if not found:
        return Finding(_S.UNKNOWN, Text("Neither milestones nor a recent report."))
    return max(found, key=lambda finding: _ORDER.index(finding.status))


def _latest_report(sheet: Sheet, today: date) -> tuple[date, MeasureStatus] | None:
    reports = [r for r in sheet.status_reports if r.reported_on <= today]
    if not reports:
        return None
    latest = max(reports, key=lambda r: r.reported_on)
    if (today - latest.reported_on).days > REPORT_DAYS:
        return None
    return latest.reported_on, MeasureStatus(latest.assessment.value)


def spans(sheet: Sheet, phase: Phase) -> tuple[Sequence[date], Sequence[MeasureStatus]]:
    """The days from which each status holds, ascending, and the statuses: so that a list can be
    filtered by today's.

    A status changes only on a day named in the sheet, so it is computed for those days and need not
    be again.
    """
    one = timedelta(days=1)
    days = {date.min}
    days |= {m.due + one for m in sheet.milestones} | {
        m.due + (TOLERANCE_DAYS + 1) * one for m in sheet.milestones
    }
    for report in sheet.status_reports:
        days |= {report.reported_on, report.reported_on + (REPORT_DAYS + 1) * one}
    if sheet.status_override:
        days.add(sheet.status_override.expires_on + one)
    for day in (start_of(sheet), sheet.planned_end):
        if day is not None:
            days.add(day + one)
    starts: list[date] = []
    statuses: list[MeasureStatus] = []
    for day in sorted(days):
        value = status(sheet, phase, day).value
        if not statuses or statuses[-1] is not value:
            starts.append(day)
            statuses.append(value)
    return starts, statuses
