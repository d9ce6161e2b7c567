"""What a service is told from outside: environment variables `KLIMA_*`, or files of the same names
(secrets)."""

import os
from ipaddress import ip_network
from pathlib import Path
from typing import Literal, Self

from pydantic import AnyHttpUrl, Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from klima_shared.county import served_county


class ServiceSettings(BaseSettings):
    """Settings every service has; a service adds its own in a subclass. Make one with `load()`,
    never at import."""

    model_config = SettingsConfigDict(env_prefix="KLIMA_", extra="ignore", frozen=True)

    environment: Literal["production", "local", "test"] = "production"
    database_url: str = Field(description="postgresql+psycopg://role:password@host:port/database")
    database_read_url: str | None = Field(
        default=None, description="a replica that reads may go to"
    )
    database_pool_size: int = Field(
        default=12,
        ge=1,
        description="connections of one process at most, for reads and as many again for writes",
    )
    database_wait_seconds: float = Field(
        default=10.0,
        ge=1,
        le=300,
        description="for a connection; half of it for the server to accept one. Then 503",
    )
    database_lock_seconds: float = Field(
        default=5.0, ge=0.1, le=300, description="a request waits for what others hold. Then 503"
    )
    database_statement_seconds: float = Field(
        default=60.0, ge=1, le=3600, description="one statement of a request, at most. Then 503"
    )
    database_prepare: bool = Field(
        default=True, description="off behind a pooler that knows no prepared statements"
    )
    host: str = "127.0.0.1"
    port: int = 8000
    metrics_port: int | None = Field(
        default=None, ge=1, le=65535, description="`/metrics` here and no longer on `port`"
    )
    shutdown_delay_seconds: float = Field(
        default=0.0,
        ge=0,
        le=120,
        description="told to stop, answer for so long while not ready (Kubernetes: 5 to 10)",
    )
    public_url: AnyHttpUrl | None = Field(
        default=None, description="address under which the world sees this service"
    )

    auth_issuer: str | None = None
    auth_audience: str = "klimakreis"
    auth_jwks: str | None = Field(
        default=None, description="URL or path of the issuer's public keys; none: no token is valid"
    )
    auth_roles_claim: str = "realm_access.roles"
    auth_regions_claim: str = "regions"
    auth_leeway_seconds: int = 30

    write_origins: tuple[str, ...] = Field(default=(), description="origins whose pages may write")
    frame_ancestors: tuple[str, ...] = Field(
        default=("*",), description="sites that may embed our pages"
    )
    max_body_bytes: int = Field(default=1 << 20, description="of a JSON request")
    max_upload_bytes: int = Field(default=20 << 20, description="of a file upload (multipart)")
    max_header_bytes: int = Field(default=32 << 10, ge=1024, description="of a request's header")
    max_header_fields: int = Field(default=100, ge=10, description="of a request's header")
    max_address_bytes: int = Field(default=8 << 10, ge=256, description="path and query")
    max_connections: int = Field(default=1000, ge=1, description="at one process")
    header_seconds: float = Field(
        default=10.0, gt=0, description="from its first byte, or from the connection on"
    )
    body_seconds: float = Field(
        default=20.0, gt=0, description="in which some kB of a body must have come"
    )
    keep_alive_seconds: int = Field(default=5, ge=0, description="between two requests")
    unread_seconds: float = Field(
        default=60.0, gt=0, description="after which an answer that nobody reads is dropped"
    )
    trusted_proxies: tuple[str, ...] = Field(
        default=(), description='networks whose X-Forwarded-For is believed, e.g. ["10.0.0.0/8"]'
    )
    log_level: str = "INFO"
    county: str = Field(
        default=served_county().key, description="the county this installation serves"
    )
    publisher_name: str = Field(
        default=served_county().publisher, description="who publishes, in the open-data catalogue"
    )
    publisher_url: AnyHttpUrl | None = Field(
        default=None, description="the publisher's site or contact form"
    )
    publisher_mail: str | None = Field(
        default=None, pattern="^[^@\\s]+@[^@\\s]+$", description="an office's, not a person's"
    )
    open_data_contributor: str | None = Field(
        default=None,
        pattern=r"^http://dcat-ap\.de/def/contributors/[A-Za-z0-9_-]+$",
        description="who delivers to GovData (contributorID of DCAT-AP.de); GovData gives it, "
        "portals demand it",
    )

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for network in value:
            ip_network(network)
        return value

    @classmethod
    def load(cls) -> Self:
        """Read the environment and, where it exists, the folder of secrets (`KLIMA_SECRETS_DIR`,
        /run/secrets)."""
        folder = Path(os.environ.get("KLIMA_SECRETS_DIR", "/run/secrets"))
        return cls(_secrets_dir=folder if folder.is_dir() else None)
