"""A scenario computed and described: its levers resolved, its years projected, its answers in a
language. CPU work runs in a worker thread."""

import re
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from datetime import datetime
from functools import cached_property

import anyio

from klima_balance.scenarios.actions.start import Start
from klima_balance.scenarios.model.assumptions import HORIZON, Definition, Lever, ScenarioTables
from klima_balance.scenarios.model.base import Base
from klima_balance.scenarios.queries import StoredScenario
from klima_balance.scenarios.rules.contributions import METHOD, Contributions, contributions
from klima_balance.scenarios.rules.definition import Resolved, resolve
from klima_balance.scenarios.rules.document import contribution_rows, lever_rows, residual, yearly
from klima_balance.scenarios.rules.levers import LeverError
from klima_balance.scenarios.rules.projection import Projection, project
from klima_balance.scenarios.rules.shipped_levers import overridden
from klima_shared.http.etags import revision_etag
from klima_shared.http.problems import FieldError, Problem, invalid, invalid_at
from klima_shared.language.errors import InputError
from klima_shared.language.numbers import Lang
from klima_shared.language.text import Label, Text
from klima_shared.wire.json import JsonObject

SPLIT = Text(
    "Contribution of each lever by Shapley: the mean effect over all orders; the sum is the whole "
    "difference."
)
_BUILT_IN = re.compile(
    r"(trend|climate_protection)\.([0-9A-Z]{8})\.(\d{4})\.v(\d{1,9})\.e([0-9a-z-]{1,20})"
)

TITLES = {
    "trend": Label("Trend: weiter wie bisher", "Trend: as before"),
    "climate_protection": Text("Climate protection: energy and transport by 2045"),
}
DESCRIPTIONS = {
    "trend": Text(
        "Renovation, efficiency and switching go on at today's pace; the national electricity mix "
        "gets cleaner. Agriculture, land use, processes and population stay as in the base year."
    ),
    "climate_protection": Text(
        "Heating, vehicles and industry turn electric or renewable by 2045, buildings are "
        "renovated, the realisable potentials of wind and sun are used, soils and forests "
        "strengthened. Agriculture (without energy), processes and population stay as in the base "
        "year, because there is no sourced assumption for them: this is no path to climate "
        "neutrality of the whole."
    ),
}


@dataclass(frozen=True)
class BuiltIn:
    """What the id of a built-in scenario says: `trend.05974040.2021.v1.e2026-2`."""

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


def parse_built_in(identity: str) -> BuiltIn | None:
    match = _BUILT_IN.fullmatch(identity)
    if match is None:
        return None
    kind, ags, year, version, edition = match.groups()
    return BuiltIn(kind, ags, int(year), int(version), edition.replace("-", "."))


@dataclass(frozen=True, eq=False)
class Scenario:
    """A scenario that exists: a built-in one (`row` is None) or a stored one."""

    id: str
    kind: str
    region: str
    definition: Definition
    base_year: int
    base_version: int | None
    horizon: int
    row: StoredScenario | None = None

    @classmethod
    def of_row(cls, row: StoredScenario) -> "Scenario":
        definition = Definition.from_json(row.definition)
        place = (row.region, definition, row.base_year, None, row.horizon)
        return cls(str(row.id), "own", *place, row)

    @classmethod
    def built_in(cls, identity: BuiltIn) -> "Scenario":
        kind, ags, year, version, _ = astuple(identity)
        return cls(identity.id, kind, ags, Definition(kind), year, version, HORIZON)

    @property
    def published(self) -> bool:
        return self.row is None or self.row.state == "published"

    @property
    def etag(self) -> str | None:
        return None if self.row is None else revision_etag(self.row.id, self.row.revision)

    @property
    def links(self) -> dict[str, str]:
        base = f"/v1/scenarios/{self.id}"
        parts = ("results", "contributions", "targets", "uncertainty")
        files = {"chart": "chart.svg", "iamc": "iamc.csv", "datapackage": "datapackage.zip"}
        return {
            "self": base,
            **{name: f"{base}/{name}" for name in parts},
            **{name: f"{base}/{file}" for name, file in files.items()},
        }


