"""Published balances as the API gives them: in the reader's language, as a table, and their absence
explained."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy.ext.asyncio import AsyncConnection

from klima_balance.balances.rules.document import MEMO_LABEL, cell_in_words
from klima_balance.method.sources import source_in
from klima_balance.regions import queries as regions
from klima_balance.territory import queries as territory
from klima_balance.territory.rules import outside_its_years
from klima_shared.codes.energy import Block, Carrier, Sector
from klima_shared.codes.quality import ActivityStatus
from klima_shared.formats import Table
from klima_shared.formats.tables import read_columns
from klima_shared.http.problems import Problem, not_found
from klima_shared.language.numbers import Lang
from klima_shared.language.text import Label, Text
from klima_shared.wire.json import Json, JsonObject
from klima_shared.wire.meta import Meta


async def no_balance(
    read: AsyncConnection,
    ags: str,
    year: int | None = None,
    *,
    version: int | None = None,
    as_of: datetime | None = None,
) -> Problem:
    """404 that says what was looked for: another version, or another time, may have one. Of a
    region that did not exist in the year it names its successor, and of none that there is none."""
    region = await regions.get(read, ags)
    if year is None:
        return not_found(Text("No balance is published for {ags}.", ags=ags))
    if not region.days.covers(year):
        others = await territory.related(read, ags)
        problem = not_found(outside_its_years(region.name, ags, region.days, others, year))
        heirs = await territory.successors(read, [ags])
        problem.extra["successors"] = heirs.get(ags, [])
        return problem
    what: Text = Label("keine Bilanz", "no balance")
    if version is not None:
        what = Text("no version {version} of the balance", version=version)
    when: Text = (
        Label("", "") if as_of is None else Text(" until {as_of:%Y-%m-%d %H:%M %Z}", as_of=as_of)
    )
    return not_found(
        Text(
            "For {ags} {what} of the year {year} was published{when}.",
            ags=ags,
            what=what,
            year=year,
            when=when,
        )
    )


def loaded(row: Any, lang: Lang) -> JsonObject:
    """The stored (German) document of a row (`document`, `english`), with labels and findings in
    the reader's language."""
    document: JsonObject = orjson.loads(row.document)
    if lang == "de":
        return document
    english = orjson.loads(row.english)
    for item in document["sectors"]:
        item["label"] = Sector(item["sector"]).label(lang)
    for item in document["carriers"]:
        item["label"] = Carrier(item["carrier"]).label(lang)
    for item in document["cells"]:
        item["label"] = Carrier(item["carrier"]).label(lang)
        item["sector_label"] = Sector(item["sector"]).label(lang)
    for item in document.get("memo", ()):
        item["label"] = MEMO_LABEL["en"]
    for block, rows in document["blocks"].items():
        for item, label in zip(rows, english["blocks"][block], strict=True):
            item["label"] = label
    for finding, reason in zip(
        document["conformity"]["findings"], english["findings"], strict=True
    ):
        finding["reason"] = reason
    document["data_quality_wording"] = english["data_quality_wording"]
    meta = document["meta"]
    meta["sources"] = sorted({source_in(source, lang) for source in meta["sources"]})
    return document


def public_meta(documents: Sequence[Json]) -> Meta:
    """`meta` of an answer drawn from several published balances: the newest of them, all their
    sources."""
    newest = max(documents, key=lambda d: d["meta"]["generated_at"])["meta"]
    sources = sorted({source for d in documents for source in d["meta"]["sources"]})
    return Meta(**{**newest, "sources": sources})


TABLE_COLUMNS = read_columns("klima_balance", "balances.table")


def table_of(documents: Sequence[Json], lang: Lang) -> Table:
    """Cells of the BISKO block and rows of the other blocks, one under the other."""
    first = documents[0]
    meta = first["meta"]
    name = f"bilanz-{first['region']['ags']}-{first['year']}"
    about = [
        (Label("Methode", "Method"), meta["method"]),
        (
            Label("Faktorsatz", "Factor set"),
            f"{meta['factor_set']['id']} {meta['factor_set']['version']}",
        ),
        (Label("Berechnet", "Computed"), meta["generated_at"]),
        (Label("Lizenz", "Licence"), meta["licence"]),
        (Label("Quellenangabe", "Attribution"), meta["attribution"]),
    ]
    title = Text("Balance {name} {year}", name=first["region"]["name"], year=first["year"])
    return Table(name, title, TABLE_COLUMNS, _rows(documents, lang), about)


def _rows(documents: Sequence[Json], lang: Lang) -> Iterator[list[Any]]:
    for d in documents:
        start = [d["region"]["ags"], d["region"]["name"], d["year"], d["version"]]
        for cell in d["cells"]:
            grade = cell["grade"] or None
            yield [*start, *cell_in_words(cell, lang), _status(cell["status"], lang), grade]
        for block, rows in d["blocks"].items():
            for row in rows:
                yield [
                    *start,
                    block,
                    None,
                    Block(block).label(lang),
                    row.get("category"),
                    row.get("label"),
                    row.get("generation_mwh"),
                    row.get("emissions_t_co2e"),
                    _status(row.get("status"), lang),
                    row.get("grade") or None,
                ]


def _status(code: str | None, lang: Lang) -> str | None:
    if not code:
        return None
    return ActivityStatus(code).label(lang) if code in ActivityStatus._value2member_map_ else code
