"""What the cells of a workbook refer to by number: texts, and number formats with what they make of
a number: a share, a date, thousands of it.

Codes of custom formats are written the same in every language; the built-in ones have a number.
"""

import re
from enum import StrEnum
from typing import Final

from klima_shared.sandbox.archive import DAMAGED, Attributes, local, parse
from klima_shared.sandbox.model import Limits, RefusedError, too_large


class Shown(StrEnum):
    """How a cell shows its number."""

    PLAIN = "plain"
    PERCENT = "percent"
    SCALED = "scaled"
    DATE = "date"
    DURATION = "duration"


_BUILT_IN: Final = {
    9: Shown.PERCENT,
    10: Shown.PERCENT,
    46: Shown.DURATION,
    **dict.fromkeys((*range(14, 23), *range(27, 37), 45, 47, *range(50, 59)), Shown.DATE),
}
# Texts in quotation marks, escaped characters, fillers; then colours, conditions, currencies.
_LITERAL: Final = re.compile(r'"[^"]*"?|\\.|[_*].')
_ELAPSED: Final = re.compile(r"\[(?:h+|m+|s+)\]", re.I)
_BRACKET: Final = re.compile(r"\[[^\[\]]*\]")
_SCALED: Final = re.compile(r"[0#?.],+(?![0#?,])")
_DATE: Final = re.compile(r"[ymdhs]", re.I)
_GENERAL: Final = re.compile(r"general|standard", re.I)


def shown_by(number: int, codes: dict[int, str]) -> Shown:
    """How the format with this number shows; `codes` are those that the workbook defines."""
    code = codes.get(number)
    if code is None:
        return _BUILT_IN.get(number, Shown.PLAIN)
    bare = _LITERAL.sub("", code)
    if _ELAPSED.search(bare):
        return Shown.DURATION
    bare = _BRACKET.sub("", bare)
    if "%" in bare:
        return Shown.PERCENT
    if _SCALED.search(bare):
        return Shown.SCALED
    return Shown.DATE if _DATE.search(_GENERAL.sub("", bare)) else Shown.PLAIN


_ESCAPED: Final = re.compile(r"_x([0-9A-Fa-f]{4})_")


def shared_texts(content: bytes | None, limits: Limits) -> list[str]:
    """The texts in their order. `RefusedError` when they are too long together."""
    if content is None:
        return []
    reader = _Reader(limits)
    parse(content, start=reader.start, end=reader.end, text=reader.text)
    return reader.texts


def unescaped(text: str) -> str:
    """Characters that XML has no place for are written `_x000D_`."""
    return _ESCAPED.sub(_character, text) if "_x" in text else text


def _character(found: re.Match[str]) -> str:
    number = int(found[1], 16)
    return found[0] if 0xD800 <= number < 0xE000 or number == 0 else chr(number)


class _Reader:
    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.texts: list[str] = []
        self.pieces: list[str] = []
        self.size = self.depth = 0
        self.reading = self.phonetic = False

    def start(self, name: str, _: Attributes) -> None:
        self.depth += 1
        if self.depth > 20:
            raise RefusedError(DAMAGED)
        match local(name):
            case "rPh":
                self.phonetic = True
            case "t":
                self.reading = not self.phonetic

    def end(self, name: str) -> None:
        self.depth -= 1
        match local(name):
            case "rPh":
                self.phonetic = False
            case "t":
                self.reading = False
            case "si":
                self.texts.append(unescaped("".join(self.pieces)))
                self.pieces.clear()

    def text(self, piece: str) -> None:
        if self.reading:
            self.size += len(piece)
            if self.size > self.limits.max_text:
                raise too_large(self.limits)
            self.pieces.append(piece)
