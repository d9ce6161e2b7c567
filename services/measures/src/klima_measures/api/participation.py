"""The routers of participation and communication, for the composition root."""

from __future__ import annotations

from klima_measures.api import (
    actors,
    campaigns,
    contacts,
    feeds,
    idea_decisions,
    idea_imports,
    ideas,
    kick_offs,
    packages,
    prioritisations,
    working_groups,
    workshops,
)
from klima_measures.api.participation_context import install

ROUTERS = [
    module.router
    for module in (
        ideas,
        idea_decisions,
        idea_imports,
        kick_offs,
        workshops,
        actors,
        working_groups,
        contacts,
        campaigns,
        prioritisations,
        packages,
        feeds,
    )
]

__all__ = ["ROUTERS", "install"]
