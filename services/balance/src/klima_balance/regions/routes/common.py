"""What several routers of the balance service share: path parameters, look-ups, the loaded
method."""

import re
from datetime import date, datetime, time
from typing import Annotated, Literal, cast
from zoneinfo import ZoneInfo

from fastapi import Depends, Path, Query, Request
from pydantic import BeforeValidator, WithJsonSchema

from klima_balance.method.model import Method
from klima_balance.regions import queries as regions
from klima_shared.codes.energy import Block
from klima_shared.codes.regions import Ags
from klima_shared.http.dates import IsoMoment
from klima_shared.http.language import RequestLanguage
from klima_shared.http.problems import Problem, invalid_at
from klima_shared.language.errors import InputError
from klima_shared.language.numbers import Lang
from klima_shared.wire.json import JsonObject

AgsPath = Annotated[Ags, Path(description="AGS or ARS as text", examples=["05974040"])]
YearPath = Annotated[int, Path(ge=1990, le=2100, description="balance year", examples=[2021])]
YearQuery = Annotated[int, Query(ge=1990, le=2100, description="balance year", examples=[2021])]
_BERLIN = ZoneInfo("Europe/Berlin")
_MOMENT: JsonObject = {
    "anyOf": (
        [{"type": "string", "format": form} for form in ("date-time", "date")] + [{"type": "null"}]
    )
}


def _end_of_day(value: object) -> object:
    if isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        try:
            return datetime.combine(date.fromisoformat(value), time.max, _BERLIN)
        except ValueError:
            return value  # no day of the calendar: refused as no point in time
    return value


AsOf = Annotated[
    IsoMoment | None,
    BeforeValidator(_end_of_day),
    WithJsonSchema(_MOMENT),
    Query(
        description=(
            "what was published at this time (RFC 3339), or at the end of this day in Berlin"
        )
    ),
]


async def _picture_language(
    reader: RequestLanguage,
    lang: Annotated[
        Literal["de", "en"] | None,
        Query(description="language of the picture, before Accept-Language"),
    ] = None,
) -> Lang:
    return lang or reader


PictureLanguage = Annotated[Lang, Depends(_picture_language)]


TableBlock = Annotated[
    Block, Query(description="of tables: this block alone, for blocks are never added")
]


def method_of(request: Request) -> Method:
    return cast("Method", request.app.state.method)


MethodTables = Annotated[Method, Depends(method_of)]


region_or_404 = regions.get


def problem_of(error: InputError, base: str = "/body") -> Problem:
    """The domain's complaint about an input as a problem that names the place."""
    return invalid_at(f"{base}/{error.place.field.replace('.', '/')}", error.text)
