"""The pictures of a region's page, and the numbers they show."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from klima_controlling.charts.marks import coverage_bar
from klima_controlling.charts.path import Line, path_chart
from klima_controlling.charts.sectors import sector_bars
from klima_controlling.domain.codes import Boundary, PathKind
from klima_controlling.domain.lights import Judged
from klima_controlling.usecases.state import RegionState
from klima_shared.i18n import Lang
from klima_shared.messages import Text

WIDE: Final = 660
WIDEST: Final = 960
NARROW: Final = 330


def pictures(state: RegionState, judged: Sequence[Judged], lang: Lang) -> dict[str, Any]:
    """Sectors, path with its table, and coverage; each None where there is nothing to show."""
    if not state.balances:
        return {"sectors": None, "path": None, "path_rows": None, "cover": None}
    share = state.balances[-1]["totals"].get("renewable_coverage")
    return {
        "sectors": {
            "wide": sector_bars(state.balances, lang, width=WIDE, identity="sw"),
            "narrow": sector_bars(state.balances, lang, width=NARROW, identity="sn"),
        },
        "path": path_pictures(state, judged, lang, WIDEST),
        "path_rows": path_rows(state, judged, lang),
        "cover": coverage_bar(share) if share is not None else None,
    }


def path_pictures(state: RegionState, judged: Sequence[Judged], lang: Lang, width: int) -> dict[str, str] | None:
    """The way to the target as drawn for wide and for narrow screens; None without a balance."""
    actual = [(p.year, p.value) for p in state.series("emissions_t_co2e")]
    if not actual:
        return None
    lines = [
        Line(name, [(p.year, p.value) for p in j.path.points], j.target.path is PathKind.STEPPED)
        for name, j in _named(state, judged, lang)
        if j.path
    ]
    name = state.region["name"]
    return {
        "wide": path_chart(actual, lines, lang, name, width=width, identity="pw"),
        "narrow": path_chart(actual, lines, lang, name, width=NARROW, identity="pn"),
    }


def path_rows(state: RegionState, judged: Sequence[Judged], lang: Lang) -> dict[str, Any]:
    """The numbers of the picture: `heads`, and `rows` of a year, the balance's figure and the paths' (t CO2e or None)."""
    actual = {p.year: p.value for p in state.series("emissions_t_co2e")}
    named = [(name, j.path) for name, j in _named(state, judged, lang) if j.path]
    years = sorted({*actual, *(p.year for _, path in named for p in path.points)})
    return {
        "heads": [Text("Bilanz", "Balance").get(lang), *(name for name, _ in named)],
        "rows": [(year, [actual.get(year), *(path.at(year) for _, path in named)]) for year in years],
    }


def _named(state: RegionState, judged: Sequence[Judged], lang: Lang) -> list[tuple[str, Judged]]:
    """The territorial paths with names short enough to stand at a line; the whole title where two would be alike."""
    drawn = [
        j for j in judged
        if j.path and j.target.metric == "emissions_t_co2e" and j.target.boundary is Boundary.TERRITORY
    ]  # fmt: skip
    short = [_short(j, state.ags).get(lang) for j in drawn]
    return [
        (name if short.count(name) == 1 else j.target.title.get(lang), j) for name, j in zip(short, drawn, strict=True)
    ]


def _short(judged: Judged, ags: str) -> Text:
    year = judged.target.year
    if judged.target.key == ags:
        return Text(f"Ziel {year}", f"Target {year}")
    return Text(f"Ziel des Kreises {year}", f"The county's target {year}")
