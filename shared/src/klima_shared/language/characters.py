"""Which characters a text may hold: one rule for whatever is written down, shown and printed."""

import re
import unicodedata
from typing import Final

from klima_shared.language.text import Text

# Control characters but tab and line ends; marks that turn the reading direction; what XML and
# Postgres cannot hold.
_CONTROL: Final = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)

NO_ORDINARY_TEXT: Final = Text(
    "The text contains control characters. Please enter ordinary text only."
)


def has_control_characters(text: str) -> bool:
    return not text.isprintable() and _CONTROL.search(text) is not None


def line_of_control_characters(text: str) -> int | None:
    """The number of the first line that has one."""
    found = None if text.isprintable() else _CONTROL.search(text)
    return text.count("\n", 0, found.start()) + 1 if found else None


def without_control_characters(text: str, instead: str) -> str:
    """The text with `instead` in the place of each control character."""
    return _CONTROL.sub(instead, text)


def composed(text: str) -> str:
    """The text in composed form (NFC) with ordinary line ends, without blanks around it."""
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n")).strip()