@dataclass(frozen=True, eq=False)
class Model:
    """A scenario of one region with everything that can be computed from it."""

    start: Start
    base: Base
    tables: ScenarioTables
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

    @property
    def meta(self) -> JsonObject:
        """`meta` of the balance, with the edition of the scenario tables and the sources of the
        levers."""
        sources = (row.source for row in self.levers if row.source)
        return {
            **self.start.meta(self.tables, sources),
            "balance_id": str(self.start.balance_id),
            "balance_version": self.start.version,
        }


def build(start: Start, tables: ScenarioTables, definition: Definition, horizon: int) -> Model:
    """Raises `InputError` for what can't be."""
    base = start.base(overridden(tables.parameters, definition.parameters))
    resolved = resolve(definition, tables, base, horizon)
    return Model(start, base, tables, definition, resolved, horizon)


async def compute_model(
    start: Start,
    tables: ScenarioTables,
    definition: Definition,
    horizon: int,
    rows: Sequence[JsonObject] = (),
) -> Model:
    """`build` in a worker thread; 422 with the lever named. `rows`: the levers of the request, for
    the pointer."""
    try:
        return await anyio.to_thread.run_sync(build, start, tables, definition, horizon)
    except InputError as error:
        raise lever_problem(error, rows) from error


def lever_problem(error: InputError, rows: Sequence[JsonObject] = ()) -> Problem:
    """422 that names the lever, what was found and what was expected."""
    if isinstance(error, LeverError):
        prop = error.place.field.rsplit(".", 1)[-1]
        text = Text(
            "Lever “{lever}”, {prop}: “{found}” is not possible; expected: {expected}.",
            lever=error.lever,
            prop=prop,
            found=error.found,
            expected=error.expected,
        )
        at = next((i for i, row in enumerate(rows) if row.get("lever") == error.lever), None)
        pointer = f"/body/levers/{error.lever if at is None else at}/{prop}"
        if prop == "without":
            pointer = "/body/without"
        return invalid(text, FieldError(pointer, text), lever=error.lever)
    return invalid_at("/body/" + error.place.field.replace(".", "/", 1), error.text)


@dataclass(frozen=True, eq=False)
class Computed:
    """A scenario with its model: what answers are made of."""

    scenario: Scenario
    model: Model

    def head(self, lang: Lang) -> JsonObject:
        """What identifies a scenario."""
        one, row, start = self.scenario, self.scenario.row, self.model.start
        return {
            "id": one.id,
            "kind": one.kind,
            "title": TITLES[one.kind].get(lang) if row is None else row.title,
            "description": DESCRIPTIONS[one.kind].get(lang) if row is None else row.description,
            "state": "published" if row is None else row.state,
            "version": one.base_version if row is None else row.version,
            "revision": None if row is None else row.revision,
            "based_on": None if row is None else row.based_on,
            "region": start.region_head,
            "base_year": one.base_year,
            "horizon": one.horizon,
            "published_at": start.document["published_at"]
            if row is None
            else _time(row.published_at),
        }

    def about(self, lang: Lang) -> JsonObject:
        """What every answer about the scenario begins with."""
        head = self.head(lang)
        return {"scenario": head, "region": head["region"]}

    def described(self, lang: Lang) -> JsonObject:
        """A scenario with every lever and every parameter, each with source and certainty."""
        changes = self.scenario.definition.to_json()
        del changes["kind"]
        return {
            **self.head(lang),
            "levers": lever_rows(self.model.levers, lang),
            "parameters": [p.to_json(lang) for p in self.model.resolved.used],
            "changes": changes,
            "links": self.scenario.links,
            "meta": self.model.meta,
        }

    def results(self, lang: Lang) -> JsonObject:
        """Every year to the horizon; the first one is the balance itself. With what is left and
        which levers brought it there."""
        model, horizon = self.model, self.scenario.horizon
        years = yearly(model.projection, lang)
        rows = contribution_rows(model.contributions(years=[horizon]), lang)
        return {
            **self.about(lang),
            "base_year": self.scenario.base_year,
            "horizon": horizon,
            "years": years,
            "residual": residual(years[-1]),
            "contributions": {**rows, "method": METHOD, "explanation": SPLIT.get(lang)},
            "meta": model.meta,
        }


def _time(value: datetime | None) -> str | None:
    return None if value is None else value.isoformat().replace("+00:00", "Z")
