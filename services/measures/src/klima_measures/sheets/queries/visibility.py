"""Which measures a reader sees, and in which status they are on a day: what all queries on the
views of sheets have in common."""

from datetime import date

from sqlalchemy import ColumnElement, Date, Integer, and_, cast, func, literal, not_, or_
from sqlalchemy.dialects.postgresql import ARRAY

from klima_measures.base.rules import Reader
from klima_measures.sheets.rules.search import numbers_asked_for
from klima_measures.sheets.tables import measure_view as v


def touches(region: str) -> ColumnElement[bool]:
    """Measures of the region or of a part of it, and those it takes part in."""
    found: ColumnElement[bool] = v.c.places.overlap(cast(numbers_asked_for(region), ARRAY(Integer)))
    return found


def visible(reader: Reader) -> ColumnElement[bool]:
    """Working revisions where the reader may see them, published ones elsewhere."""
    if reader.everything:
        return v.c.audience == "internal"
    if not reader.regions:
        return v.c.audience == "public"
    own = or_(*(touches(region) for region in reader.regions))
    return or_(and_(v.c.audience == "internal", own), and_(v.c.audience == "public", not_(own)))


def status_on(today: date) -> ColumnElement[str]:
    place = func.width_bucket(cast(literal(today), Date), v.c.status_dates)
    return v.c.status_codes[place]
