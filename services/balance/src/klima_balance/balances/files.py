"""Balances as tables: each block apart, because blocks are never added. Every row says its block;
tables for people end with the total of their block.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from klima_balance.balances.rules.document import cell_in_words
from klima_shared.codes.energy import Block, Sector
from klima_shared.codes.quality import ActivityStatus
from klima_shared.formats import Column, Table, Value
from klima_shared.formats.tables import read_columns
from klima_shared.language.numbers import Lang
from klima_shared.language.text import Label, Text
from klima_shared.wire.json import Json

BISKO_COLUMNS: Final = read_columns("klima_balance", "balances.table")
BESIDE_COLUMNS: Final = read_columns("klima_balance", "balances.beside")
COMPARISON_COLUMNS: Final = read_columns("klima_balance", "balances.comparison")
_TOTAL: Final = Label("Summe", "Total")
_TOTAL_OF: Final = {
    Block.AGRICULTURE: "agriculture_t_co2e",
    Block.LAND_USE: "land_use_t_co2e",
    Block.PROCESS_ETS: "process_ets_t_co2",
    Block.WASTE: "waste_t_co2e",
}
BESIDE: Final = tuple(block for block in Block if block is not Block.BISKO)

_APART: Final = Text("Each block stands apart: blocks are never added to the BISKO total.")


def table_of(
    documents: Sequence[Json], lang: Lang, block: Block = Block.BISKO, *, totals: bool = False
) -> Table:
    """One block of balances. totals: with a row of its total for each of them; the sheets of an
    Excel file then hold the other blocks."""
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
        (Label("Teilbilanzen", "Blocks"), _APART.get(lang)),
    ]
    title = Text("Balance {name} {year}", name=first["region"]["name"], year=first["year"])
    if block is not Block.BISKO:
        rows = _beside(documents, block, lang, totals=totals)
        return Table(f"{name}-{block.value}", title, BESIDE_COLUMNS, rows, about)
    further = [
        Table(one.value, _sheet(one), BESIDE_COLUMNS, _beside(documents, one, lang, totals=True))
        for one in BESIDE
    ]
    rows = _cells(documents, lang, totals=totals)
    return Table(name, title, BISKO_COLUMNS, rows, about, further if totals else ())


def _sheet(block: Block) -> Label:
    """The name of a block's sheet, which Excel cuts off at 31 characters."""
    return Label(*(label.partition(" (")[0] for label in (block.de, block.en)))


def columns_of(block: Block) -> Sequence[Column]:
    """The columns of a block's table."""
    return BISKO_COLUMNS if block is Block.BISKO else BESIDE_COLUMNS


def _start(document: Json) -> list[Value]:
    region = document["region"]
    return [region["ags"], region["name"], document["year"], document["version"]]


def _cells(documents: Sequence[Json], lang: Lang, *, totals: bool) -> Iterator[list[Value]]:
    for d in documents:
        for cell in d["cells"]:
            grade = cell["grade"] or None
            yield [*_start(d), *cell_in_words(cell, lang), _status(cell["status"], lang), grade]
        if totals:
            sums = [d["totals"][name] for name in ("final_energy_mwh", "bisko_t_co2e")]
            label = f"{_TOTAL.get(lang)} BISKO"
            yield [*_start(d), Block.BISKO.value, "total", label, None, None, *sums, None, None]


def _beside(
    documents: Sequence[Json], block: Block, lang: Lang, *, totals: bool
) -> Iterator[list[Value]]:
    """A row that is part of another ("davon") is not counted, so that the rest sums to the
    total."""
    for d in documents:
        start = [*_start(d), block.value, block.label(lang)]
        for row in d["blocks"].get(block.value, ()):
            figures = [row.get("generation_mwh"), row.get("emissions_t_co2e")]
            counted = not row.get("memo", False)
            state = [_status(row.get("status"), lang), row.get("grade") or None]
            yield [*start, row.get("category"), row.get("label"), *figures, counted, *state]
        if totals:
            yield [*start, "total", _TOTAL.get(lang), *_sums(d, block), False, None, None]


def _sums(document: Json, block: Block) -> list[Value]:
    totals: Mapping[str, float | None] = document["totals"]
    if block is Block.RENEWABLES:
        return [totals["renewable_generation_mwh"], None]
    return [None, totals.get(_TOTAL_OF[block])]


def comparison_table(answer: Json, lang: Lang, block: Block = Block.BISKO) -> Table:
    """Regions side by side: one block. Of BISKO the sectors, each region with its total; the sheets
    of an Excel file hold the blocks beside it."""
    title = Text("Comparison {year}", year=answer["year"])
    meta = answer["meta"]
    about = [(Label("Teilbilanzen", "Blocks"), _APART.get(lang))]
    if meta is not None:
        about.append((Label("Quellenangabe", "Attribution"), meta["attribution"]))

    def of(one: Block, further: Sequence[Table] = ()) -> Table:
        name = f"vergleich-{answer['year']}" + ("" if one is Block.BISKO else f"-{one.value}")
        heading = title if one is block else _sheet(one)
        return Table(
            name, heading, COMPARISON_COLUMNS, _compared(answer, one, lang), about, further
        )

    return of(block, [of(one) for one in _TOTAL_OF] if block is Block.BISKO else ())


def _compared(answer: Json, block: Block, lang: Lang) -> Iterator[list[Value]]:
    for item in answer["items"]:
        region = item["region"]
        start = [region["ags"], region["name"], answer["year"], block.value, block.label(lang)]
        end = [answer["unit"], item["data_quality"] if block is Block.BISKO else None]
        total = item["divided"] if block is Block.BISKO else item["beside"].get(block.value)
        if block is Block.BISKO:
            for sector, value in item["sectors"].items():
                yield [*start, sector, Sector(sector).label(lang), value, *end]
        yield [*start, "total", _TOTAL.get(lang), total, *end]


def _status(code: str | None, lang: Lang) -> str | None:
    if not code:
        return None
    return ActivityStatus(code).label(lang) if code in ActivityStatus._value2member_map_ else code
