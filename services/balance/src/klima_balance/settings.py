"""Settings of the balance service, and where its migrations lie."""

from alembic.config import Config

from klima_shared.database.migrations import config_for
from klima_shared.service.settings import ServiceSettings


class Settings(ServiceSettings):
    """Settings of the balance service; it needs none beyond those every service has."""


def migrations(database_url: str = "") -> Config:
    """Alembic's configuration of this service."""
    return config_for(__file__, database_url)
