"""The routers of the public face: embeds, open data, help for integrators."""

from __future__ import annotations

from klima_controlling.api import embed_files, embeds, help_pages, open_data

PUBLIC = (embed_files.router, embeds.router, help_pages.router, *open_data.ROUTERS)
