"""Settings of the measures service beyond those every service has."""

from __future__ import annotations

from pydantic import AnyHttpUrl, Field

from klima_measures.participation_settings import ParticipationSettings


class Settings(ParticipationSettings):
    balance_url: AnyHttpUrl | None = Field(default=None, description="where the balance service answers")
