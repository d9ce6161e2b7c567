"""Settings of the balance service; so far it needs nothing beyond those every service has."""

from __future__ import annotations

from klima_shared.service.settings import ServiceSettings


class Settings(ServiceSettings):
    """Settings of the balance service."""
