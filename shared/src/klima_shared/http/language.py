"""Which of the two languages an answer has, as a parameter of a route."""

from typing import Annotated

from fastapi import Depends, Header

from klima_shared.http.operations import Fact, tells
from klima_shared.language.numbers import DEFAULT, Lang


def negotiate(accept_language: str | None) -> Lang:
    """The language for an `Accept-Language` header: the best of German and English by its weights,
    German if neither.

    Of equal weights the one named first wins; `*` stands for whichever of the two is not named.
    What cannot be parsed is passed over, because a reader with an odd header still wants an answer.
    """
    weights: dict[str, float] = {}
    for entry in (accept_language or "")[:1000].split(","):
        tag, _, parameters = entry.partition(";")
        primary = tag.strip().lower().split("-")[0]
        weight = _weight(parameters)
        if primary in {"de", "en", "*"} and weight is not None:
            weights[primary] = max(weight, weights.get(primary, 0.0))
    fallback = weights.pop("*", 0.0)
    german, english = weights.get("de", fallback), weights.get("en", fallback)
    if german == english:
        return "en" if english > 0 and next(iter(weights), None) == "en" else DEFAULT
    return "en" if english > german else "de"


def _weight(parameters: str) -> float | None:
    name, _, value = parameters.partition("=")
    if not name.strip():
        return 1.0
    if name.strip().lower() != "q":
        return None
    try:
        weight = float(value)
    except ValueError:
        return None
    return weight if 0 <= weight <= 1 else None


@tells(Fact.LANGUAGE)
async def _language(
    accept_language: Annotated[
        str | None,
        Header(
            description="`de` (the default) or `en`: language of messages and labels",
            examples=["en"],
            json_schema_extra={"maxLength": 1000},
        ),
    ] = None,
) -> Lang:
    return negotiate(accept_language)


RequestLanguage = Annotated[Lang, Depends(_language)]
"""The answer must then carry `Vary: Accept-Language`, as every read of ours does."""
