"""Which characters a text may hold: one rule for whatever is written down, shown and printed."""

import re
import unicodedata
from typing import Final

# Control characters but tab and line ends; marks that turn the reading direction; what XML and
# Postgres cannot hold.
_CONTROL: Final = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)


def has_control_characters(text: str) -> bool:
    return _CONTROL.search(text) is not None


def without_control_characters(text: str, instead: str) -> str:
    """The text with `instead` in the place of each control character."""
    return _CONTROL.sub(instead, text)


def composed(text: str) -> str:
    """The text in composed form (NFC) with ordinary line ends, without blanks around it."""
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n")).strip()
