"""Days and moments that can have been meant: a year of 0001 or 9999 is a slip of the keyboard."""

from datetime import UTC, date, datetime
from typing import Annotated, Final, TypeVar
from zoneinfo import ZoneInfo

from pydantic import AfterValidator

from klima_shared.http.dates import IsoDate, IsoMoment
from klima_shared.language.errors import InputError
from klima_shared.language.text import Text

T = TypeVar("T", bound=date)
FIRST_YEAR: Final = 1990
LAST_YEAR: Final = 2100
BERLIN: Final = ZoneInfo("Europe/Berlin")
"""Where the municipalities are."""


def meant(value: T) -> T:
    """The value when its year is between 1990 and 2100. Raises `InputError`."""
    if not FIRST_YEAR <= value.year <= LAST_YEAR:
        raise InputError(
            Text(
                "The year {year} is not between {first_year} and {last_year}.",
                year=value.year,
                first_year=FIRST_YEAR,
                last_year=LAST_YEAR,
            )
        )
    return value


Day = Annotated[IsoDate, AfterValidator(meant)]
Moment = Annotated[IsoMoment, AfterValidator(meant)]
"""A moment with its time zone."""


def sortable(moment: datetime) -> str:
    """A moment as text that sorts by time, whatever zone it was written in."""
    return moment.astimezone(UTC).isoformat()


def check_order(starts_at: datetime | None, ends_at: datetime | None) -> None:
    """Refuse an end that is not after the beginning. Raises `InputError`."""
    if ends_at and (starts_at is None or ends_at <= starts_at):
        raise InputError(Text("The end is not after the beginning."))
