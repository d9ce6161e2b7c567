"""The base of all code lists that cross a service boundary.

The value of a member is what stands on the wire and in the database; the labels are what people
read. The order of the members is the order in which they are shown. Every label is in
`docs/glossary.md`; a test compares them.
"""

import csv
from collections.abc import Mapping
from enum import StrEnum
from importlib.resources import files
from importlib.resources.abc import Traversable
from types import MappingProxyType
from typing import Final, Self

from klima_shared.language.numbers import Lang

_NOTHING: Final[Mapping[str, object]] = MappingProxyType({})
_WORDS: Final = {"yes": True, "no": False}


class Labelled(StrEnum):
    """A code with a label in both languages: `NAME = "wire_value", "deutsch", "English"`."""

    _value_: str
    de: str
    en: str

    # The labels have defaults only because `Sector("households")` looks like a call of this to a
    # type checker.
    def __new__(
        cls, value: str, de: str = "", en: str = "", facts: Mapping[str, object] = _NOTHING
    ) -> Self:
        member = str.__new__(cls, value)
        member._value_ = value
        member.__dict__.update(facts, de=de, en=en)
        return member

    def label(self, lang: Lang = "de") -> str:
        """What a reader sees in `lang`."""
        return self.en if lang == "en" else self.de

    @property
    def rank(self) -> int:
        """Position in the list, from 0: for sorting in the order of the list instead of the
        alphabet."""
        return list(type(self)).index(self)


def members(
    table: str, folder: Traversable | None = None
) -> dict[str, tuple[str, str, str, Mapping[str, object]]]:
    """The members of a code list by name, from a table of `folder` (of this one without).

    Its first columns are `code`, `de` and `en`; every further column becomes an attribute of the
    members, `yes` and `no` as a boolean.
    """
    text = ((folder or files(__package__)) / table).read_text(encoding="utf-8")
    return {
        row["code"].upper(): (row.pop("code"), row.pop("de"), row.pop("en"), _facts(row))
        for row in csv.DictReader(text.splitlines())
    }


def _facts(row: Mapping[str, str]) -> Mapping[str, object]:
    return {name: _WORDS.get(word, word) for name, word in row.items()}
