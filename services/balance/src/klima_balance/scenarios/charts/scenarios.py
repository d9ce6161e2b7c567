"""Pictures of a scenario: sectors stacked over the years, the path against its targets, wedges by
lever."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from klima_balance.balances.charts import plot
from klima_balance.balances.charts.plot import DASHES, HATCHES, LEFT, RIGHT, TOP, WIDTH, Frame
from klima_shared.language.numbers import Lang, number
from klima_shared.language.text import Text
from klima_shared.look import svg

_SECTORS = Text("Treibhausgase nach Sektoren", "Greenhouse gases by sector")
_TARGETS = Text("Pfad und Ziele", "Path and targets")
_WEDGES = Text("Welcher Hebel was bringt", "What each lever brings")
_UNIT = Text("1 000 t CO₂e im Jahr", "1,000 t CO₂e a year")
_TOTAL = Text("Summe BISKO", "BISKO total")
_LEFT_OVER = Text("verbleibt", "left over")
_START = Text("wie im Basisjahr", "as in the base year")
_BANDS = (
    Text("5 % der Rechenläufe liegen unter", "5 % of the runs lie below"),
    Text("5 % der Rechenläufe liegen über", "5 % of the runs lie above"),
)
_GAP = Text("Abstand zu: {b}", "Gap to: {b}")
COLOURS = (
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


def _kilo(values: Sequence[float | None]) -> list[float]:
    return [0.0 if v is None else v / 1000.0 for v in values]


def _text(value: float, lang: Lang) -> str:
    return number(value, lang, 0 if abs(value) >= 99.5 or abs(value) < 1e-9 else 1)


def _title(content: Mapping[str, Any], words: Text, lang: Lang) -> tuple[str, list[str]]:
    title = f"{words.get(lang)}: {content['region']['name']}, {content['years'][0]['year']}–{content['horizon']}"
    under = svg.wrap(f"{content['scenario']['title']} · BISKO", 96, 1)[0]
    return title, [svg.text(16, 32, title, "t"), svg.text(16, 52, under, "s")]


def stacked_years(content: Mapping[str, Any], lang: Lang, *, standalone: bool = True) -> str:
    """Bars of every year, sectors stacked; under it the round years as a table."""
    years = content["years"]
    title, body = _title(content, _SECTORS, lang)
    highest = max((y["emissions_t_co2e"] or 0.0) for y in years) / 1000.0 or 1.0
    marks = plot.ticks(0.0, highest)
    frame = Frame(
        LEFT, RIGHT, TOP + 12, TOP + 262, years[0]["year"], years[-1]["year"] + 1, 0.0, marks[-1]
    )
    body = [f"<defs>{svg.patterns('ky')}</defs>", *body]
    ruled = plot.axes(Frame(*(*vars(frame).values(),)), marks, lang, _UNIT.get(lang))
    body += [
        part
        for part in ruled
        if 'class="m s"' not in part and f'y2="{frame.bottom + 5:g}"' not in part
    ]
    slot = frame.x(frame.first + 1) - frame.x(frame.first)
    for n, year in enumerate(years):
        x, y = frame.x(year["year"]) + slot * 0.12, 0.0
        for i, row in enumerate(year["sectors"]):
            value = max(row["emissions_t_co2e"], 0.0) / 1000.0
            top, bottom = frame.y(y + value), frame.y(y)
            height = bottom - top - (0.8 if bottom - top > 2 else 0)
            body.append(svg.rect(x, top, slot * 0.76, height, f"c-{row['sector']}"))
            if HATCHES[i % len(HATCHES)]:
                hatch = f' fill="url(#ky-{HATCHES[i % len(HATCHES)]})"'
                body.append(svg.rect(x, top, slot * 0.76, height, "", hatch))
            y += value
        if n == 0 or year["year"] % 5 == 0:
            body.append(
                svg.text(round(x + slot * 0.38, 1), frame.bottom + 19, str(year["year"]), "m s")
            )
    shown = [y for y in years if y["year"] in plot.milestones([y["year"] for y in years])]
    rows = [
        (
            row["label"],
            [_text(y["sectors"][i]["emissions_t_co2e"] / 1000.0, lang) for y in shown],
            plot.swatch(row["sector"], HATCHES[i % len(HATCHES)], "ky"),
        )
        for i, row in enumerate(years[0]["sectors"])
    ]
    totals = [_text((y["emissions_t_co2e"] or 0.0) / 1000.0, lang) for y in shown]
    drawn, bottom = plot.table(
        frame.bottom + 48,
        _UNIT.get(lang),
        [str(y["year"]) for y in shown],
        [*rows, (_TOTAL.get(lang), totals, "")],
    )
    spoken = "; ".join(f"{y['year']}: {t}" for y, t in zip(shown, totals, strict=True))
    return _finish(
        [*body, *drawn],
        bottom,
        content,
        lang,
        f"{title}. {_UNIT.get(lang)}. {spoken}.",
        title,
        standalone,
        "k-years",
    )


def _finish(
    body: list[str],
    bottom: float,
    content: Mapping[str, Any],
    lang: Lang,
    spoken: str,
    title: str,
    standalone: bool,
    identity: str,
) -> str:
    lines, end = plot.source_lines(content, lang, bottom + 28)
    return svg.document(
        WIDTH, int(end), title, spoken, [*body, *lines], standalone=standalone, identity=identity
    )


def target_paths(
    content: Mapping[str, Any],
    targets: Mapping[str, Any],
    lang: Lang,
    *,
    others: Sequence[Mapping[str, Any]] = (),
    bands: Mapping[int, tuple[float, float]] | None = None,
    standalone: bool = True,
) -> str:
    """The scenario as a line (with its band), other scenarios and the target paths dashed; names at
    the lines."""
    years = [y["year"] for y in content["years"]]
    title, body = _title(content, _TARGETS, lang)
    series = [
        (
            content["scenario"]["title"].split(":")[0],
            _kilo([y["emissions_t_co2e"] for y in content["years"]]),
            "brand",
            "",
            3.2,
        )
    ]
    for i, other in enumerate(others):
        values = _kilo([y["emissions_t_co2e"] for y in other["years"]])
        series.append(
            (
                other["scenario"]["title"].split(":")[0],
                values,
                COLOURS[(i + 1) % len(COLOURS)],
                "14 3",
                2.5,
            )
        )
    for i, path in enumerate(targets["paths"]):
        values = _kilo([p["value"] for p in path["years"]])
        series.append(
            (path["label"], values, COLOURS[(i * 2) % len(COLOURS)], DASHES[1 + i % 4], 2.0)
        )
    top = max(max(values) for _, values, *_ in series)
    top = max([top, *((high / 1000.0) for _, high in (bands or {}).values())])
    marks = plot.ticks(0.0, top)
    frame = Frame(LEFT, 552, TOP + 12, TOP + 292, years[0], years[-1], 0.0, marks[-1])
    body += plot.axes(frame, marks, lang, _UNIT.get(lang))
    if bands:
        points = [(frame.x(y), frame.y(high / 1000.0)) for y, (_, high) in sorted(bands.items())]
        points += [
            (frame.x(y), frame.y(low / 1000.0))
            for y, (low, _) in sorted(bands.items(), reverse=True)
        ]
        body.append(plot.polygon(points, "c-brand", ' opacity=".16"'))
    ends = plot.spread_apart(
        [frame.y(values[-1]) for _, values, *_ in series], 36, frame.top, frame.bottom
    )
    for (label, values, colour, dash, width), y in zip(series, ends, strict=True):
        points = [(frame.x(year), frame.y(v)) for year, v in zip(years, values, strict=False)]
        body.append(plot.polyline(points, colour, dash, width))
        body.append(plot.polyline([points[-1], (frame.right + 12, y)], colour, "", 0.8))
        body.append(
            plot.polyline([(frame.right + 12, y), (frame.right + 38, y)], colour, dash, width)
        )
        lines = svg.wrap(label, 20)
        body += [
            svg.text(frame.right + 44, round(y + 4 - 7 * (len(lines) - 1) + 14 * k, 1), t)
            for k, t in enumerate(lines)
        ]
    shown = plot.milestones(years)
    at = [years.index(y) for y in shown]
    rows = [(label, [_text(values[i], lang) for i in at], " ") for label, values, *_ in series]
    mine = series[0][1]
    for label, values, *_ in series[1 + len(others) :]:
        words = _GAP.get(lang).format(b=label)
        rows.append((words, [_signed(mine[i] - values[i], lang) for i in at], " "))
    for n, edge in enumerate(_BANDS if bands else ()):
        texts = [
            _text((bands or {})[y][n] / 1000.0, lang) if y in (bands or {}) else "" for y in shown
        ]
        rows.insert(1 + n, (edge.get(lang), texts, " "))
    drawn, bottom = plot.table(
        frame.bottom + 52, _UNIT.get(lang), [str(y) for y in shown], rows, 330
    )
    spoken = "; ".join(f"{label}: {values[0]} → {values[-1]}" for label, values, _ in rows)
    return _finish(
        [*body, *drawn],
        bottom,
        content,
        lang,
        f"{title}. {spoken}.",
        title,
        standalone,
        "k-targets",
    )


def _signed(value: float, lang: Lang) -> str:
    return ("+" if value > 0.05 else "") + _text(value, lang)


def wedges(
    content: Mapping[str, Any], moved: Mapping[str, Any], lang: Lang, *, standalone: bool = True
) -> str:
    """What is left at the bottom, above it one wedge per lever up to the base; the largest wedge is
    at the bottom.

    A lever that adds emissions in a year raises the upper edge instead: the wedges above the base
    line balance it.
    """
    years = [y["year"] for y in content["years"]]
    title, body = _title(content, _WEDGES, lang)
    rest = _kilo([y["emissions_t_co2e"] for y in content["years"]])
    levers = [r for r in moved["levers"] if any(y["emissions_t_co2e"] < -0.5 for y in r["years"])]
    parts = [[max(-y["emissions_t_co2e"], 0.0) / 1000.0 for y in r["years"]] for r in levers]
    edge = [r + sum(p[i] for p in parts) for i, r in enumerate(rest)]
    marks = plot.ticks(0.0, max(edge))
    frame = Frame(LEFT, 470, TOP + 12, TOP + 332, years[0], years[-1], 0.0, marks[-1])
    body = [
        f"<defs>{svg.patterns('kw')}</defs>",
        *body,
        *plot.axes(frame, marks, lang, _UNIT.get(lang)),
    ]
    base = [0.0] * len(years)
    layers = [(_LEFT_OVER.get(lang), rest, "soft", "")]
    looks = [(COLOURS[i % 9], HATCHES[(i + i // 9 * 2) % len(HATCHES)]) for i in range(len(levers))]
    layers += [(r["label"], p, *look) for r, p, look in zip(levers, parts, looks, strict=True)]
    places: list[float] = []
    for _, values, colour, hatch in layers:
        top = [b + v for b, v in zip(base, values, strict=True)]
        points = [(frame.x(y), frame.y(v)) for y, v in zip(years, top, strict=True)]
        points += [
            (frame.x(y), frame.y(v)) for y, v in reversed(list(zip(years, base, strict=True)))
        ]
        if colour == "soft":
            body.append(plot.polygon(points, "l", ' fill-opacity=".0"'))
            body.append(plot.polyline(points[: len(years)], "ink", "", 2.2))
        else:
            body.append(plot.polygon(points, f"c-{colour}", ' stroke="#fff" stroke-width=".8"'))
            if hatch:
                body.append(plot.polygon(points, "", f' fill="url(#kw-{hatch})"'))
        places.append(frame.y((top[-1] + base[-1]) / 2))
        base = top
    start = frame.y(rest[0])
    body.append(plot.polyline([(frame.left, start), (frame.right, start)], "ink", "3 3", 1.2))
    body.append(svg.text(frame.left + 6, round(start - 6, 1), _START.get(lang), "s"))
    body += _labels(frame, layers, places, lang)
    shown = plot.milestones(years)
    at = [years.index(y) for y in shown]
    rows = [
        (
            r["label"],
            [_text(r["years"][i]["emissions_t_co2e"] / 1000.0, lang) for i in at],
            plot.swatch(*looks[n], "kw"),
        )
        for n, r in enumerate(levers)
    ]
    rows.append((_LEFT_OVER.get(lang).capitalize(), [_text(rest[i], lang) for i in at], ""))
    drawn, bottom = plot.table(frame.bottom + 48, _UNIT.get(lang), [str(y) for y in shown], rows)
    spoken = "; ".join(f"{label} {values[-1]}" for label, values, _ in rows)
    return _finish(
        [*body, *drawn],
        bottom,
        content,
        lang,
        f"{title}. {years[-1]}: {spoken}.",
        title,
        standalone,
        "k-wedges",
    )


def _labels(
    frame: Frame,
    layers: Sequence[tuple[str, Sequence[float], str, str]],
    places: Sequence[float],
    lang: Lang,
) -> list[str]:
    ends = plot.spread_apart(places, 17, frame.top - 6, frame.bottom + 4)
    body = []
    for (label, values, colour, _), place, y in zip(layers, places, ends, strict=True):
        name = "ink" if colour == "soft" else colour
        body.append(
            plot.polyline(
                [(frame.right, place), (frame.right + 10, y), (frame.right + 18, y)], name, "", 1.4
            )
        )
        sign = "" if colour == "soft" else "−"
        words = svg.wrap(label, 29, 1)[0]
        body.append(
            svg.text(
                frame.right + 22, round(y + 4, 1), f"{words} {sign}{_text(abs(values[-1]), lang)}"
            )
        )
    return body
