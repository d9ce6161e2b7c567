"""Full text in German: which words of a sheet are found, and what a reader's question asks for.

Postgres brings the stemmer (configuration `german`). Before version 18 it does not know that `ue` may stand for `ü`, so
words with an umlaut or ß are laid down a second time in the spelling without; a question is asked in both spellings.
"""

from __future__ import annotations

import re
from typing import Final

_SPELT: Final = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ß": "ss", "ẞ": "SS"})
_WITH_UMLAUT: Final = re.compile(r"\w*[äöüßÄÖÜẞ]\w*")
_WORD: Final = re.compile(r"[^\W_]+")
MAX_WORDS: Final = 12
PREFIX_FROM: Final = 4  # shorter words are looked for as they are


def spelt_out(text: str) -> str:
    """`Grünflächen` -> `Gruenflaechen`."""
    return text.translate(_SPELT)


def umlaut_words(text: str) -> str:
    """The words of a text that have an umlaut or ß, spelt out."""
    return " ".join(dict.fromkeys(spelt_out(word) for word in _WITH_UMLAUT.findall(text)))


def query(question: str) -> str | None:
    """The question for `to_tsquery`: all words, each also as the beginning of a longer (compound) one.

    None when there is no word in it. Signs are no operators: whatever a reader types is a question.
    """
    words = list(dict.fromkeys(_WORD.findall(question)))[:MAX_WORDS]
    if not words:
        return None
    return " & ".join(_either(word) for word in words)


def _either(word: str) -> str:
    spellings = dict.fromkeys((word, spelt_out(word)))
    asked = [f"{spelling}:*" if len(spelling) >= PREFIX_FROM else spelling for spelling in spellings]
    return asked[0] if len(asked) == 1 else f"({' | '.join(asked)})"


def number_key(number: str) -> str:
    """A number as it sorts: `MOB-2` before `MOB-10`."""
    return re.sub(r"[0-9]+", lambda digits: digits[0].zfill(8), number.casefold())


def words(text: str) -> list[str]:
    """The words and numbers of a text, without the signs between them."""
    return _WORD.findall(text)
