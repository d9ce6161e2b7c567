"""Tables to hand out: the catalogue."""

from __future__ import annotations

from klima_measures.storage.listing import Filters, Reader
from klima_measures.usecases.frame import Frame
from klima_shared.database import ReadConnection
from klima_shared.formats import Table
from klima_shared.i18n import Lang


async def catalogue(connection: ReadConnection, frame: Frame, filters: Filters, reader: Reader, lang: Lang) -> Table:
    raise NotImplementedError
