"""Full text in German: which words of a sheet are found, and what a reader's question asks for;
and the regions by which a measure is found.

Postgres brings the stemmer (configuration `german`). Before version 18 it does not know that `ue`
may stand for `ü`, so words with an umlaut or ß are laid down a second time in the spelling without;
a question is asked in both spellings. How a word is found inside a compound is in
`queries.full_text`.
"""

import re
from collections.abc import Sequence
from typing import Final

from klima_shared.codes.regions import GERMANY, ancestors

_SPELT: Final = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ß": "ss", "ẞ": "SS"}
)
_RUN: Final = re.compile(r"\w+")
_WORD: Final = re.compile(r"[^\W_]+")
MAX_WORDS: Final = 12
PART_FROM: Final = 4  # shorter words are looked for as they are, not as parts of compounds


def spelt_out(text: str) -> str:
    """`Grünflächen` -> `Gruenflaechen`."""
    return text.translate(_SPELT)


def umlaut_words(text: str) -> str:
    """The words of a text that have an umlaut or ß, spelt out."""
    spelt = {spelt_out(word): word for word in _RUN.findall(text)}
    return " ".join(spelling for spelling, word in spelt.items() if spelling != word)


def asked(question: str) -> list[list[str]]:
    """The words of a question, each in its spellings (one or two).

    Empty when there is no word in it. Signs are no operators: whatever a reader types is a
    question.
    """
    words = list(dict.fromkeys(_WORD.findall(question)))[:MAX_WORDS]
    return [list(dict.fromkeys((word, spelt_out(word)))) for word in words]


def as_written(word: Sequence[str]) -> str:
    """One word for `to_tsquery`, in either spelling."""
    return " | ".join(word)


def as_beginning(word: Sequence[str]) -> str:
    """One word for `to_tsquery`, also as the beginning of a longer (compound) one."""
    return " | ".join(
        f"{spelling}:*" if len(spelling) >= PART_FROM else spelling for spelling in word
    )


def number_key(number: str) -> str:
    """A number as it sorts: `MOB-2` before `MOB-10`."""
    return re.sub(r"[0-9]+", lambda digits: digits[0].zfill(8), number.casefold())


def words(text: str) -> list[str]:
    """The words and numbers of a text, without the signs between them."""
    return _WORD.findall(text)


# Which regions a measure belongs to, as a set of numbers, so that one array overlap answers whose
# it is. A measure is found for a region when it, its owner or one of its regions lies there, and
# when one of its regions contains it (a county's measure is every municipality's). `n` stands for
# "lies in n", `-n` for "is n".


def _number(region: str) -> int:
    return 99_999_999 if region == GERMANY else int(region)


def region_numbers(regions: Sequence[str], owner: str) -> list[int]:
    """What is stored with a measure."""
    inside = {_number(above) for region in (*regions, owner) for above in ancestors(region)}
    return sorted(inside | {-_number(region) for region in regions})


def numbers_asked_for(region: str) -> list[int]:
    """What a region's measures overlap with."""
    own, *above = ancestors(region)
    return [_number(own), *(-_number(one) for one in above)]
