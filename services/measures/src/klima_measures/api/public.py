"""The routers of the public face: embeds, open data."""

from __future__ import annotations

from klima_measures.api import embeds, open_data

PUBLIC = (embeds.router, *open_data.ROUTERS)
