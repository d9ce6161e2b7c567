"""Reference numbers of ideas: short enough to be read out on the telephone, too many to be
guessed."""

from __future__ import annotations

import secrets
from typing import Final

# Crockford's alphabet: no I, L, O, U, so that nothing is misread.
_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_MISREAD: Final = str.maketrans({"O": "0", "I": "1", "L": "1"})
_LENGTH: Final = 8  # seven drawn, one that checks them
_PREFIX: Final = "KI"


def new_reference() -> str:
    """A fresh reference like `KI-7F3K-9QXM`; 34 thousand million of them, drawn at random."""
    drawn = "".join(
        _ALPHABET[byte % 32] for byte in secrets.token_bytes(_LENGTH - 1)
    )  # 256 is eight times 32
    return _written(drawn + _check(drawn))


def canonical_reference(text: str) -> str | None:
    """The reference as it is stored, however it was typed (`ki 7f3k9qxm`); None when it cannot be
    one."""
    if len(text) > 40:
        return None
    letters = "".join(c for c in text.upper() if c.isalnum())
    body = letters.removeprefix(_PREFIX).translate(_MISREAD)
    if (
        len(body) != _LENGTH
        or any(c not in _ALPHABET for c in body)
        or _check(body[:-1]) != body[-1]
    ):
        return None
    return _written(body)


def _written(body: str) -> str:
    return f"{_PREFIX}-{body[:4]}-{body[4:]}"


def _check(drawn: str) -> str:
    # Odd weights have an inverse modulo 32: every single wrong character is found.
    return _ALPHABET[sum((2 * i + 1) * _ALPHABET.index(c) for i, c in enumerate(drawn, 1)) % 32]
