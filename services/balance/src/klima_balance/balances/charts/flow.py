"""Where energy comes from and where it goes: a flow diagram (Sankey) of a balance, carriers left,
sectors right."""

from collections.abc import Mapping
from typing import Final

from klima_balance.balances.rules.standing import year_of
from klima_shared.codes.energy import Carrier, Sector
from klima_shared.codes.quality import Grade
from klima_shared.language.numbers import Lang
from klima_shared.language.text import Label, Text
from klima_shared.look.digits import display, grade_of
from klima_shared.look.picture import HATCHES, SOURCE, Picture, Row, wrap
from klima_shared.look.plot import spread_apart
from klima_shared.wire.json import Json

_TITLE: Final = Label("Endenergie: woher und wohin", "Final energy: from where and to where")
_UNDER: Final = Label("GWh im Jahr, Breite nach Menge", "GWh a year, width by quantity")
_CARRIER: Final = Label("Energieträger (GWh)", "Carrier (GWh)")
_SUM: Final = Label("Summe", "Sum")
_SHORT: Final = {
    "households": Label("Haushalte", "Households"),
    "commerce": Text("Commerce etc."),
    "industry": Label("Industrie", "Industry"),
    "municipal": Label("Kommune", "Municipal"),
    "transport": Label("Verkehr", "Transport"),
}
_X0, _X1, _NODE, _GAP, _HEIGHT, _TOP = 214, 560, 14, 9.0, 380.0, 84.0

Cells = Mapping[tuple[str, str], float]  # (carrier, sector) -> GWh
Grades = Mapping[str | tuple[str, str], Grade | None]


def energy_flow(document: Json, lang: Lang, *, standalone: bool = True) -> str:
    """Bands between carriers and sectors; names and GWh at both ends, the whole matrix as a table
    under it."""
    every = ((c["carrier"], c["sector"], c["final_energy_mwh"]) for c in document["cells"])
    cells = {(carrier, sector): mwh / 1000.0 for carrier, sector, mwh in every if mwh > 0}
    grades = _grades(document)
    left = _sums(cells, 0)
    left = {c: left[c] for c in sorted({c for c, _ in cells}, key=lambda c: -left[c])}
    right = _sums(cells, 1)
    right = {s.value: right[s.value] for s in Sector if s.value in right}
    title = f"{_TITLE.get(lang)}: {document['region']['name']} {year_of(document, lang)}"
    picture = Picture(lang, title, "k-flow", hatched=True)
    picture.heading(_UNDER.get(lang))
    bottom = _draw_bands(picture, cells, (left, right), grades)
    rows = [
        Row(
            Carrier(c).label(lang),
            [
                *(_gwh(cells.get((c, s), 0.0), lang, grades.get((c, s))) for s in right),
                _gwh(left[c], lang, grades.get(c)),
            ],
        )
        for c in left
    ]
    sums = [_gwh(v, lang, grades.get(s)) for s, v in right.items()]
    sums.append(_gwh(sum(cells.values()) or 1.0, lang, grade_of(document["data_quality"])))
    rows.append(Row(_SUM.get(lang), sums, total=True))
    columns = [*(_SHORT[s].get(lang) for s in right), _SUM.get(lang)]
    bottom = picture.table(bottom + 44, _CARRIER.get(lang), columns, rows, 200)
    meta = document["meta"]
    source = SOURCE.get(lang).format(a=meta["attribution"], l=meta["licence"], m="BISKO")
    bottom = picture.paragraph(bottom + 28, source, 100)
    spoken = "; ".join(
        f"{Carrier(c).label(lang)} → {Sector(s).label(lang)}"
        f" {_gwh(v, lang, grades.get((c, s)))} GWh"
        for (c, s), v in sorted(cells.items(), key=lambda item: -item[1])[:8]
    )
    return picture.svg(bottom, f"{title}. {spoken}.", standalone=standalone)


