"""Sources of the method's tables in the reader's language.

The tables name a source in the language in which it was noted; `sources.csv` has both wordings of
every part of it. It is no table of the method: no number depends on it.
"""

import csv
from functools import lru_cache
from importlib.resources import files
from typing import Final

from klima_shared.language.numbers import Lang
from klima_shared.language.text import Label

SEPARATOR: Final = "; "
"""Between the parts of a source; figures that rest on several sources join them with it, too."""


def source_in(source: str, lang: Lang) -> str:
    """The source in `lang`, each part once; a part that no table has (what somebody entered, the
    name of a publication) stays as it is."""
    names = _parts()
    parts = (names[p].get(lang) if p in names else p for p in source.split(SEPARATOR))
    return SEPARATOR.join(dict.fromkeys(parts))


@lru_cache(maxsize=1)
def _parts() -> dict[str, Label]:
    """Both wordings by each of the three texts under which a part is met: as the tables have it,
    in German (as a published document says it) and in English."""
    text = (files("klima_balance.method") / "sources.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    found: dict[str, Label] = {}
    for column in ("en", "de", "part"):
        found |= {row[column]: Label(row["de"], row["en"]) for row in rows}
    return found
