"""The neutral order of names, and who may read what is not published."""

import hashlib
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from klima_shared.codes.access import Role
from klima_shared.codes.regions import covers
from klima_shared.http.auth import Principal


def alphabetical_key(name: str) -> str:
    """Sort key of a name as German dictionaries have it (DIN 5007, variant 1): case and accents do
    not count, ß is ss, signs are blanks.

    Actors are shown in this order and no other, so that nobody is put before anybody. It is
    computed here because the collations that a Postgres server knows differ from one to the next.
    The name itself comes last, so that equal keys keep one order.
    """
    folded = unicodedata.normalize("NFD", name.casefold())
    letters = "".join(c if c.isalnum() else " " for c in folded if not unicodedata.combining(c))
    return f"{' '.join(letters.split())} {name}"


@dataclass(frozen=True)
class Reader:
    """Whose working revisions may be read: of these regions, or of all (`everything`)."""

    regions: tuple[str, ...] = ()
    everything: bool = False


PUBLIC: Final = Reader()
EVERYTHING: Final = Reader(everything=True)


def reader_of(principal: Principal) -> Reader:
    """Whose working revisions a caller may read."""
    if principal.may(Role.SERVICE):
        return Reader(everything=True)
    return Reader(principal.regions) if principal.may(Role.VIEWER) else PUBLIC


def may_read_drafts(principal: Principal, owner: str, regions: Sequence[str]) -> bool:
    """Other services, and viewers of a region that the measure is about: its own, one of its
    parts', or one it takes part in; as `sheets.queries.visibility.touches`."""
    if principal.may(Role.SERVICE):
        return True
    return principal.may(Role.VIEWER) and any(
        covers(own, owner) or any(covers(own, one) or covers(one, own) for one in regions)
        for own in principal.regions
    )


def content_variant(lang: str, body: bytes) -> str:
    """What tells representations of one revision apart: language, and content that depends on the
    day or on others."""
    return f"{lang}.{hashlib.blake2b(body, digest_size=8).hexdigest()}"
