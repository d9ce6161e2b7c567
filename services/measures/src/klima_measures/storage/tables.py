"""Tables of the measures service."""

from __future__ import annotations

from klima_shared.database import service_metadata

metadata = service_metadata("measures")
