"""Settings of the measures service beyond those every service has."""

from pydantic import AnyHttpUrl, Field

from klima_measures.base.model.context import FurtherField
from klima_measures.participation.model.settings import ParticipationSettings


class Settings(ParticipationSettings):
    further_fields: tuple[FurtherField, ...] = Field(
        default=(), description="fields of action beside the nine of the concept: code, de, en"
    )
    balance_url: AnyHttpUrl | None = Field(
        default=None, description="where the balance service answers"
    )
