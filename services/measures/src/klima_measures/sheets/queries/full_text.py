"""Full text in Postgres: the vectors that are stored, and what a question asks of them.

German puts words together, and Postgres' stemmer does not take them apart. The beginning of a
compound is found by the prefix of its stem (`Radweg` in `Radwegenetz`). For its end, each long stem
is laid down once more backwards, behind a mark that no word has and without its first three letters
(`Solardach` as `<hcadra`): so `Dach` is asked for as the prefix `<hcad`, and something of three
letters or more always stands before it (`Reis` does not find `Kreis`).
"""

from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, TSQUERY

from klima_measures.sheets.rules import search

Words = sa.ColumnElement[Any]
_GERMAN: Final[Words] = sa.literal_column("'pg_catalog.german'::regconfig")
_STEMMER: Final[Words] = sa.literal_column("'pg_catalog.german_stem'::regdictionary")
_NOTHING: Final[Words] = sa.literal_column("''::tsquery")
_ENDING: Final = rf"^'<[a-z]{{{search.PART_FROM},}}'$"

# Migration 0004 does the same to what was stored before.
_VECTOR: Final = """(
    select found || array_to_tsvector(array(
        select '<' || left(reverse(stem), -3) from unnest(tsvector_to_array(found)) as stem
        where stem ~ '^[a-z]{7,}$'
    )) from strip(to_tsvector('pg_catalog.german', :NAME)) as found
)"""


def vector(name: str) -> sa.TextClause:
    """The words of the text that the parameter `name` brings, without their positions, and the ends
    of the long ones."""
    return sa.text(_VECTOR.replace("NAME", name)).bindparams(sa.bindparam(name, type_=sa.Text))


def written(question: str) -> Words:
    """All words of a question as they are written: inflected, but not inside others."""
    return _all([_query(search.as_written(word)) for word in search.asked(question)])


def inside(question: str) -> Words:
    """All words of a question, each also as the beginning or the end of a compound."""
    found = []
    for word in search.asked(question):
        part = _query(search.as_beginning(word))
        for spelling in word:
            if len(spelling) >= search.PART_FROM:
                part = sa.func.tsquery_or(part, _ending(spelling))
        found.append(part)
    return _all(found)


def matches(vector: Words, query: Words) -> sa.ColumnElement[bool]:
    """The question is a subquery, so that Postgres does not look up how many rows have its words:
    for words that most rows have it would read the vectors of all, which are kept apart from their
    rows, instead of the index. That takes fifty times as long.
    """
    found: sa.ColumnElement[bool] = vector.op("@@")(sa.select(query).scalar_subquery())
    return found


def _query(words: str) -> Words:
    """Where Postgres sees several words in one (`25e5x` begins with a number) it asks for them one
    after the other; the vectors have no positions, so all of them are asked for.
    """
    return sa.cast(
        sa.func.replace(sa.cast(sa.func.to_tsquery(_GERMAN, words), sa.Text), "<->", "&"), TSQUERY
    )


def _ending(word: str) -> Words:
    """A word as the end of a longer one; nothing where its stem is too short, or the word too
    common to be kept."""
    stem = sa.func.ts_lexize(_STEMMER, word, type_=ARRAY(sa.Text))[1]
    quoted = sa.func.substring(sa.literal("'<") + sa.func.reverse(stem) + "'", _ENDING)
    return sa.cast(sa.func.coalesce(quoted + ":*", ""), TSQUERY)


def _all(parts: list[Words]) -> Words:
    whole = _NOTHING
    for part in parts:
        whole = sa.func.tsquery_and(whole, part)
    return whole
