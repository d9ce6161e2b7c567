"""Migrations of the measures service, and the metadata of all its tables."""

from alembic.config import Config

from klima_measures.base.tables import metadata
from klima_measures.community import tables as communication
from klima_measures.participation import tables as participation
from klima_measures.registers import tables as registers
from klima_measures.sheets import tables as measures
from klima_shared.database.migrations import config_for

__all__ = ["communication", "config", "measures", "metadata", "participation", "registers"]


def config(database_url: str = "") -> Config:
    """Alembic's configuration of this service."""
    return config_for(__path__[0], database_url)
