"""Which ideas are asked for, and which the caller may see."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Query
from sqlalchemy import ColumnElement, or_

from klima_measures.base.queries.visibility import draft_prefixes, prefix_of, within
from klima_measures.participation.model import IdeaChannel, Moderation, Triage
from klima_measures.participation.queries import ideas
from klima_measures.participation.routes.context import ParticipationOf
from klima_measures.participation.tables import idea
from klima_shared.codes.fields import Ags
from klima_shared.http.auth import Principal


class IdeaFilter:
    """The filters of lists and sums, as conditions on `idea`."""

    def __init__(
        self,
        settings: ParticipationOf,
        region: Annotated[
            Ags | None, Query(description="the region or, for a county, all in it")
        ] = None,
        concept: Annotated[
            Ags | None,
            Query(
                description="ideas of a concept: for the county the intermunicipal ones, else the municipality's own"
            ),
        ] = None,
        field: Annotated[str | None, Query(max_length=40)] = None,
        channel: IdeaChannel | None = None,
        moderation: Moderation | None = None,
        triage: Triage | None = None,
        workshop: UUID | None = None,
        unanswered: Annotated[
            bool, Query(description="only those unanswered for longer than promised")
        ] = False,
    ) -> None:
        where: list[ColumnElement[bool]] = []
        if region:
            where.append(within(idea.c.region, [prefix_of(region)]))
        if concept:
            own = Triage.INTERMUNICIPAL if prefix_of(concept) != concept else Triage.MUNICIPAL
            where += [within(idea.c.region, [prefix_of(concept)]), ideas.counted_as == own.value]
        if triage:
            where.append(ideas.counted_as == triage.value)
        equal: dict[Any, Any] = {idea.c.channel: channel, idea.c.moderation: moderation}
        where += [column == value.value for column, value in equal.items() if value is not None]
        if field:
            where.append(idea.c.field == field)
        if workshop:
            where.append(idea.c.workshop_id == workshop)
        if unanswered:
            where.append(
                ideas.unanswered(datetime.now(UTC) - timedelta(days=settings.idea_answer_days))
            )
        self.where = where


def visible_to(caller: Principal) -> ColumnElement[bool]:
    """Accepted ideas, and all of regions whose drafts the caller may read."""
    public = (idea.c.moderation == Moderation.ACCEPTED.value) & (
        idea.c.erased.is_distinct_from("delete")
    )
    return or_(public, within(idea.c.region, draft_prefixes(caller)))


IdeaQuery = Annotated[IdeaFilter, Depends()]
