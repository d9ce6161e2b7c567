"""Migrations of the controlling service."""

from pathlib import Path

from alembic.config import Config

from klima_shared.database.migrations import config_for


def migrations(database_url: str = "") -> Config:
    """Alembic's configuration of this service."""
    return config_for(Path(__file__).parent, database_url)
