"""The pictures of a region's page, and the numbers they show."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from klima_controlling.codes import Boundary, PathKind
from klima_controlling.status.rules import Judged
from klima_controlling.upstream.actions import RegionState
from klima_controlling.upstream.rules import Projection, ScenarioKind
from klima_controlling.website.charts.marks import coverage_bar
from klima_controlling.website.charts.path import Line, path_chart
from klima_controlling.website.charts.sectors import sector_bars
from klima_controlling.website.model import kilotonnes
from klima_shared.language.numbers import Lang
from klima_shared.language.text import Text

WIDE: Final = 660
WIDEST: Final = 960
NARROW: Final = 330


def pictures(
    state: RegionState, judged: Sequence[Judged], ahead: Sequence[Projection], lang: Lang
) -> dict[str, Any]:
    """Sectors, path with its table, and coverage; each None where there is nothing to show."""
    if not state.balances:
        return {"sectors": None, "path": None, "path_heads": None, "path_rows": None, "cover": None}
    share = state.balances[-1]["totals"].get("renewable_coverage")
    heads, rows = path_rows(state, judged, ahead, lang)
    return {
        "sectors": {
            "wide": sector_bars(state.balances, lang, width=WIDE, identity="sw"),
            "narrow": sector_bars(state.balances, lang, width=NARROW, identity="sn"),
        },
        "path": path_pictures(state, judged, ahead, lang, WIDEST),
        "path_heads": heads,
        "path_rows": rows,
        "cover": coverage_bar(share) if share is not None else None,
    }


def path_pictures(
    state: RegionState,
    judged: Sequence[Judged],
    ahead: Sequence[Projection],
    lang: Lang,
    width: int,
) -> dict[str, str] | None:
    """The way to the target as drawn for wide and for narrow screens; None without a balance. With
    scenarios the narrow one has the trend and the first path alone: more lines than that have no
    room for their names there.
    """
    actual = [(p.year, p.value) for p in state.series("emissions_t_co2e")]
    if not actual:
        return None
    lines = [
        Line(name, [(p.year, p.value) for p in j.path.points], j.target.path is PathKind.STEPPED)
        for name, j in _named(state, judged, lang)
        if j.path
    ]
    name = state.region["name"]
    further = [_drawn(p, lang) for p in ahead]
    near = [_drawn(p, lang) for p in ahead if p.kind is ScenarioKind.TREND]
    return {
        "wide": path_chart(actual, lines, further, lang, name, width=width, identity="pw"),
        "narrow": path_chart(
            actual, lines[:1] if near else lines, near, lang, name, width=NARROW, identity="pn"
        ),
    }


def _drawn(projection: Projection, lang: Lang) -> Line:
    """The trend with its band; a second band would lie across the first."""
    points = [(p.year, p.value) for p in projection.points]
    trend = projection.kind is ScenarioKind.TREND
    band = [(p.year, p.low, p.high) for p in projection.points] if trend else []
    return Line(projection.kind.label(lang), points, band=band)


def path_rows(
    state: RegionState, judged: Sequence[Judged], ahead: Sequence[Projection], lang: Lang
) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """The numbers of the picture in kt CO2e: heads, and rows of a year with the figures of the
    balance, the scenarios (the trend with its band) and the paths.
    """
    actual = {p.year: p.value for p in state.series("emissions_t_co2e")}
    named = [(name, j.path) for name, j in _named(state, judged, lang) if j.path]
    years = {
        *actual,
        *(p.year for _, path in named for p in path.points),
        *(p.year for a in ahead for p in a.points),
    }

    def said(value: float | None) -> str:
        return "–" if value is None else kilotonnes(value, lang)

    def expected(projection: Projection, year: int) -> str:
        found = projection.at(year)
        if found is None or projection.kind is not ScenarioKind.TREND:
            return said(found.value if found else None)
        return f"{said(found.value)} ({said(found.low)} – {said(found.high)})"

    heads = [
        Text("Bilanz", "Balance").get(lang),
        *(p.kind.label(lang) for p in ahead),
        *(name for name, _ in named),
    ]
    rows = [
        (
            year,
            [
                said(actual.get(year)),
                *(expected(p, year) for p in ahead),
                *(said(path.at(year)) for _, path in named),
            ],
        )
        for year in sorted(years)
    ]
    return heads, rows


def _named(state: RegionState, judged: Sequence[Judged], lang: Lang) -> list[tuple[str, Judged]]:
    """The territorial paths with names short enough to stand at a line; the whole title where two
    would be alike."""
    drawn = [
        j
        for j in judged
        if j.path
        and j.target.metric == "emissions_t_co2e"
        and j.target.boundary is Boundary.TERRITORY
    ]
    short = [_short(j, state.ags).get(lang) for j in drawn]
    return [
        (name if short.count(name) == 1 else j.target.title.get(lang), j)
        for name, j in zip(short, drawn, strict=True)
    ]


def _short(judged: Judged, ags: str) -> Text:
    year = judged.target.year
    if judged.target.key == ags:
        return Text(f"Ziel {year}", f"Target {year}")
    return Text(f"Kreisziel {year}", f"County target {year}")
