"""A message to a person, in German and English. Which one is sent is decided where the answer is
written."""

from __future__ import annotations

from typing import NamedTuple


class Text(NamedTuple):
    """One message in both languages."""

    de: str
    en: str

    def get(self, language: str) -> str:
        """The English text for `en`, else the German one (the default of all services)."""
        return self.en if language == "en" else self.de
