"""Traffic lights: the last known figure beside the path of its year. Missing or old data is never
shown as reached."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from klima_controlling.codes import Boundary, Direction, PathKind
from klima_controlling.targets.model import Law, Path, Point, Target
from klima_controlling.targets.rules import draw
from klima_shared.codes.lists import Light
from klima_shared.language.numbers import number
from klima_shared.language.text import Text

MOST_TIMES: Final = 10_000.0  # of the path value
OLDEST_YEARS: Final = (
    5  # a balance is due every three years, at most every five (CATALOGUE.md section 4)
)


@dataclass(frozen=True)
class Judged:
    """A light with everything it follows from."""

    target: Target
    light: Light
    actual: Point | None
    path: Path | None
    path_value: float | None
    gap: float | None
    gap_percent: float | None
    rule: Text
    word: Text


_WORDS: Final = {
    Light.GREEN: Text("auf dem Pfad", "on the path"),
    Light.YELLOW: Text("knapp neben dem Pfad", "slightly off the path"),
    Light.RED: Text("deutlich neben dem Pfad", "clearly off the path"),
    Light.UNKNOWN: Text("nicht zu beurteilen", "can't be judged"),
}
_ABOVE: Final = {
    Light.GREEN: Text("auf dem Pfad", "on the path"),
    Light.YELLOW: Text("knapp über dem Pfad", "slightly above the path"),
    Light.RED: Text("deutlich über dem Pfad", "clearly above the path"),
    Light.UNKNOWN: Text("nicht zu beurteilen", "can't be judged"),
}

_NOTHING: Final = {
    Boundary.TERRITORY: (
        "Unbekannt: Für dieses Gebiet ist noch keine Bilanz veröffentlicht. Sobald es eine gibt, steht hier, wie weit "
        "das Ziel ist.",
        "Unknown: no balance of this territory is published yet. As soon as there is one, this says how far the target "
        "is.",
    ),
    Boundary.ORGANISATION: (
        "Unbekannt: Für Verwaltung und Töchter ist noch keine eigene Bilanz veröffentlicht. Sobald es eine gibt, steht "
        "hier, wie weit das Ziel ist.",
        "Unknown: no balance of administration and holdings is published yet. As soon as there is one, this says how "
        "far the target is.",
    ),
}


def judge(
    target: Target, series: Sequence[Point], today_year: int, act: Law | None = None
) -> Judged:
    """The light of a target over the known figures (ascending years), on a day of `today_year`.
    `act`: the law's years and what the country had reached, for paths by law.
    """
    actual = series[-1] if series else None
    path = draw(target, series[0] if series else None, act)

    def unknown(de: str, en: str) -> Judged:
        words = _WORDS[Light.UNKNOWN]
        value = path.at(actual.year) if path and actual else None
        return Judged(target, Light.UNKNOWN, actual, path, value, None, None, Text(de, en), words)

    if actual is None:
        return unknown(*_NOTHING[target.boundary])
    if target.direction is Direction.NONE:
        return unknown(
            "Ohne Wertung: Diese Größe wird nur gezeigt.", "Not judged: this figure is only shown."
        )
    if (
        path is None
        and target.path is PathKind.LAW
        and target.base_reduction is None
        and act is None
    ):
        return unknown(
            "Unbekannt: Die Zahlen zum Bundes-Klimaschutzgesetz sind zurzeit nicht abrufbar.",
            "Unknown: the figures of the Federal Climate Change Act can't be read at the moment.",
        )
    if path is None:
        return unknown(
            "Unbekannt: Aus den vorliegenden Angaben lässt sich kein Pfad zeichnen.",
            "Unknown: no path can be drawn from what is known.",
        )
    if today_year - actual.year > OLDEST_YEARS:
        return unknown(
            f"Unbekannt: Die letzten Daten sind von {actual.year} und damit älter als {OLDEST_YEARS} Jahre.",
            f"Unknown: the last data is of {actual.year} and so older than {OLDEST_YEARS} years.",
        )
    wanted = path.at(actual.year)
    if wanted is None:
        return unknown(
            f"Unbekannt: Der Pfad beginnt erst {path.base.year}.",
            f"Unknown: the path begins in {path.base.year}.",
        )
    if len(series) == 1 and target.base is None:
        return unknown(
            f"Unbekannt: Es gibt erst eine Bilanz ({actual.year}); mit ihr beginnt der Pfad.",
            f"Unknown: there is only one balance ({actual.year}); the path begins with it.",
        )
    gap = actual.value - wanted
    worse = gap if target.direction is Direction.LOWER else -gap
    # Beside a path of next to nothing every gap is endless; a share that says nothing is left out.
    percent = gap / abs(wanted) * 100 if abs(gap) <= abs(wanted) * MOST_TIMES and wanted else None
    limit = abs(wanted) * target.tolerance_percent / 100
    light = Light.GREEN if worse <= 0 else Light.YELLOW if worse <= limit else Light.RED
    words = _ABOVE if target.direction is Direction.LOWER else _WORDS
    return Judged(
        target, light, actual, path, wanted, gap, percent, _rule(target, path), words[light]
    )


def _rule(target: Target, path: Path) -> Text:
    """The arithmetic in a sentence."""
    more = (
        Text("höchstens", "at most")
        if target.direction is Direction.LOWER
        else Text("mindestens", "at least")
    )
    over = (
        Text("darüber", "above")
        if target.direction is Direction.LOWER
        else Text("darunter", "below")
    )
    t, base, goal = target.tolerance_percent, path.base, path.points[-1]
    note = path.note or Text("", "")
    amount = partial(number, decimals=0 if abs(base.value) >= 100 else 1)
    return Text(
        f"Abstand = Wert − Pfadwert. Grün: {more.de} der Pfadwert; gelb: bis {t:g} % {over.de}; rot: mehr. "
        f"Pfad {target.path.de} von {amount(base.value)} {target.unit} ({base.year}) auf {amount(goal.value)} "
        f"({goal.year}). {note.de}".strip(),
        f"Gap = value − path value. Green: {more.en} the path value; yellow: up to {t:g} % {over.en}; red: more. "
        f"Path {target.path.en} from {amount(base.value)} {target.unit} ({base.year}) to {amount(goal.value)} "
        f"({goal.year}). {note.en}".strip(),
    )
