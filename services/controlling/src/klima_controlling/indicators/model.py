"""Indicators: their definition, their value for a territory and year, and what it is compared
with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from statistics import fmean
from typing import Final

from klima_controlling.base.model import Direction, IndicatorKind, Origin, ValueState
from klima_controlling.formulas.inputs import LABELS, Inputs
from klima_controlling.formulas.rules import evaluate
from klima_shared.codes.quality import Grade
from klima_shared.language.text import Label, Text
from klima_shared.look.digits import grade_of
from klima_shared.revisions.model import Stamps
from klima_shared.wire.json import Json

SIMILAR: Final = 4  # how many municipalities are shown as similar ones


@dataclass(frozen=True)
class Indicator:
    """`formula` None: values are entered by hand. `share`: a percentage that can't exceed 100."""

    code: str
    position: int
    name: Text
    unit: str
    definition: str
    kind: IndicatorKind
    level: str
    direction: Direction
    formula: str | None
    normaliser: str | None = None
    interval_months: int = 12
    owner: str = ""
    share: bool = False
    certainty: str = ""
    source: str = ""
    revision: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredIndicator(Stamps):
    """A row of `indicator`."""

    code: str
    position: int
    name_de: str
    name_en: str
    unit: str
    definition: str
    kind: str
    level: str
    direction: str
    formula: str | None
    normaliser: str | None
    interval_months: int
    owner: str
    share: bool
    certainty: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredValue:
    """A row of `indicator_value`: a correction is another row with the next revision."""

    id: int
    indicator: str
    boundary: str
    key: str
    region: str
    period: str
    value: float
    quality: str | None
    state: str
    source: str
    note: str | None
    revision: int
    created_at: datetime
    created_by: str


@dataclass(frozen=True)
class Value:
    """One value, or why there is none. `inputs` and `versions` say what it was computed from."""

    indicator: str
    key: str
    period: str
    value: float | None
    origin: Origin
    state: ValueState
    quality: Grade | None = None
    revision: int = 1
    reason: Text | None = None
    source: str = ""
    inputs: Mapping[str, float] = field(default_factory=dict)
    versions: Json = field(default_factory=dict)


def compute(
    indicator: Indicator, key: str, period: str, inputs: Inputs, quality: float | None = None
) -> Value:
    """The value from the formula; unknown with a reason where an input is missing or a share
    exceeds 100 %."""
    base = Value(indicator.code, key, period, None, Origin.COMPUTED, ValueState.FINAL)
    if indicator.formula is None:
        return replace(base, reason=Text("No value has been entered yet."))
    outcome = evaluate(indicator.formula, inputs)
    reason = outcome.reason
    if outcome.missing:
        de = ", ".join(LABELS[n].de if n in LABELS else n for n in outcome.missing)
        en = ", ".join(LABELS[n].en if n in LABELS else n for n in outcome.missing)
        reason = Text("Missing: {text}.", text=Label(de, en))
    value = outcome.value
    if value is not None and (problem := refusal(indicator, value)) is not None:
        value, reason = None, problem
    # What is unknown has no quality.
    grade = None if value is None else grade_of(quality)
    return replace(base, value=value, reason=reason, inputs=outcome.inputs, quality=grade)


def refusal(indicator: Indicator, value: float) -> Text | None:
    """Why a value can't be one of this indicator; None when it can."""
    if indicator.share and not 0 <= value <= 100:
        return Text(
            "{name}: a share lies between 0 and 100 %, found was {value:g} %.",
            name=indicator.name,
            value=value,
        )
    return None


@dataclass(frozen=True)
class Comparison:
    """The county's own value, the unweighted mean of its municipalities that have one, and the
    most similar ones by size and area."""

    county_value: float | None
    mean: float | None
    counted: int
    expected: int
    similar: tuple[tuple[str, float | None], ...]


def compare(
    key: str,
    values: Mapping[str, float | None],
    sizes: Mapping[str, tuple[float | None, float | None]],
    county_value: float | None,
) -> Comparison:
    """`values` by municipality, `sizes`: (population, area). The mean counts only known values and
    says how many."""
    known = [value for value in values.values() if value is not None]
    near = similar(key, sizes)
    rows = tuple((other, values.get(other)) for other in near)
    return Comparison(county_value, fmean(known) if known else None, len(known), len(values), rows)


def similar(key: str, sizes: Mapping[str, tuple[float | None, float | None]]) -> list[str]:
    """Municipalities nearest in population and area: by the larger of the two ratios, AGS at a
    tie."""
    mine = sizes.get(key)
    if mine is None or not mine[0] or not mine[1]:
        return []

    def distance(other: tuple[float | None, float | None]) -> float | None:
        ratios = []
        for own, its in zip(mine, other, strict=True):
            if not own or not its:
                return None
            ratios.append(max(own / its, its / own))
        return max(ratios)

    rated = [
        (d, ags) for ags, size in sizes.items() if ags != key and (d := distance(size)) is not None
    ]
    return [ags for _, ags in sorted(rated)[:SIMILAR]]


def current(values: Sequence[Value]) -> Value | None:
    """The newest revision; the values are of one indicator, place and period."""
    return max(values, key=lambda v: v.revision, default=None)
