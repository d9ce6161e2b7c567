"""The routers of participation and communication, for the composition root."""

from __future__ import annotations

from klima_measures.community.routes import actors, campaigns, contacts, feeds, working_groups
from klima_measures.participation.routes import decisions as idea_decisions
from klima_measures.participation.routes import ideas as idea_reading
from klima_measures.participation.routes import imports as idea_imports
from klima_measures.participation.routes import kick_offs, packages, prioritisations, workshops
from klima_measures.participation.routes import submission as ideas
from klima_measures.participation.routes.context import install

# Fixed paths come before those with a parameter.
_MODULES = (
    ideas,
    idea_imports,
    idea_reading,
    idea_decisions,
    kick_offs,
    workshops,
    packages,
    prioritisations,
    actors,
    working_groups,
    contacts,
    campaigns,
    feeds,
)
ROUTERS = [*(module.router for module in _MODULES), idea_reading.measure_router]

__all__ = ["ROUTERS", "install"]
