"""A body that is accepted for every operation of measures that takes one, with the region and the
objects that it names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

Ids = Mapping[str, str]
Body = dict[str, Any]
BodyOf = Callable[[str, Ids], Body]


def sheet(region: str, ids: Ids, number: str = "MOB-77") -> Body:
    return {
        "number": number,
        "title": "Radnetz",
        "level": "municipality",
        "regions": [region],
        "owner": region,
        "field": "mobility",
        "type": "technical",
        "quarter": ids["quarter"],
        "strategy": ids["strategy"],
        "funding": [{"programme": ids["funding_programme"]}],
        "links": [{"kind": "accompanies", "measure": ids["linked"]}],
    }


def _entry(**more: Any) -> BodyOf:
    return lambda region, _: {
        "code": "neu",
        "title": "Eintrag",
        "region": region,
        "public": False,
        **more,
    }


def _round(region: str, _: Ids) -> Body:
    firm = {"name": "Betrieb", "consent": False, "municipality": region}
    return _entry(programme="ÖKOPROFIT", firms=[firm])(region, {})


def _record(**more: Any) -> BodyOf:
    return lambda region, _: {"region": region, **more}


_day: Final = "2027-03-01"
_moment: Final = "2027-03-01T18:00:00+01:00"
_why: Final = {"reason": "Weil es so ist."}

RECORDS: Final[dict[str, BodyOf]] = {
    "kick_off": _record(held_on=_day, notes="Gespräch"),
    "workshop": _record(title="Werkstatt", starts_at=_moment),
    "prioritisation": lambda region, ids: {
        "region": region,
        "title": "Wichtig",
        "method": "dots",
        "workshop": ids["workshop"],
        "ideas": [ids["accepted_idea"]],
    },
    "actor": lambda region, _: {
        "region": region,
        "name": "Verein",
        "kind": "association",
        "regions": [region],
    },
    "network": lambda region, ids: {
        "region": region,
        "name": "Netz",
        "regions": [region],
        "members": [{"actor": ids["actor"]}],
    },
    "working_group": _record(name="Arbeitsgruppe"),
    "meeting": lambda _, ids: {
        "group": ids["working_group"],
        "title": "Sitzung",
        "starts_at": _moment,
    },
    "resolution": lambda _, ids: {
        "group": ids["working_group"],
        "meeting": ids["meeting"],
        "decided_on": _day,
        "text": "Beschlossen.",
        "result": "adopted",
        "measures": [ids["measure"]],
    },
    "task": lambda region, ids: {
        "group": ids["working_group"],
        "meeting": ids["meeting"],
        "title": "Aufgabe",
        "municipality": region,
        "due_on": _day,
    },
    "contact": _record(function="Klimaschutz"),
    "campaign": lambda region, ids: {
        "region": region,
        "title": "Kampagne",
        "channels": ["press"],
        "starts_on": _day,
        "regions": [region],
        "measures": [ids["measure"]],
    },
    "press_item": lambda region, ids: {
        "region": region,
        "title": "Meldung",
        "released_at": "2026-01-01T12:00:00+01:00",
        "campaign": ids["campaign"],
        "measures": [ids["measure"]],
    },
    "event": lambda region, ids: {
        "region": region,
        "title": "Fest",
        "starts_at": _moment,
        "campaign": ids["campaign"],
    },
}
REGISTERS: Final[dict[str, BodyOf]] = {
    "concept": _entry(),
    "template": _entry(steps=[{"title": "Schritt"}]),
    "funding_programme": _entry(),
    "round": _round,
    "strategy": _entry(),
    "quarter": _entry(),
}
_STEPS: Final[dict[str, BodyOf]] = {
    "create_idea": lambda region, ids: {
        "region": region,
        "text": "Mehr Bänke am Wall.",
        "consent": True,
        "channel": "workshop",
        "workshop": ids["workshop"],
    },
    "moderate_idea": lambda *_: {"state": "rejected", **_why},
    "merge_idea": lambda _, ids: {"into": ids["accepted_idea"], **_why},
    "triage_idea": lambda *_: {"triage": "municipal", **_why},
    "answer_idea": lambda *_: {"answer": "Kommt."},
    "link_idea": lambda _, ids: {"measure": ids["measure"]},
    "erase_idea": lambda *_: {"kind": "delete", "request": "Anruf"},
    "move_workshop": lambda *_: {"to": "invited"},
    "create_vote": lambda _, ids: {"idea": ids["accepted_idea"], "value": 1, "ballots": 1},
    "deliver_package": lambda *_: {"recipient": "Rat"},
    "create_measure": sheet,
    "replace_measure": lambda region, ids: sheet(region, ids, "MOB-78"),
    "update_measure": lambda region, ids: {
        name: value
        for name, value in sheet(region, ids).items()
        if name in {"regions", "owner", "quarter", "strategy", "funding", "links"}
    },
    "create_transition": lambda *_: {"to": "examined"},
    "submit_measure": lambda *_: {},
    "withdraw_measure": lambda *_: {},
    "publish_measure": lambda *_: {},
    "archive_measure": lambda *_: {},
    "note_evaluation": lambda *_: {"evaluated_on": "2026-01-01", "by": "Controlling"},
    "note_status_report": lambda *_: {"reported_on": "2026-01-01", "assessment": "on_track"},
}
MEASURES: Final[dict[str, BodyOf]] = {
    **{f"{verb}_{kind}": body for kind, body in RECORDS.items() for verb in ("create", "replace")},
    **{
        f"{verb}_{kind}": body for kind, body in REGISTERS.items() for verb in ("create", "replace")
    },
    **_STEPS,
}
"""By the name of the operation."""
