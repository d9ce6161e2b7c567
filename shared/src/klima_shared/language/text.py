"""A message to a person, in German and English. Which one is sent is decided where the answer is
written.

`Text` is a message with its English wording in the code and its German wording in the package's
catalogue (`klima_shared.language.catalogue`). `Label` is a short pair with both wordings in place:
the entries of a table of labels, or two wordings that come from data.
"""

from collections.abc import Mapping
from copy import copy

from klima_shared.language.catalogue import german


class Text:
    """One message: `Text("There is no measure {identity}.", identity=identity)`.

    With values the wording is a format string, in which a brace is written twice; without values it
    is taken as it is. A value that has both languages itself (`Text`, `Label`, a labelled code) is
    written in the language of the message. The code's own word is written with `code.value`.
    """

    def __init__(self, message: str, /, **values: object) -> None:
        self.message = message
        self._german: str | None = None
        self._values = values

    @classmethod
    def received(cls, message: str, values: Mapping[str, object]) -> "Text":
        """A message that came from another process of the same program."""
        return cls(message, **values)

    def get(self, language: str) -> str:
        """The English wording for `en`, else the German one (the default of all services)."""
        return self.en if language == "en" else self.de

    @property
    def de(self) -> str:
        wording = german(self.message) if self._german is None else self._german
        return wording.format(**self._values_in("de")) if self._values else wording

    @property
    def en(self) -> str:
        return self.message.format(**self._values_in("en")) if self._values else self.message

    @property
    def both(self) -> tuple[str, str]:
        """For a search in either language."""
        return self.de, self.en

    @property
    def values(self) -> Mapping[str, object]:
        """What stands in the place of the names in braces."""
        return self._values

    def fill(self, **values: object) -> "Text":
        """The same message with these values, for a table of messages that is written once."""
        filled = copy(self)
        filled._values = values
        return filled

    def _values_in(self, language: str) -> dict[str, object]:
        return {name: _in_language(value, language) for name, value in self._values.items()}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Text) and self.both == other.both

    def __hash__(self) -> int:
        return hash(self.both)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.de!r}, {self.en!r})"


class Label(Text):
    """A pair of wordings, both in place: `Label("Strom", "Electricity")`."""

    def __init__(self, de: str, en: str) -> None:
        super().__init__(en)
        self._german = de


def _in_language(value: object, language: str) -> object:
    if isinstance(value, Text):
        return value.get(language)
    return getattr(value, language, value)
