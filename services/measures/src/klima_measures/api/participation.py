"""The routers of participation and communication, for the composition root."""

from __future__ import annotations

from klima_measures.api import idea_decisions, ideas
from klima_measures.api.participation_context import install

ROUTERS = [ideas.router, idea_decisions.router]

__all__ = ["ROUTERS", "install"]
