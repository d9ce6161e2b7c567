"""What a scenario or a potential starts from: a published balance, and official figures of the
region and its members."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import numpy as np
import orjson
import pandas as pd
from sqlalchemy.ext.asyncio import AsyncConnection

from klima_balance.balances.actions.inputs import method_with
from klima_balance.balances.queries import balances
from klima_balance.engine.allocation import key_totals
from klima_balance.engine.observations import wide
from klima_balance.engine.statistics import LONG_COLUMNS
from klima_balance.method.equation import Floats
from klima_balance.method.model import Method
from klima_balance.regions import queries as regions
from klima_balance.regions.queries import Region
from klima_balance.scenarios.model.assumptions import Parameter, ScenarioTables
from klima_balance.scenarios.model.base import Base, Place, Site
from klima_balance.scenarios.rules.base import base_of_documents
from klima_balance.scenarios.rules.potentials import realisable_kw
from klima_shared.http.problems import not_found
from klima_shared.language.text import Label, Text
from klima_shared.wire.json import JsonObject

AREAS = (
    "living_area_1000m2",
    "flats_total",
    "residential_buildings",
    "land_area_ha",
    "agricultural_area_ha",
)
INSTALLED = {
    "photovoltaics": "pv_kw",
    "wind": "wind_kw",
    "biomass": "biomass_kw",
    "hydro": "hydro_kw",
}


@dataclass(frozen=True, eq=False)
class Start:
    """One region's published balance with the official figures beside it, ready to be computed
    with."""

    region: Region
    balance_id: UUID
    version: int
    document: JsonObject
    method: Method
    figures: pd.DataFrame
    leaves: Sequence[str]

    @property
    def ags(self) -> str:
        return self.region.ags

    @property
    def year(self) -> int:
        return int(self.document["year"])

    @property
    def region_head(self) -> JsonObject:
        return {
            "ags": self.ags,
            "name": self.region.name,
            "kind": self.region.kind,
            "population": self.document["region"]["population"],
        }

    def meta(self, tables: ScenarioTables, sources: Iterable[str]) -> JsonObject:
        """`meta` of the balance with further sources and the edition of the scenario tables."""
        meta = dict(self.document["meta"])
        return {
            **meta,
            "sources": list(dict.fromkeys([*meta["sources"], *sources])),
            "scenario_edition": tables.edition,
            "scenario_digest": tables.digest,
        }

    @property
    def national_population(self) -> float:
        return key_totals(self.method, self.year)[0]["population"]

    def place(self) -> Place:
        """Areas of the region itself where they are published, else the sum of its members (all of
        them or none)."""
        values = _summed(self.figures, self.year, self.ags, self.leaves, AREAS)
        rows = {r["category"]: r for r in self.document["blocks"]["renewables"]}
        return Place(
            {name: np.asarray([value]) for name, value in values.items()},
            _column(rows, "installed_kw"),
            _column(rows, "generation_mwh"),
            1,
        )

    def base(self, parameters: Mapping[str, Parameter]) -> Base:
        """The base of scenarios; what can be realised follows from the parameters of the run."""
        place = self.place()
        growth = {
            t: np.asarray([_growth(self.figures, s, self.leaves, self.year)])
            for t, s in INSTALLED.items()
        }
        site = Site(place.of("living_area_1000m2"), realisable_kw(place, parameters), growth)
        return base_of_documents([self.document], self.method, site)


def _column(rows: Mapping[str, JsonObject], name: str) -> dict[str, Floats]:
    """A figure of every technology of the block; NaN where it is not known."""
    values = {t: rows.get(t, {}).get(name) for t in INSTALLED}
    return {t: np.asarray([np.nan if v is None else float(v)]) for t, v in values.items()}


def _summed(
    figures: pd.DataFrame, year: int, ags: str, leaves: Sequence[str], names: Sequence[str]
) -> dict[str, float]:
    rows = figures[figures["statistic"].isin(names)]
    table = wide(rows, year, regions=sorted({ags, *leaves}))
    at = {str(key): i for i, key in enumerate(table.regions)}
    members: list[int] = [at[leaf] for leaf in leaves]
    values: dict[str, float] = {}
    for name in names:
        column: Floats = table.column(name)
        own = float(column[at[ags]])
        values[name] = own if own == own else float(np.sum(column[members]))
    return values


def _growth(figures: pd.DataFrame, statistic: str, leaves: Sequence[str], year: int) -> float:
    """KW added a year from the figure nearest to the base year to the newest one, summed over the
    members.

    Only between two years that the register gives plausibly; a decline counts as no growth.
    """
    rows = figures[
        (figures["statistic"] == statistic)
        & figures["region"].isin(leaves)
        & (figures["flag"] == "")
    ]
    total = 0.0
    for _, own in rows.groupby("region"):
        by_year = {int(y): float(v) for y, v in zip(own["year"], own["value"], strict=True)}
        first, last = min(by_year, key=lambda y: (abs(y - year), y)), max(by_year)
        if last > first:
            total += max((by_year[last] - by_year[first]) / (last - first), 0.0)
    return total


async def load_start(
    connection: AsyncConnection,
    method: Method,
    ags: str,
    year: int | None = None,
    version: int | None = None,
) -> Start:
    """The published balance of a region: of a year, or of the newest one. 404 for no region or no
    balance."""
    region = await regions.get(connection, ags)
    wanted = year if year is not None else await balances.newest_year(connection, ags)
    row = None if wanted is None else await balances.published(connection, ags, wanted, version)
    if row is None:
        when = "" if year is None else f" für das Jahr {year}"
        when_en = "" if year is None else f" for the year {year}"
        raise not_found(
            Text(
                "No balance is published for {ags}{when}; without one there are no potentials and "
                "no scenarios.",
                ags=ags,
                when=Label(when, when_en),
            )
        )
    document = orjson.loads(row.document)
    leaves = [ags] if region.leaf else await regions.leaves(connection, ags, document["year"])
    names = [*AREAS, *INSTALLED.values()]
    rows = await regions.figures(connection, sorted({ags, *leaves}), names)
    figures = pd.DataFrame([r._asdict() for r in rows], columns=list(LONG_COLUMNS))
    table = await method_with(connection, method, document["factor_set"]["id"])
    return Start(region, row.id, row.version_number, document, table, figures, leaves)
