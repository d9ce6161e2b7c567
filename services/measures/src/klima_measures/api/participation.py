"""The routers of participation and communication, for the composition root."""

from __future__ import annotations

from klima_measures.api import (
    actors,
    campaigns,
    contacts,
    feeds,
    idea_decisions,
    idea_imports,
    idea_reading,
    ideas,
    kick_offs,
    packages,
    prioritisations,
    working_groups,
    workshops,
)
from klima_measures.api.participation_context import install

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
