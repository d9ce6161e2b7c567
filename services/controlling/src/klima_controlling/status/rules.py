"""Traffic lights: the last known figure beside the path of its year. Missing or old data is never
shown as reached."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from klima_controlling.base.model import Boundary, Direction, PathKind
from klima_controlling.status.model import Judged, Spread
from klima_controlling.targets.model import Law, Path, Point, Target
from klima_controlling.targets.rules import draw
from klima_shared.codes.action import Light
from klima_shared.codes.energy import Carrier, Sector
from klima_shared.codes.quality import Grade
from klima_shared.language.numbers import Lang, number
from klima_shared.language.text import Label, Text
from klima_shared.look.digits import Band, display, display_gap
from klima_shared.wire.balance import SeriesBreak

MOST_TIMES: Final = 10_000.0  # of the path value
OLDEST_YEARS: Final = 5  # a balance is due every three years, at most every five

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
    grade: Grade | None = None,
) -> Judged:
    """The light of a target over the known figures (ascending years), on a day of `today_year`.
    `act`: the law's years and what the country had reached, for paths by law. `band`: 5th and 95th
    percentile of the last figure, which is as good as `grade`.
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
        target,
        light,
        actual,
        path,
        wanted,
        gap,
        percent,
        _rule(target, path, grade),
        word,
        settled,
        Spread(band, grade),
    )


def beside_breaks(
    judged: Judged, breaks: Sequence[SeriesBreak], without: Callable[[float], Judged | None]
) -> Judged:
    """A light with the breaks between the path's base and the figure. Where better data alone would
    change it, there is no light: the two years can't be compared.

    without: the light of the figure less the tonnes that the data changed by.
    """
    if judged.path is None or judged.actual is None:
        return judged
    first, last = judged.path.base.year, judged.actual.year
    between = [one for one in breaks if first < one["year"] <= last]
    if not between or judged.light is Light.UNKNOWN:
        return judged
    other = without(sum(one.get("change_t_co2e") or 0.0 for one in between))
    if other is None or other.light is judged.light:
        return replace(judged, breaks=between)
    reason = Text(
        "Unknown: {breaks}. The path begins before that, so the two years can't be compared.",
        breaks=Label(*("; ".join(break_in_words(b, lang) for b in between) for lang in _LANGUAGES)),
    )
    return replace(
        judged,
        light=Light.UNKNOWN,
        gap=None,
        gap_percent=None,
        rule=reason,
        word=_WORDS[Light.UNKNOWN],
        settled=None,
        breaks=between,
    )


_LANGUAGES: Final[tuple[Lang, Lang]] = ("de", "en")
_NAMED: Final = 2
_MEASURED: Final = Label("ab {year} gemessen", "measured from {year} on")
_DEFAULT: Final = Label("ab {year} wieder geschätzt", "estimated again from {year} on")
_OTHER_TABLES: Final = {
    "edition": Label("ab {year} andere Bundeswerte", "other national figures from {year} on"),
    "factor_set": Label("ab {year} andere Faktoren", "other factors from {year} on"),
}


def break_in_words(one: SeriesBreak, lang: Lang) -> str:
    """`ab 2021 gemessen: Private Haushalte, Erdgas`."""
    if one["kind"] in _OTHER_TABLES:
        return _OTHER_TABLES[one["kind"]].get(lang).format(year=one["year"])
    words = _DEFAULT if one.get("delivered") is False else _MEASURED
    names = []
    for cell in one["cells"][:_NAMED]:
        sector, _, carrier = cell.partition(".")
        names.append(f"{Sector(sector).label(lang)}, {Carrier(carrier).label(lang)}")
    more = Label(" und weitere", " and more").get(lang) if len(one["cells"]) > _NAMED else ""
    return f"{words.get(lang).format(year=one['year'])}: {'; '.join(names)}{more}"


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


def _rule(target: Target, path: Path, grade: Grade | None) -> Text:
    """The arithmetic in a sentence."""
    lower, base, goal = target.direction is Direction.LOWER, path.base, path.points[-1]
    amount = partial(display, grade=grade, most=0 if abs(base.value) >= 100 else 1)
    return Text(
        "Gap = value − path value. Green: {more} the path value; yellow: up to {tolerance:g} % "
        "{over}; red: more. Path {path} from {first} {unit} ({first_year}) to {last} "
        "({last_year}).{note}",
        more=Label("höchstens", "at most") if lower else Label("mindestens", "at least"),
        tolerance=target.tolerance_percent,
        over=Label("darüber", "above") if lower else Label("darunter", "below"),
        path=target.path,
        first=Label(amount(base.value, "de"), amount(base.value, "en")),
        unit=target.unit,
        first_year=base.year,
        last=Label(amount(goal.value, "de"), amount(goal.value, "en")),
        last_year=goal.year,
        note=Label(f" {path.note.de}", f" {path.note.en}") if path.note else "",
    )


def headline(judged: Sequence[Judged], ags: str) -> Judged | None:
    """The light that stands on top of a page: the region's own territorial target, else the
    inherited one."""
    mine = [j for j in judged if j.target.boundary is Boundary.TERRITORY]
    return next((j for j in mine if j.target.key == ags), mine[0] if mine else None)


TONNES: Final = "t CO2e"
SMALL: Final = 10_000.0  # tonnes; below it, thousands of tonnes would hide the gap


@dataclass(frozen=True)
class Amounts:
    """`gap` with its sign; "keine Angabe" for what is not known."""

    actual: str
    path: str
    gap: str
    unit: str


def amounts_of(judged: Judged, lang: Lang) -> Amounts:
    """The figures of a light, all three in the same unit: thousands of tonnes, tonnes where that
    says more, else the target's unit."""
    target, actual = judged.target, judged.actual.value if judged.actual else None
    known = [abs(value) for value in (actual, judged.path_value) if value is not None]
    thousands = target.unit == TONNES and max(known, default=0.0) >= SMALL
    unit = f"k{TONNES}" if thousands else target.unit

    scale = 1000.0 if thousands else 1.0
    usual = _decimals(actual, thousands=thousands, tonnes=target.unit == TONNES)
    place = judged.place
    if place is not None:
        usual = place + 3 * thousands if usual is None else min(usual, place + 3 * thousands)

    def write(value: float | None) -> str:
        return number(None if value is None else value / scale, lang, usual)

    if judged.gap is None:
        gap = write(None)
    elif usual is None:
        gap = ("+" if judged.gap > 0 else "") + write(judged.gap)
    else:
        gap = display_gap(judged.gap / scale, lang, usual)
    return Amounts(write(actual), write(judged.path_value), gap, unit.replace("CO2", "CO₂"))


def _decimals(actual: float | None, *, thousands: bool, tonnes: bool) -> int | None:
    """The decimals of a light's figures where grade and band are not known."""
    if thousands:
        return 0 if abs(actual or 0.0) >= 100_000 else 1
    return 0 if tonnes else None
