"""Settings of the controlling service beyond those every service has."""

from pathlib import Path

from pydantic import AnyHttpUrl, Field

from klima_shared.service.settings import ServiceSettings


class Settings(ServiceSettings):
    balance_url: AnyHttpUrl | None = Field(
        default=None, description="where the balance service answers"
    )
    measures_url: AnyHttpUrl | None = Field(
        default=None, description="where the measures service answers"
    )
    balance_public_url: AnyHttpUrl | None = Field(
        default=None,
        description="the balance service's address for the world; default: balance_url",
    )
    measures_public_url: AnyHttpUrl | None = Field(
        default=None,
        description="the measures service's address for the world; default: measures_url",
    )
    service_token_file: Path | None = Field(
        default=None,
        description="file with the token this service shows to others; read anew when it changes",
    )
    four_eyes: bool = Field(
        default=False, description="a report is approved by another manager than its authors"
    )
    contact_name: str = Field(
        default="Klimaschutzmanagement", description="whom citizens may ask; on every page"
    )
    contact_url: AnyHttpUrl | None = None
    contact_mail: str | None = None
