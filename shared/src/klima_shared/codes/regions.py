"""Regions and their official keys.

A key is read strictly as text: as a number it has already lost its leading zero.
"""

import re
from typing import Annotated, Final

from pydantic import BeforeValidator, WithJsonSchema

from klima_shared.codes.labelled import Labelled
from klima_shared.codes.quantities import kind_of_value
from klima_shared.codes.references import REGION, Reference
from klima_shared.language.errors import InputError
from klima_shared.language.text import Text

GERMANY: Final = "DG000000"

# Land (01-16), then nothing but zeros for a state, or government district and county (the county
# never 00), with a municipality of three digits (AGS) or of seven with its association before it
# (ARS).
_PATTERN: Final = (
    r"^(DG(000000)?"
    r"|(0[1-9]|1[0-6])((000){0,2}|0{10}|[0-9](0[1-9]|[1-9][0-9])([0-9]{3}|[0-9]{7})?))$"
)
_KEY: Final = re.compile(_PATTERN)
_EXPECTED: Final = Text(
    "expected text of 8 digits (municipality), 5 or 8 (county), 2 or 8 (state), 12 (ARS), or DG "
    "for Germany"
)


class RegionKind(Labelled):
    """What a region is. An independent city is a county by its key and a municipality by its
    kind."""

    COUNTRY = "country", "Bund", "Country"
    STATE = "state", "Land", "State"
    COUNTY = "county", "Kreis", "County"
    MUNICIPALITY = "municipality", "Gemeinde", "Municipality"
    ORGANISATION = "organisation", "Organisation", "Organisation"


def canonical_ags(text: str) -> str:
    """The 8 characters under which a region is stored: `05974` -> `05974000`, an ARS without its
    association.

    Raises `InputError` with what was found and what was expected.
    """
    key = text.strip().upper()
    if not _KEY.fullmatch(key):
        raise InputError(_why_no_key(text, key))
    if key.startswith("DG"):
        return GERMANY
    if len(key) == 12:
        association, municipality = key[5:9], key[9:]
        if municipality == "000" and association != "0000":
            # Cutting the association out would turn a Verbandsgemeinde into its whole county.
            raise InputError(
                Text(
                    "{key} is the key of a municipal association, not of a municipality; "
                    "{expected}.",
                    key=key,
                    expected=_EXPECTED,
                )
            )
        return key[:5] + municipality
    return key.ljust(8, "0")


def _why_no_key(text: str, key: str) -> Text:
    shown = text if len(text) <= 40 else text[:40] + "…"
    if re.fullmatch(r"[0-9]{1,11}", key) and _KEY.fullmatch("0" + key):
        return Text(
            '"{shown}" is no region key: the leading zero seems to be missing (0{key}).',
            shown=shown,
            key=key,
        )
    return Text('"{shown}" is no region key; {expected}.', shown=shown, expected=_EXPECTED)


def level(ags: str) -> RegionKind:
    """The level that the key itself shows.

    An independent city (kreisfreie Stadt) has the key of a county, Berlin and Hamburg have that of
    a state, although each is a municipality too. The key cannot tell; whoever must know asks the
    registry of regions for the kind.
    """
    key = canonical_ags(ags)
    if key == GERMANY:
        return RegionKind.COUNTRY
    if key.endswith("000000"):
        return RegionKind.STATE
    return RegionKind.COUNTY if key.endswith("000") else RegionKind.MUNICIPALITY


def parent(ags: str) -> str | None:
    """The next region up by the key: municipality, county (or independent city), state, Germany,
    `None`."""
    key = canonical_ags(ags)
    match level(key):
        case RegionKind.MUNICIPALITY:
            return key[:5] + "000"
        case RegionKind.COUNTY:
            return key[:2] + "000000"
        case RegionKind.STATE:
            return GERMANY
        case _:
            return None


def covers(region: str, other: str) -> bool:
    """Whether `other` lies in `region` or is `region`: what an editor of a county may write in, for
    one.

    An independent city covers itself and nothing else, because no other key begins with its five
    digits. Both keys may come in any accepted form; one that is no key raises `InputError` and
    never covers.
    """
    return canonical_ags(other).startswith(key_prefix(region))


def key_prefix(region: str) -> str:
    """What the keys of all regions in `region` begin with: for `covers`, and for `lies_in`, which
    says the same in SQL; everybody else asks one of the two."""
    key = canonical_ags(region)
    match level(key):
        case RegionKind.COUNTRY:
            return ""
        case RegionKind.STATE:
            return key[:2]
        case RegionKind.COUNTY:
            return key[:5]
        case _:
            return key


def state_of(region: str) -> str:
    """The state in which a region (not Germany) lies, or that it is."""
    return canonical_ags(region)[:2] + "000000"


def ancestors(region: str) -> list[str]:
    """The region and everything it lies in by the key, from the inside out."""
    found = [canonical_ags(region)]
    while (above := parent(found[-1])) is not None:
        found.append(above)
    return found


def _ags(value: object) -> str:
    if not isinstance(value, str):
        raise InputError(
            Text(
                "A region key is text in quotation marks, not {kind}: as a number it loses its "
                'leading zero (example: "05974040").',
                kind=kind_of_value(value),
            )
        )
    return canonical_ags(value)


Ags = Annotated[
    str,
    BeforeValidator(_ags),
    Reference(REGION),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": _PATTERN,
            "examples": ["05974040", "05974"],
            "description": "Amtlicher Gemeindeschlüssel (AGS) as text; answers hold the "
            "canonical 8 characters.",
        }
    ),
]
"""A region key in any accepted form; validated to its canonical 8 characters."""
LocationAgs = Annotated[Ags, Reference(REGION, needs_right=False)]
"""Where something is, in a body that decides nothing there."""
