"""Tables of the measures service, by what they hold. Importing this package registers all of them."""

from klima_measures.storage.tables import measures, registers
from klima_measures.storage.tables.metadata import metadata

__all__ = ["measures", "metadata", "registers"]
