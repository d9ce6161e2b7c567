"""Traffic lights: the last known figure beside the path of its year. Missing or old data is never
shown as reached."""

from collections.abc import Sequence
from functools import partial
from typing import Final

from klima_controlling.base.model import Boundary, Direction, PathKind
from klima_controlling.status.model import Judged
from klima_controlling.targets.model import Law, Path, Point, Target
from klima_controlling.targets.rules import draw
from klima_shared.codes.action import Light
from klima_shared.language.numbers import number
from klima_shared.language.text import Label, Text

MOST_TIMES: Final = 10_000.0  # of the path value
OLDEST_YEARS: Final = 5  # a balance is due every three years, at most every five


Band = tuple[float, float]

_WORDS: Final = {
    Light.GREEN: Label("auf dem Pfad", "on the path"),
    Light.YELLOW: Label("knapp neben dem Pfad", "slightly off the path"),
    Light.RED: Label("deutlich neben dem Pfad", "clearly off the path"),
    Light.UNKNOWN: Label("nicht zu beurteilen", "can't be judged"),
}
_ABOVE: Final = {
    Light.GREEN: Label("auf dem Pfad", "on the path"),
    Light.YELLOW: Label("knapp über dem Pfad", "slightly above the path"),
    Light.RED: Label("deutlich über dem Pfad", "clearly above the path"),
    Light.UNKNOWN: Label("nicht zu beurteilen", "can't be judged"),
}

_NO_BALANCE: Final = {
    Boundary.TERRITORY: Text(
        "Unknown: no balance of this territory is published yet. As soon as there is one, this "
        "says how far the target is."
    ),
    Boundary.ORGANISATION: Text(
        "Unknown: no balance of administration and holdings is published yet. As soon as there is "
        "one, this says how far the target is."
    ),
}


def judge(
    target: Target,
    series: Sequence[Point],
    today_year: int,
    act: Law | None = None,
    *,
    band: Band | None = None,
) -> Judged:
    """The light of a target over the known figures (ascending years), on a day of `today_year`.
    `act`: the law's years and what the country had reached, for paths by law. `band`: 5th and 95th
    percentile of the last figure.
    """
    actual = series[-1] if series else None
    path = draw(target, series[0] if series else None, act)
    wanted = path.at(actual.year) if path and actual else None
    reason = _unknown(target, series, path, today_year, act)
    if reason is not None or actual is None or path is None or wanted is None:
        rule, word = reason or Label("", ""), _WORDS[Light.UNKNOWN]
        return Judged(target, Light.UNKNOWN, actual, path, wanted, None, None, rule, word)
    gap = actual.value - wanted
    worse = gap if target.direction is Direction.LOWER else -gap
    # Beside a path of next to nothing every gap is endless; a share that says nothing is left out.
    percent = gap / abs(wanted) * 100 if abs(gap) <= abs(wanted) * MOST_TIMES and wanted else None
    limit = abs(wanted) * target.tolerance_percent / 100
    light = Light.GREEN if worse <= 0 else Light.YELLOW if worse <= limit else Light.RED
    word = (_ABOVE if target.direction is Direction.LOWER else _WORDS)[light]
    settled = None if band is None else not band[0] <= wanted <= band[1]
    if settled is False:
        word = Label(
            f"rechnerisch {word.de}; die Datenlage entscheidet es nicht",
            f"{word.en} by the figures; the data do not settle it",
        )
    return Judged(
        target, light, actual, path, wanted, gap, percent, _rule(target, path), word, settled
    )


def _unknown(
    target: Target, series: Sequence[Point], path: Path | None, today_year: int, act: Law | None
) -> Text | None:
    """Why there is no light; None where there is one."""
    if not series:
        return _NO_BALANCE[target.boundary]
    last = series[-1].year
    if target.direction is Direction.NONE:
        return Text("Not judged: this figure is only shown.")
    if path is None:
        law_missing = target.base_reduction is None and act is None
        if target.path is PathKind.LAW and law_missing:
            return Text(
                "Unknown: the figures of the Federal Climate Change Act can't be read at the "
                "moment."
            )
        return Text("Unknown: no path can be drawn from what is known.")
    if today_year - last > OLDEST_YEARS:
        return Text(
            "Unknown: the last data is of {year} and so older than {oldest} years.",
            year=last,
            oldest=OLDEST_YEARS,
        )
    if path.at(last) is None:
        return Text("Unknown: the path begins in {year}.", year=path.base.year)
    if len(series) == 1 and target.base is None:
        return Text(
            "Unknown: there is only one balance ({year}); the path begins with it.", year=last
        )
    return None


def _rule(target: Target, path: Path) -> Text:
    """The arithmetic in a sentence."""
    lower, base, goal = target.direction is Direction.LOWER, path.base, path.points[-1]
    amount = partial(number, decimals=0 if abs(base.value) >= 100 else 1)
    return Text(
        "Gap = value − path value. Green: {more} the path value; yellow: up to {tolerance:g} % "
        "{over}; red: more. Path {path} from {first} {unit} ({first_year}) to {last} "
        "({last_year}).{note}",
        more=Label("höchstens", "at most") if lower else Label("mindestens", "at least"),
        tolerance=target.tolerance_percent,
        over=Label("darüber", "above") if lower else Label("darunter", "below"),
        path=target.path,
        first=amount(base.value),
        unit=target.unit,
        first_year=base.year,
        last=amount(goal.value),
        last_year=goal.year,
        note=Label(f" {path.note.de}", f" {path.note.en}") if path.note else "",
    )


def headline(judged: Sequence[Judged], ags: str) -> Judged | None:
    """The light that stands on top of a page: the region's own territorial target, else the
    inherited one."""
    mine = [j for j in judged if j.target.boundary is Boundary.TERRITORY]
    return next((j for j in mine if j.target.key == ags), mine[0] if mine else None)
