"""Published balances as the API gives them: in the reader's language, and their absence
explained."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy.ext.asyncio import AsyncConnection

from klima_balance.balances.rules.document import MEMO_LABEL
from klima_balance.method.sources import source_in
from klima_balance.regions import queries as regions
from klima_balance.territory import queries as territory
from klima_balance.territory.rules import outside_its_years
from klima_shared.codes.energy import Carrier, Sector
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
