"""Tables, queries and migrations of the controlling service."""

from alembic.config import Config

from klima_shared.database.migrations import config_for


def migrations(database_url: str = "") -> Config:
    """Alembic's configuration of this service."""
    return config_for(__file__, database_url)
