"""A scenario computed: its id read, its levers resolved, its years projected; CPU work runs in a
worker thread."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import anyio

from klima_balance.method.errors import InputError
from klima_balance.scenarios.actions.inputs import Start
from klima_balance.scenarios.model import Base
from klima_balance.scenarios.rules.contributions import Contributions, contributions
from klima_balance.scenarios.rules.definition import Definition, Resolved, resolve
from klima_balance.scenarios.rules.lever_table import ScenarioTables, overridden
from klima_balance.scenarios.rules.levers import Lever, LeverError
from klima_balance.scenarios.rules.projection import Projection, project
from klima_shared.http.etags import revision_etag
from klima_shared.http.problems import FieldError, Problem, invalid
from klima_shared.language.text import Text

HORIZON = 2045
_BUILT_IN = re.compile(
    r"(trend|climate_protection)\.([0-9A-Z]{8})\.(\d{4})\.v(\d{1,9})\.e([0-9a-z-]{1,20})"
)

TITLES = {
    "trend": Text("Trend: weiter wie bisher", "Trend: as before"),
    "climate_protection": Text(
        "Klimaschutz: klimaneutral bis 2045", "Climate protection: climate-neutral by 2045"
    ),
}
DESCRIPTIONS = {
    "trend": Text(
        "Sanierung, Effizienz und Umstieg gehen im heutigen Tempo weiter; der Strommix wird bundesweit sauberer. "
        "Landwirtschaft, Landnutzung, Prozesse und Bevölkerung bleiben wie im Basisjahr.",
        "Renovation, efficiency and switching go on at today's pace; the national electricity mix gets cleaner. "
        "Agriculture, land use, processes and population stay as in the base year.",
    ),
    "climate_protection": Text(
        "Heizungen, Fahrzeuge und Industrie werden bis 2045 elektrisch oder erneuerbar, Gebäude saniert, die umsetzbaren "
        "Potenziale von Wind und Sonne genutzt, Böden und Wald gestärkt. Landwirtschaft (ohne Energie), Prozesse und "
        "Bevölkerung bleiben wie im Basisjahr, weil es für sie keine belegte Annahme gibt.",
        "Heating, vehicles and industry turn electric or renewable by 2045, buildings are renovated, the realisable "
        "potentials of wind and sun are used, soils and forests strengthened. Agriculture (without energy), processes and "
        "population stay as in the base year, because there is no sourced assumption for them.",
    ),
}


@dataclass(frozen=True)
class BuiltIn:
    """What the id of a built-in scenario says: `trend.05974040.2021.v1.e2026-1`."""

    kind: str
    ags: str
    year: int
    version: int
    edition: str

    @property
    def id(self) -> str:
        return (
            f"{self.kind}.{self.ags}.{self.year}.v{self.version}.e{self.edition.replace('.', '-')}"
        )


def read_built_in(identity: str) -> BuiltIn | None:
    found = _BUILT_IN.fullmatch(identity)
    if found is None:
        return None
    kind, ags, year, version, edition = found.groups()
    return BuiltIn(kind, ags, int(year), int(version), edition.replace("-", "."))


@dataclass(frozen=True, eq=False)
class Found:
    """A scenario that exists: a built-in one (`row` is None) or a stored one."""

    id: str
    kind: str
    region: str
    definition: Definition
    base_year: int
    base_version: int | None
    horizon: int
    row: Mapping[str, Any] | None = None

    @property
    def published(self) -> bool:
        return self.row is None or self.row["state"] == "published"

    @property
    def etag(self) -> str | None:
        return None if self.row is None else revision_etag(self.row["id"], self.row["revision"])


@dataclass(frozen=True, eq=False)
class Model:
    """A scenario of one region with everything that can be computed from it."""

    start: Start
    base: Base
    definition: Definition
    resolved: Resolved
    horizon: int

    @property
    def levers(self) -> tuple[Lever, ...]:
        return self.resolved.levers

    @cached_property
    def projection(self) -> Projection:
        return project(self.base, self.levers, self.horizon)

    def contributions(
        self, against: Sequence[Lever] = (), years: Sequence[int] = ()
    ) -> Contributions:
        return contributions(self.base, against, self.levers, self.horizon, years)


def build(start: Start, tables: ScenarioTables, definition: Definition, horizon: int) -> Model:
    """Raises `InputError` for what can't be."""
    base = start.base(overridden(tables.parameters, definition.parameters))
    return Model(start, base, definition, resolve(definition, tables, base, horizon), horizon)


async def model(
    start: Start,
    tables: ScenarioTables,
    definition: Definition,
    horizon: int,
    rows: Sequence[Mapping[str, Any]] = (),
) -> Model:
    """`build` in a worker thread; 422 with the lever named. `rows`: the levers of the request, for
    the pointer."""
    try:
        return await anyio.to_thread.run_sync(build, start, tables, definition, horizon)
    except InputError as error:
        raise lever_problem(error, rows) from error


def lever_problem(error: InputError, rows: Sequence[Mapping[str, Any]] = ()) -> Problem:
    """422 that names the lever, what was found and what was expected."""
    if isinstance(error, LeverError):
        prop = error.field.rsplit(".", 1)[-1]
        text = Text(
            f"Hebel „{error.lever}“, {prop}: „{error.found}“ ist nicht möglich; erwartet wird: {error.expected.de}.",
            f"Lever “{error.lever}”, {prop}: “{error.found}” is not possible; expected: {error.expected.en}.",
        )
        at = next((i for i, row in enumerate(rows) if row.get("lever") == error.lever), None)
        pointer = f"/body/levers/{error.lever if at is None else at}/{prop}"
        if prop == "without":
            pointer = "/body/without"
        return invalid(text, FieldError(pointer, text), lever=error.lever)
    return invalid(error.text, FieldError("/body/" + error.field.replace(".", "/", 1), error.text))


def built_in(kind: str, start: Start, tables: ScenarioTables) -> Found:
    """The built-in scenario of a published balance."""
    identity = BuiltIn(kind, start.ags, start.year, start.version, tables.edition)
    return Found(identity.id, kind, start.ags, Definition(kind), start.year, start.version, HORIZON)
