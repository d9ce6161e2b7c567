"""Pictures of a scenario: sectors stacked over the years, the path against its targets, wedges by
lever."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle
from typing import Final

from klima_shared.codes.quality import Grade
from klima_shared.language.numbers import Lang
from klima_shared.language.text import Label, Text
from klima_shared.look.digits import display
from klima_shared.look.picture import HATCHES, SOURCE, Picture, Row, wrap
from klima_shared.look.plot import Plot, draw_scale, draw_years, milestones, spread_apart, ticks
from klima_shared.wire.json import Json

_SECTORS: Final = Label("Treibhausgase nach Sektoren", "Greenhouse gases by sector")
_TARGETS: Final = Label("Pfad und Ziele", "Path and targets")
_WEDGES: Final = Label("Welcher Hebel was bringt", "What each lever brings")
_UNIT: Final = Label("1 000 t CO₂e im Jahr", "1,000 t CO₂e a year")
_TOTAL: Final = Label("Summe BISKO", "BISKO total")
_LEFT_OVER: Final = Label("verbleibt", "left over")
_START: Final = Label("wie im Basisjahr", "as in the base year")
_BANDS: Final = (
    Label("5 % der Rechenläufe liegen unter", "5 % of the runs lie below"),
    Label("5 % der Rechenläufe liegen über", "5 % of the runs lie above"),
)
_GAP: Final = Label("Abstand zu: {b}", "Gap to: {b}")
_ASSUMPTIONS: Final = Text("assumptions with sources at the scenario")
# Colours and dashes of lines by position; the first dash is solid.
COLOURS: Final = (
    "transport",
    "households",
    "commerce",
    "municipal",
    "industry",
    "renewables",
    "land_use",
    "process_ets",
    "agriculture",
)
_DASHES: Final = ("8 4", "2 4", "10 3 2 3", "1 3")
_LEFT, _RIGHT, _TOP = 64, 744, 96


@dataclass(frozen=True)
class _Series:
    """A line or a layer over the years, in 1,000 t CO2e."""

    label: str
    values: Sequence[float]
    colour: str
    dash: str = ""
    width: float = 2.5
    hatch: str = ""


def stacked_years(content: Json, lang: Lang, *, standalone: bool = True) -> str:
    """Bars of every year, sectors stacked; under it the round years as a table."""
    years = content["years"]
    picture = _begin(content, _SECTORS, "k-years", lang)
    marks = ticks(0.0, max((y["emissions_t_co2e"] or 0.0) for y in years) / 1000.0 or 1.0)
    last = years[-1]["year"] + 1
    plot = Plot(_LEFT, _RIGHT, _TOP, _TOP + 250, years[0]["year"], last, 0.0, marks[-1])
    draw_scale(picture, plot, marks, _UNIT.get(lang))
    slot = plot.x(plot.first + 1) - plot.x(plot.first)
    for n, year in enumerate(years):
        x, base = plot.x(year["year"]) + slot * 0.12, 0.0
        for row, hatch in zip(year["sectors"], cycle(HATCHES), strict=False):
            value = max(row["emissions_t_co2e"], 0.0) / 1000.0
            top, bottom = plot.y(base + value), plot.y(base)
            height = bottom - top - (0.8 if bottom - top > 2 else 0)
            picture.bar(x, top, slot * 0.76, height, row["sector"], hatch)
            base += value
        if n == 0 or year["year"] % 5 == 0:
            picture.text(round(x + slot * 0.38, 1), plot.bottom + 19, str(year["year"]), "m s")
    chosen = milestones([y["year"] for y in years])
    shown = [y for y in years if y["year"] in chosen]
    rows = []
    for i, (row, hatch) in enumerate(zip(years[0]["sectors"], cycle(HATCHES), strict=False)):
        tonnes = [y["sectors"][i]["emissions_t_co2e"] for y in shown]
        rows.append(Row(row["label"], _texts(_kilo(tonnes), lang), row["sector"], hatch))
    totals = _texts(_kilo([y["emissions_t_co2e"] for y in shown]), lang)
    rows.append(Row(_TOTAL.get(lang), totals, total=True))
    spoken = "; ".join(f"{year}: {total}" for year, total in zip(chosen, totals, strict=True))
    bottom = picture.table(plot.bottom + 48, _UNIT.get(lang), [str(y) for y in chosen], rows)
    return _finish(picture, bottom, content, f"{_UNIT.get(lang)}. {spoken}", standalone)


def target_paths(
    content: Json,
    targets: Json,
    lang: Lang,
    *,
    others: Sequence[Json] = (),
    bands: Mapping[int, tuple[float, float]] | None = None,
    standalone: bool = True,
) -> str:
    """The scenario as a line (with its band), other scenarios and the target paths dashed; names at
    the lines."""
    years = [y["year"] for y in content["years"]]
    picture = _begin(content, _TARGETS, "k-targets", lang, hatched=False)
    paths = [
        _Series(
            path["label"],
            _kilo([p["value"] for p in path["years"]]),
            COLOURS[(i * 2) % len(COLOURS)],
            _DASHES[i % 4],
            2.0,
        )
        for i, path in enumerate(targets["paths"])
    ]
    mine = _scenario_series(content, "brand", "", 3.2)
    series = [mine, *_other_series(others), *paths]
    band = {year: _kilo(edges) for year, edges in sorted((bands or {}).items())}
    highest = max(*(max(s.values) for s in series), *(high for _, high in band.values()), 0.0)
    marks = ticks(0.0, highest)
    plot = Plot(_LEFT, 552, _TOP, _TOP + 280, years[0], years[-1], 0.0, marks[-1])
    draw_scale(picture, plot, marks, _UNIT.get(lang))
    draw_years(picture, plot)
    if band:
        upper = [(year, high) for year, (_, high) in band.items()]
        lower = [(year, low) for year, (low, _) in reversed(band.items())]
        picture.polygon(plot.points([*upper, *lower]), "c-brand", ' opacity=".16"')
    _draw_named_lines(picture, plot, years, series)
    shown = milestones(years)
    at = [years.index(y) for y in shown]
    rows = [Row(s.label, _texts([s.values[i] for i in at], lang)) for s in series]
    for path in paths:
        gaps = [mine.values[i] - path.values[i] for i in at]
        rows.append(Row(_GAP.get(lang).format(b=path.label), [_signed(g, lang) for g in gaps]))
    for n, edge in enumerate(_BANDS if band else ()):
        edges = [_text(band[y][n], lang) if y in band else "" for y in shown]
        rows.insert(1 + n, Row(edge.get(lang), edges))
    columns = [str(y) for y in shown]
    bottom = picture.table(plot.bottom + 52, _UNIT.get(lang), columns, rows, 330)
    spoken = "; ".join(f"{row.label}: {row.values[0]} → {row.values[-1]}" for row in rows)
    return _finish(picture, bottom, content, spoken, standalone)


def _scenario_series(content: Json, colour: str, dash: str, width: float) -> _Series:
    values = _kilo([y["emissions_t_co2e"] for y in content["years"]])
    return _Series(content["scenario"]["title"].split(":")[0], values, colour, dash, width)


def _other_series(others: Sequence[Json]) -> list[_Series]:
    return [
        _scenario_series(other, COLOURS[(i + 1) % len(COLOURS)], "14 3", 2.5)
        for i, other in enumerate(others)
    ]


def _draw_named_lines(
    picture: Picture, plot: Plot, years: Sequence[int], series: Sequence[_Series]
) -> None:
    """Each line, and right of the plot its name beside a piece of it."""
    right = plot.right
    places = [plot.y(s.values[-1]) for s in series]
    for s, y in zip(series, spread_apart(places, 36, plot.top, plot.bottom), strict=True):
        points = plot.points(zip(years, s.values, strict=False))
        picture.polyline(points, s.colour, s.dash, s.width)
        picture.polyline([points[-1], (right + 12, y)], s.colour, "", 0.8)
        picture.polyline([(right + 12, y), (right + 38, y)], s.colour, s.dash, s.width)
        lines = wrap(s.label, 20)
        for k, text in enumerate(lines):
            picture.text(right + 44, round(y + 4 - 7 * (len(lines) - 1) + 14 * k, 1), text)


def wedges(content: Json, moved: Json, lang: Lang, *, standalone: bool = True) -> str:
    """What is left at the bottom, above it one wedge per lever up to the base; the largest wedge is
    at the bottom.

    A lever that adds emissions in a year raises the upper edge instead: the wedges above the base
    line balance it.
    """
    years = [y["year"] for y in content["years"]]
    picture = _begin(content, _WEDGES, "k-wedges", lang)
    rest = _kilo([y["emissions_t_co2e"] for y in content["years"]])
    levers = [r for r in moved["levers"] if any(y["emissions_t_co2e"] < -0.5 for y in r["years"])]
    layers = [_Series(_LEFT_OVER.get(lang), rest, "soft")]
    for i, lever in enumerate(levers):
        values = [max(-y["emissions_t_co2e"], 0.0) / 1000.0 for y in lever["years"]]
        hatch = HATCHES[(i + i // 9 * 2) % len(HATCHES)]
        layers.append(_Series(lever["label"], values, COLOURS[i % 9], hatch=hatch))
    marks = ticks(0.0, max(r + sum(p.values[i] for p in layers[1:]) for i, r in enumerate(rest)))
    plot = Plot(_LEFT, 470, _TOP, _TOP + 320, years[0], years[-1], 0.0, marks[-1])
    draw_scale(picture, plot, marks, _UNIT.get(lang))
    draw_years(picture, plot)
    _draw_wedges(picture, plot, years, layers)
    shown = milestones(years)
    at = [years.index(y) for y in shown]
    rows = []
    for lever, layer in zip(levers, layers[1:], strict=True):
        tonnes = [lever["years"][i]["emissions_t_co2e"] for i in at]
        rows.append(Row(layer.label, _texts(_kilo(tonnes), lang), layer.colour, layer.hatch))
    left_over = _texts([rest[i] for i in at], lang)
    rows.append(Row(_LEFT_OVER.get(lang).capitalize(), left_over, total=True))
    bottom = picture.table(plot.bottom + 48, _UNIT.get(lang), [str(y) for y in shown], rows)
    spoken = "; ".join(f"{row.label} {row.values[-1]}" for row in rows)
    return _finish(picture, bottom, content, f"{years[-1]}: {spoken}", standalone)


def _draw_wedges(
    picture: Picture, plot: Plot, years: Sequence[int], layers: Sequence[_Series]
) -> None:
    """The first layer is what is left: a line. The others lie on it, each with its name."""
    base = [0.0] * len(years)
    places: list[float] = []
    for n, layer in enumerate(layers):
        top = [b + v for b, v in zip(base, layer.values, strict=True)]
        upper = plot.points(zip(years, top, strict=True))
        outline = [*upper, *reversed(plot.points(zip(years, base, strict=True)))]
        if n == 0:
            picture.polygon(outline, "l", ' fill-opacity=".0"')
            picture.polyline(upper, "ink", "", 2.2)
        else:
            edge = ' stroke="#fff" stroke-width=".8"'
            picture.polygon(outline, f"c-{layer.colour}", edge, layer.hatch)
        places.append(plot.y((top[-1] + base[-1]) / 2))
        base = top
    start = plot.y(layers[0].values[0])
    picture.polyline([(plot.left, start), (plot.right, start)], "ink", "3 3", 1.2)
    picture.text(plot.left + 6, round(start - 6, 1), _START.get(picture.lang), "s")
    ends = spread_apart(places, 17, plot.top - 6, plot.bottom + 4)
    right = plot.right
    for n, (layer, place, y) in enumerate(zip(layers, places, ends, strict=True)):
        elbow = [(right, place), (right + 10, y), (right + 18, y)]
        picture.polyline(elbow, layer.colour if n else "ink", "", 1.4)
        figure = _text(abs(layer.values[-1]), picture.lang)
        name = f"{wrap(layer.label, 29, 1)[0]} {'−' if n else ''}{figure}"
        picture.text(right + 22, round(y + 4, 1), name)


def _begin(
    content: Json, words: Text, identity: str, lang: Lang, *, hatched: bool = True
) -> Picture:
    span = f"{content['years'][0]['year']}–{content['horizon']}"
    title = f"{words.get(lang)}: {content['region']['name']}, {span}"
    picture = Picture(lang, title, identity, hatched=hatched)
    picture.heading(wrap(f"{content['scenario']['title']} · BISKO", 96, 1)[0])
    return picture


def _finish(picture: Picture, bottom: float, content: Json, spoken: str, standalone: bool) -> str:
    """The picture with its source under the table."""
    meta, lang = content["meta"], picture.lang
    extra = _ASSUMPTIONS.get(lang)
    source = SOURCE.get(lang).format(a=meta["attribution"], l=meta["licence"], m=extra)
    end = picture.paragraph(bottom + 28, source, 100)
    return picture.svg(end, f"{picture.title}. {spoken}.", standalone=standalone)


def _kilo(values: Sequence[float | None]) -> list[float]:
    return [0.0 if v is None else v / 1000.0 for v in values]


def _text(value: float, lang: Lang) -> str:
    # Assumptions about years to come are never better than national figures.
    return display(value, lang, Grade.D, 0 if abs(value) >= 99.5 or abs(value) < 1e-9 else 1)


def _texts(values: Sequence[float], lang: Lang) -> list[str]:
    return [_text(value, lang) for value in values]


def _signed(value: float, lang: Lang) -> str:
    return ("+" if value > 0.05 else "") + _text(value, lang)
