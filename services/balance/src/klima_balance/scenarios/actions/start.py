"""What a scenario or a potential starts from: a published balance, and official figures of the
region and its members."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final
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
MOST_PARTS: Final = 1000
"""Above so many members (a large state, Germany) a region is looked at as a whole."""
INSTALLED = {
    "photovoltaics": "pv_kw",
    "wind": "wind_kw",
    "biomass": "biomass_kw",
    "hydro": "hydro_kw",
}


@dataclass(frozen=True, eq=False)
class Start:
    """One region's published balance with the official figures beside it, ready to be computed
    with.

    `parts`: what its potentials are the sum of: the published balances of its members, or its own.
    """

    region: Region
    balance_id: UUID
    version: int
    document: JsonObject
    method: Method
    figures: pd.DataFrame
    parts: Sequence[JsonObject]

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

    @cached_property
    def place(self) -> Place:
        """Areas and plants of the parts, in their order."""
        keys = [str(part["region"]["ags"]) for part in self.parts]
        table = wide(self.figures, self.year, regions=sorted(keys))
        at = np.searchsorted(table.regions, np.asarray(keys))
        values = {name: table.column(name)[at] for name in AREAS}
        return Place(values, self._plants("installed_kw"), self._plants("generation_mwh"), len(at))

    def _plants(self, name: str) -> dict[str, Floats]:
        """A figure of every technology by part; NaN where it is not known."""
        rows = [{r["category"]: r for r in part["blocks"]["renewables"]} for part in self.parts]
        found = {t: [part.get(t, {}).get(name) for part in rows] for t in INSTALLED}
        return {t: np.asarray(values, dtype=np.float64) for t, values in found.items()}

    def part_base(self) -> Base:
        """The base of potentials: the parts beside each other."""
        site = Site(self.place.of("living_area_1000m2"))
        return base_of_documents(self.parts, self.method, site)

    def base(self, parameters: Mapping[str, Parameter]) -> Base:
        """The base of scenarios; what can be realised follows from the parameters of the run."""
        place = self.place
        keys = [str(part["region"]["ags"]) for part in self.parts]
        growth = {
            t: np.asarray([_growth(self.figures, s, keys, self.year)]) for t, s in INSTALLED.items()
        }
        living_area = np.asarray([np.sum(place.of("living_area_1000m2"))])
        possible = realisable_kw(place, parameters)
        realisable = {t: np.asarray([np.sum(kw)]) for t, kw in possible.items()}
        site = Site(living_area, realisable, growth)
        return base_of_documents([self.document], self.method, site)


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
    parts = [document]
    if not region.leaf:
        leaves = await regions.leaves(connection, ags, document["year"])
        if len(leaves) <= MOST_PARTS:
            asked = await balances.published_until(
                connection, leaves, int(document["year"]), row.published_at
            )
            parts = [orjson.loads(content) for content in asked] or parts
    names = [*AREAS, *INSTALLED.values()]
    keys = [str(part["region"]["ags"]) for part in parts]
    rows = await regions.figures(connection, keys, names)
    figures = pd.DataFrame([r._asdict() for r in rows], columns=list(LONG_COLUMNS))
    table = await method_with(connection, method, document["factor_set"]["id"])
    return Start(region, row.id, row.version_number, document, table, figures, parts)
