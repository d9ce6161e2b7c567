"""Submitting an idea: anybody may, without an account; it is public only after moderation."""

import math
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Final

from sqlalchemy.exc import IntegrityError

from klima_measures.base.actions.regions import ask
from klima_measures.base.model.context import Context
from klima_measures.base.queries.regions import region_names
from klima_measures.participation.actions.ideas import public_audit
from klima_measures.participation.model.ideas import NewIdea, Quota, new_reference
from klima_measures.participation.queries import ideas, submission
from klima_measures.upstream.actions import Balance
from klima_shared.codes.regions import covers
from klima_shared.database import audit
from klima_shared.database.connections import Database, SingleConnection
from klima_shared.http.auth import Principal
from klima_shared.http.problems import internal, invalid_at, unavailable
from klima_shared.language.text import Text
from klima_shared.revisions.entities import Values
from klima_shared.revisions.writing import Writer

_REGION_SECONDS: Final = 60.0
_DRAWS: Final = 5  # two equal references in a row will not be met in this world


@dataclass
class RegionCheck:
    """Which regions ideas may come from; verdicts are kept for a minute. One per process."""

    county: str
    _verdicts: dict[str, tuple[float, bool]] = field(default_factory=dict)

    async def learn(self, database: Database, balance: Balance, region: str) -> None:
        """Ask about a region of the county, once a minute at most; to be done before a connection
        is opened, for the balance service may take its time."""
        if covers(self.county, region) and not self._is_fresh(region):
            async with database.read() as connection:
                names = await region_names(connection)
            found = await ask(names, balance, self.county, [region])
            self._verdicts[region] = time.monotonic(), not found.unknown([region])

    def check(self, region: str) -> None:
        """422 for a region outside the county this installation serves, or one that the registry
        does not know.

        While neither our copy of the registry nor the balance service can tell, the county is all
        that is checked.
        """
        if not covers(self.county, region):
            raise invalid_at(
                "/body/region",
                Text(
                    "The region {region} does not belong to the county {county}.",
                    region=region,
                    county=self.county,
                ),
            )
        if not self._verdicts[region][1]:
            raise invalid_at("/body/region", Text("There is no region {region}.", region=region))

    def _is_fresh(self, region: str) -> bool:
        asked_at, _ = self._verdicts.get(region, (-math.inf, False))
        return time.monotonic() - asked_at <= _REGION_SECONDS


def check_field(context: Context, code: str | None) -> None:
    """422 for a field of action that this installation does not have."""
    if code is not None and code not in context.fields.codes():
        known = ", ".join(context.fields.codes())
        raise invalid_at(
            "/body/field", Text("There is no such field of action; possible: {known}.", known=known)
        )


async def submit(
    connection: SingleConnection,
    principal: Principal,
    idea: NewIdea,
    quota: Quota,
    key: Callable[[NewIdea], Awaitable[Values]],
) -> bool:
    """Store the checked idea of a citizen. False when nothing was stored: the request's key was
    taken, or too many came from there.

    key: the row of the request's key with the answer for an idea (`IdempotencyContext.values`).
    """
    trail = audit.values(
        principal,
        action="hand_in",
        entity="idea",
        entity_id=idea.id,
        region=idea.region,
        after=public_audit(idea),
    )
    try:
        return await submission.submit(connection, idea, trail, await key(idea), quota)
    except IntegrityError as error:  # the reference is in use: once in a lifetime
        raise unavailable(Text("Please send it again.")) from error


async def store(writer: Writer, idea: NewIdea) -> NewIdea:
    """Store a checked idea that staff entered; returns it with its reference."""
    for _ in range(_DRAWS):
        if await ideas.add(writer.connection, idea):
            after = public_audit(idea)
            await writer.record("hand_in", "idea", idea.id, region=idea.region, after=after)
            return idea
        idea = replace(idea, reference=new_reference())
    raise internal()