def _draw_bands(
    picture: Picture,
    cells: Cells,
    sides: tuple[Mapping[str, float], Mapping[str, float]],
    grades: Grades,
) -> float:
    """The bands with their names. Returns where the lowest of them ends. sides: carriers and
    sectors."""
    lang, (left, right) = picture.lang, sides
    scale = (_HEIGHT - _GAP * (max(len(left), len(right)) - 1)) / (sum(cells.values()) or 1.0)
    from_y, to_y = _stack(left, scale), _stack(right, scale)
    at_left, at_right = dict(from_y), dict(to_y)
    for sector in right:
        for carrier in left:
            height = cells.get((carrier, sector), 0.0) * scale
            if height:
                picture.parts.append(_band(at_left[carrier], at_right[sector], height, sector))
                at_left[carrier] += height
                at_right[sector] += height
    middles = [from_y[c] + left[c] * scale / 2 for c in left]
    ends = spread_apart(middles, 16, _TOP + 4, _TOP + _HEIGHT + 30)
    for carrier, middle, y in zip(left, middles, ends, strict=True):
        picture.rect(_X0, from_y[carrier], _NODE, max(left[carrier] * scale, 1.0), "c-brand")
        picture.polyline([(_X0, middle), (_X0 - 8, y), (_X0 - 12, y)], "soft", "", 1)
        name = wrap(Carrier(carrier).label(lang), 22, 1)[0]
        picture.text(
            _X0 - 16,
            round(y + 4, 1),
            f"{name} {_gwh(left[carrier], lang, grades.get(carrier))}",
            "e",
        )
    for hatch, (sector, gwh) in zip(HATCHES, right.items(), strict=False):
        picture.bar(_X1, to_y[sector], _NODE, gwh * scale, sector, hatch)
        x, middle = _X1 + _NODE + 10, to_y[sector] + gwh * scale / 2
        picture.text(x, round(middle, 1), _SHORT[sector].get(lang), "b")
        picture.text(x, round(middle + 17, 1), f"{_gwh(gwh, lang, grades.get(sector))} GWh", "s")
    return max(_TOP + _HEIGHT, *ends)


def _sums(cells: Cells, place: int) -> dict[str, float]:
    """Sums by carrier (0) or by sector (1)."""
    sums: dict[str, float] = {}
    for key, value in cells.items():
        sums[key[place]] = sums.get(key[place], 0) + value
    return sums


def _gwh(value: float, lang: Lang, grade: Grade | None) -> str:
    if value == 0:
        return "–"
    most = 0 if abs(value) >= 9.95 else 1 if abs(value) >= 0.05 else 2
    return display(value, lang, grade, most)


def _grades(document: Json) -> Grades:
    """The grades of the cells, and of their sums by carrier and by sector."""
    grades: dict[str | tuple[str, str], Grade | None] = {
        (c["carrier"], c["sector"]): grade_of(c["grade"]) for c in document["cells"]
    }
    for name, rows in (("carrier", document["carriers"]), ("sector", document["sectors"])):
        grades |= {row[name]: grade_of(row["data_quality"]) for row in rows}
    return grades


def _stack(parts: Mapping[str, float], scale: float) -> dict[str, float]:
    """Where each part begins, one under the other over the whole height."""
    tops, y = {}, _TOP
    gap = (_HEIGHT - sum(parts.values()) * scale) / max(len(parts) - 1, 1)
    for name, value in parts.items():
        tops[name] = y
        y += value * scale + gap
    return tops


def _band(y0: float, y1: float, height: float, sector: str) -> str:
    start, end, middle = _X0 + _NODE, _X1, (_X0 + _NODE + _X1) / 2
    there = f"M{start:g} {y0:.1f}C{middle:g} {y0:.1f} {middle:g} {y1:.1f} {end:g} {y1:.1f}"
    y0, y1 = y0 + height, y1 + height
    back = f"V{y1:.1f}C{middle:g} {y1:.1f} {middle:g} {y0:.1f} {start:g} {y0:.1f}Z"
    return f'<path d="{there}{back}" class="c-{sector}" opacity=".5"/>'
