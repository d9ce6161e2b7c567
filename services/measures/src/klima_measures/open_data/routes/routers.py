"""The routers of the public face: embeds, open data."""

from __future__ import annotations

from klima_measures.open_data.routes import catalogue as open_data
from klima_measures.open_data.routes import embeds

PUBLIC = (embeds.router, *open_data.ROUTERS)
