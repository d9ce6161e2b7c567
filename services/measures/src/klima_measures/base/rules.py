"""The neutral order: the alphabet, as German telephone lists and dictionaries have it (DIN 5007,
variant 1).

Actors are shown in this order and no other, so that nobody is put before anybody. The key is
computed here because the collations that a Postgres server knows differ from one to the next.
"""

from __future__ import annotations

import unicodedata


def alphabetical_key(name: str) -> str:
    """Sort key of a name: case and accents do not count, ß is ss, signs are blanks.

    The name itself comes last, so that equal keys keep one order.
    """
    folded = unicodedata.normalize("NFD", name.casefold())
    letters = "".join(c if c.isalnum() else " " for c in folded if not unicodedata.combining(c))
    return f"{' '.join(letters.split())} {name}"
