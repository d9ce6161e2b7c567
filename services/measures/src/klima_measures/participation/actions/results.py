"""What came out of a workshop, collected for its package: plain values, ready to be printed and
written."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from klima_measures.base.model.dates import BERLIN
from klima_measures.base.queries.regions import region_names
from klima_measures.participation.actions.workshops import PRIORITISATION, results
from klima_measures.participation.model.codes import (
    AuthorGroup,
    Focus,
    Moderation,
    PrioritisationMethod,
    Triage,
)
from klima_measures.participation.model.ideas import IdeaRow, Standing, TriageSums
from klima_measures.participation.model.workshops import WorkshopRow
from klima_measures.participation.queries import ideas
from klima_measures.participation.rules import effective_triage
from klima_measures.participation.tables import idea, prioritisation
from klima_shared.language.numbers import long_date
from klima_shared.revisions import records
from klima_shared.revisions.model import Document
from klima_shared.wire.meta import LICENCE

MAX_IDEAS = 10_000
MAX_SESSIONS = 100
_UNKNOWN = "keine Angabe"


async def collect(
    connection: AsyncConnection, workshop: WorkshopRow, moment: datetime, fields: Mapping[str, str]
) -> tuple[Document, TriageSums]:
    """The results of a workshop and the sums of its ideas. The text of refused ideas is not handed
    on.

    fields: labels of the fields of action.
    """
    where = [idea.c.workshop_id == workshop.id]
    rows = await ideas.listing(connection, where, limit=MAX_IDEAS)
    sums = await ideas.triage_sums(connection, where)
    by_reference = {row.reference: row for row in rows}
    sessions, dots = await _prioritisations(connection, workshop)
    region = (await region_names(connection)).get(workshop.region)
    document = workshop.document
    local = workshop.starts_at.astimezone(BERLIN) if workshop.starts_at else None
    content = {
        "author": "Klimakreis",
        "licence": LICENCE,
        "made_on": long_date(moment.astimezone(BERLIN).date()),
        "generated_at": moment.isoformat(),
        "workshop": {
            "id": str(workshop.id),
            "region": workshop.region,
            "region_name": region,
            "participants_total": sum(document["participants"].values()),
            **{
                name: document[name]
                for name in ("title", "focus", "topics", "place", "participants", "summary")
            },
            "starts_at": document["starts_at"],
            "ends_at": document["ends_at"],
        },
        "facts": [
            ["Gebiet", region or workshop.region],
            ["Gegenstand", Focus(document["focus"]).de],
            ["Datum", f"{long_date(local.date())}, {local:%H:%M} Uhr" if local else _UNKNOWN],
            ["Ort", document["place"] or _UNKNOWN],
            ["Themen", "; ".join(document["topics"]) or _UNKNOWN],
        ],
        "participants": [
            [AuthorGroup(code).de, count] for code, count in document["participants"].items()
        ],
        "sums": sums.model_dump(),
        "sums_lines": [
            *([t.de, getattr(sums, t.value)] for t in Triage),
            ["noch nicht zugeordnet", sums.undecided],
        ],
        "prioritisations": sessions,
        "ideas": [
            _idea(row, by_reference.get(row.merged_into_reference or ""), dots, fields)
            for row in rows
        ],
    }
    return content, sums


async def _prioritisations(
    connection: AsyncConnection, workshop: WorkshopRow
) -> tuple[list[Document], dict[str, int]]:
    """The sessions of a workshop with their results, and the dots of all of them by idea."""
    where = [prioritisation.c.workshop_id == workshop.id]
    rows = await records.listing(connection, PRIORITISATION, where, limit=MAX_SESSIONS)
    lines = await results(connection, rows)
    dots: dict[str, int] = {}
    for row in rows:
        if row.method is PrioritisationMethod.DOTS:
            for line in lines[row.id]:
                dots[line.idea] = dots.get(line.idea, 0) + line.total
    sessions = [
        {
            "title": row.document["title"],
            "method": row.method.value,
            "results": [line._asdict() for line in lines[row.id]],
        }
        for row in rows
    ]
    return sessions, dots


def _idea(
    row: IdeaRow, target: IdeaRow | None, dots: Mapping[str, int], fields: Mapping[str, str]
) -> Document:
    """`target`: the idea it was merged into."""
    triage = effective_triage(
        Standing(row.moderation, row.triage, target.triage if target else None)
    )
    hidden = row.moderation is Moderation.REJECTED or row.deleted
    reason = row.triage_reason or row.moderation_reason
    given = dots.get(row.reference)
    facts = [
        f"Thema: {row.topic}" if row.topic else None,
        fields.get(row.field or ""),
        f"aufgegangen in {row.merged_into_reference}"
        if row.merged_into_reference
        else row.moderation.de,
        triage.de if triage else "noch nicht zugeordnet",
        f"Begründung: {reason}" if reason else None,
        f"{given} Punkte" if given is not None else None,
        f"Antwort: {row.answer}" if row.answer else None,
    ]
    return {
        "reference": row.reference,
        "topic": row.topic,
        "text": None if hidden else row.text,
        "field": row.field,
        "group": row.author_group,
        "state": row.moderation,
        "triage": triage,
        "reason": reason,
        "merged_into": row.merged_into_reference,
        "dots": given,
        "answer": row.answer,
        "facts": [fact for fact in facts if fact],
    }
