"""Days and moments as requests bring them: ISO 8601 text, nothing else.

pydantic also takes numbers for seconds since 1970, as text too: a `first_due` of 0 was 20,000 days
overdue, and `?modified_since=2021` asked for everything.
"""

import re
from datetime import date, datetime
from typing import Annotated, Final

from pydantic import AwareDatetime, BeforeValidator
from pydantic_core import PydanticKnownError

_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _day(value: object) -> object:
    if isinstance(value, date) or (isinstance(value, str) and _DAY.match(value.strip())):
        return value
    raise PydanticKnownError("date_type")


def _moment(value: object) -> object:
    if isinstance(value, datetime) or (isinstance(value, str) and _DAY.match(value.strip())):
        return value
    raise PydanticKnownError("datetime_type")


IsoDate = Annotated[date, BeforeValidator(_day)]
"""2026-01-31"""
IsoMoment = Annotated[AwareDatetime, BeforeValidator(_moment)]
"""2026-01-31T12:00:00Z: with a time zone."""
