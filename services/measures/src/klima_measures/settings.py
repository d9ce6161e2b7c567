"""Settings of the measures service beyond those every service has."""

from __future__ import annotations

from pydantic import AnyHttpUrl, Field

from klima_shared.settings import ServiceSettings


class Settings(ServiceSettings):
    balance_url: AnyHttpUrl | None = Field(default=None, description="where the balance service answers")

