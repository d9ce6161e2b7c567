"""How long what people wrote is kept. Periods are configuration; None keeps it until somebody
asks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Periods:
    """Days after which something is removed."""

    rejected_ideas: int | None = (
        180  # text of what was refused: nobody needs it after an objection could have come
    )
    author_groups: int | None = 730  # the group of the author, once the concept has been evaluated
    finished_ideas: int | None = (
        None  # text of ideas that came to an end: part of the concept's record by default
    )
    idempotency_keys: int | None = 7
    client_counters: int | None = 2

    def before(self, now: datetime, days: int | None) -> datetime | None:
        """What is older than this moment goes; None when nothing does."""
        return None if days is None else now - timedelta(days=days)
