"""What came out of a workshop, put together for its package: plain values, ready to be printed and
written."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from klima_measures.community.rules.opening_hours import BERLIN
from klima_measures.participation.actions.prioritisations import result
from klima_measures.participation.model import (
    AuthorGroup,
    Focus,
    Moderation,
    PrioritisationMethod,
    Triage,
)
from klima_measures.participation.queries import ideas
from klima_measures.participation.rules.triage import Standing, TriageSums, effective_triage
from klima_measures.participation.tables import idea, prioritisation
from klima_measures.records import queries as records
from klima_measures.records.actions import Row
from klima_measures.sheets.queries import measures
from klima_shared.language.numbers import long_date
from klima_shared.wire.meta import LICENCE

MAX_IDEAS = 10_000


async def collect(
    connection: AsyncConnection, workshop: Row, moment: datetime, fields: Mapping[str, str]
) -> tuple[dict[str, Any], TriageSums]:
    """The results of a workshop and the sums of its ideas. The text of refused ideas is not handed
    on.

    fields: labels of the fields of action.
    """
    where = [idea.c.workshop_id == workshop["id"]]
    rows = await ideas.listing(connection, where, limit=MAX_IDEAS)
    sums = await ideas.triage_sums(connection, where)
    by_reference = {row["reference"]: row for row in rows}
    sessions = []
    dots: dict[str, int] = {}
    for session in await records.listing(
        connection, prioritisation, [prioritisation.c.workshop_id == workshop["id"]], limit=100
    ):
        lines = await result(connection, dict(session))
        method = PrioritisationMethod(session["method"])
        sessions.append(
            {"title": session["document"]["title"], "method": method.value, "results": lines}
        )
        if method is PrioritisationMethod.DOTS:
            for line in lines:
                dots[line["idea"]] = dots.get(line["idea"], 0) + line["total"]
    names = await measures.region_names(connection)
    document = workshop["document"]
    local = workshop["starts_at"].astimezone(BERLIN) if workshop["starts_at"] else None
    results = {
        "author": "Klimakreis",
        "licence": LICENCE,
        "made_on": long_date(moment.astimezone(BERLIN).date()),
        "generated_at": moment.isoformat(),
        "workshop": {
            "id": str(workshop["id"]),
            "region": workshop["region"],
            "region_name": names.get(workshop["region"]),
            "participants_total": sum(document["participants"].values()),
            **{
                name: document[name]
                for name in ("title", "focus", "topics", "place", "participants", "summary")
            },
            "starts_at": document["starts_at"],
            "ends_at": document["ends_at"],
        },
        "facts": [
            ["Gebiet", names.get(workshop["region"]) or workshop["region"]],
            ["Gegenstand", Focus(document["focus"]).de],
            ["Datum", f"{long_date(local.date())}, {local:%H:%M} Uhr" if local else "keine Angabe"],
            ["Ort", document["place"] or "keine Angabe"],
            ["Themen", "; ".join(document["topics"]) or "keine Angabe"],
        ],
        "participants": [
            [AuthorGroup(code).de, count] for code, count in document["participants"].items()
        ],
        "sums": {name: getattr(sums, name) for name in TriageSums.__slots__},
        "sums_lines": [
            *([t.de, getattr(sums, t.value)] for t in Triage),
            ["noch nicht zugeordnet", sums.undecided],
        ],
        "prioritisations": sessions,
        "ideas": [_idea(row, by_reference, dots, fields) for row in rows],
    }
    return results, sums


def _idea(
    row: Mapping[str, Any],
    others: Mapping[str, Mapping[str, Any]],
    dots: Mapping[str, int],
    fields: Mapping[str, str],
) -> dict[str, Any]:
    moderation = Moderation(row["moderation"])
    target = others.get(row["merged_into_reference"] or "")
    own, other = (Triage(r["triage"]) if r and r["triage"] else None for r in (row, target))
    triage = effective_triage(Standing(moderation, own, other))
    hidden = moderation is Moderation.REJECTED or row["erased"] == "delete"
    shown = {
        "reference": row["reference"],
        "topic": row["topic"],
        "text": None if hidden else row["text"],
        "field": row["field"],
        "group": row["author_group"],
        "state": moderation.value,
        "triage": triage.value if triage else None,
        "reason": row["triage_reason"] or row["moderation_reason"],
        "merged_into": row["merged_into_reference"],
        "dots": dots.get(row["reference"]),
        "answer": row["answer"],
    }
    facts = [
        f"Thema: {row['topic']}" if row["topic"] else None,
        fields.get(row["field"] or ""),
        f"aufgegangen in {row['merged_into_reference']}"
        if row["merged_into_reference"]
        else moderation.de,
        triage.de if triage else "noch nicht zugeordnet",
        f"Begründung: {shown['reason']}" if shown["reason"] else None,
        f"{shown['dots']} Punkte" if shown["dots"] is not None else None,
        f"Antwort: {row['answer']}" if row["answer"] else None,
    ]
    return shown | {"facts": [fact for fact in facts if fact]}
