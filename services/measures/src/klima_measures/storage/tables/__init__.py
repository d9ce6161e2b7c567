"""Tables of the measures service, by what they hold. Importing this package registers all of
them."""

from klima_measures.storage.tables import communication, measures, participation, registers
from klima_measures.storage.tables.metadata import metadata

__all__ = ["communication", "measures", "metadata", "participation", "registers"]
