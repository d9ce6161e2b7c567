"""A balance as a document and as the compact record from which `explain` works
later."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import numpy as np

from klima_balance.balances.rules.blocks import BlockRows
from klima_balance.balances.rules.conformity import Assessment
from klima_balance.engine.plants import coverage
from klima_balance.engine.quality import data_quality, wording
from klima_balance.engine.records import as_lists, factor_set_of, nulls
from klima_balance.engine.results import BLOCKS, CELL_MISSING, CELL_STATUS, GRADES, Balances
from klima_balance.method.equation import Floats
from klima_shared.codes.energy import Block, Carrier, Sector
from klima_shared.codes.labelled import Labelled
from klima_shared.codes.quality import Grade
from klima_shared.language.numbers import Lang
from klima_shared.look.digits import grade_of, place_of, rounded, worst_grade
from klima_shared.wire.json import Json, JsonObject

MEMO_LABEL: Final = {"de": "davon kommunaler Fuhrpark", "en": "of which municipal fleet"}


def cell_in_words(cell: Json, lang: Lang) -> list[str | float | None]:
    """A cell of BISKO as rows of tables begin: block, sector and carrier with their labels, energy
    and emissions."""
    sector, carrier = Sector(cell["sector"]), Carrier(cell["carrier"])
    codes = [Block.BISKO.value, sector.value, sector.label(lang)]
    energy, emissions = cell["final_energy_mwh"], cell["emissions_t_co2e"]
    return [*codes, carrier.value, carrier.label(lang), energy, emissions]


_DISPLAYED: Final = ("final_energy_mwh", "bisko_t_co2e", "bisko_t_co2e_per_inhabitant")
_BESIDE: Final = {
    "agriculture_t_co2e": "agriculture",
    "land_use_t_co2e": "land_use",
    "process_ets_t_co2": "process_ets",
    "waste_t_co2e": "waste",
    "renewable_generation_mwh": "renewables",
}
Sums = dict[str, list[float]]
_TOTALS: Final = (
    "final_energy_mwh",
    "bisko_t_co2e",
    "agriculture_t_co2e",
    "extended_t_co2e",
    "land_use_t_co2e",
    "net_with_land_use_t_co2e",
    "process_ets_t_co2",
    "waste_t_co2e",
    "renewable_generation_mwh",
    "electricity_use_mwh",
    "site_fuels_t_co2e",
)


def document(
    balances: Balances, region: str, language: Lang = "de", names: Mapping[str, Json] | None = None
) -> JsonObject:
    """One region's balance as JSON values. `names`: further fields of `region` (name, kind) by
    AGS."""
    return _Writer(balances, language, names, [balances.position[region]]).write(0)


def documents(
    balances: Balances, language: Lang = "de", names: Mapping[str, Json] | None = None
) -> Iterator[tuple[str, JsonObject]]:
    """(AGS, document) of every region, in ascending order."""
    writer = _Writer(balances, language, names, range(len(balances.regions)))
    for at in range(len(balances.regions)):
        yield str(balances.regions[at]), writer.write(at)


class _Writer:
    """Columns become lists once, so that writing a document is only the building of dicts."""

    def __init__(
        self,
        balances: Balances,
        language: Lang,
        names: Mapping[str, Json] | None,
        regions: Sequence[int],
    ) -> None:
        self.b, self.language, self.regions = balances, language, regions
        self.names = names or _names(balances)
        self.assessment = Assessment(balances, language)
        at = np.asarray(regions, dtype=np.intp)
        c = balances.cells
        self.energy, self.emissions = as_lists(c.energy[:, at]), as_lists(c.emissions[:, at])
        self.status, self.grade = c.status[:, at].T.tolist(), c.grade[:, at].T.tolist()
        self.counted = c.counted[:, at].T.tolist()
        self.quality = as_lists(data_quality(c.weighted, c.energy)[:, at])
        self.labels = [(Sector(s).label(language), Carrier(k).label(language)) for s, k in c.names]
        self.totals = {
            name: nulls(np.asarray(balances.total(name), dtype=np.float64)[at]) for name in _TOTALS
        }
        self.population = nulls(balances.totals.population[at])
        self.quality_by = {
            str(name): nulls(self._quality_by(name)[at])
            for name in {*Sector, *(carrier for _, carrier in c.names)}
        }
        t = balances.totals
        self.data_quality = nulls(data_quality(t.weighted_energy_mwh, t.final_energy_mwh)[at])
        generation = t.where_counted("renewables", t.renewable_generation_mwh)
        self.coverage = nulls(coverage(generation, t.electricity_use_mwh)[at])
        self.gaps = {
            block: getattr(t, f"{block}_gaps")[at].astype(int).tolist() for block in BLOCKS
        }
        self.blocks = {
            block: BlockRows(balances, block, at, language) for block in BLOCKS if block != "bisko"
        }

    def _quality_by(self, name: str) -> Floats:
        """The data quality of a sector or a carrier."""
        c = self.b.cells
        chosen = [i for i, cell in enumerate(c.names) if name in cell]
        return data_quality(c.weighted[chosen].sum(axis=0), c.energy[chosen].sum(axis=0))

    def write(self, n: int) -> JsonObject:
        b, at = self.b, self.regions[n]
        ags = str(b.regions[at])
        cells, missing, sectors, carriers = self._cells(n)
        population = self.population[n]
        totals = {name: values[n] for name, values in self.totals.items()}
        per_head = _ratio(totals["bisko_t_co2e"], population)
        quality = self.data_quality[n]
        blocks = {name: block.write(n) for name, block in self.blocks.items()}
        return {
            "region": {"ags": ags, **self.names.get(ags, {}), "population": _whole(population)},
            "year": b.year,
            "provisional": bool(self.assessment.standing.reasons(at)),
            "factor_set": factor_set_of(b),
            "totals": {
                **{k: totals[k] for k in ("final_energy_mwh", "bisko_t_co2e")},
                "final_energy_mwh_per_inhabitant": _ratio(totals["final_energy_mwh"], population),
                "bisko_t_co2e_per_inhabitant": per_head,
                **{
                    k: v for k, v in totals.items() if k not in ("final_energy_mwh", "bisko_t_co2e")
                },
                "renewable_coverage": self.coverage[n],
            },
            "complete": {block: not gaps[n] for block, gaps in self.gaps.items()},
            "sectors": self._sums("sector", Sector, sectors, n),
            "carriers": self._sums("carrier", Carrier, carriers, n),
            "cells": cells,
            "missing_cells": missing,
            "memo": self._memo(at),
            "blocks": blocks,
            "display": _displayed(
                totals | {"bisko_t_co2e_per_inhabitant": per_head}, quality, blocks
            ),
            "data_quality": quality,
            "data_quality_wording": wording(quality, self.language),
            "conformity": self.assessment.of(at),
            "members": self._members(at, ags),
            "options": b.options.to_dict(),
        }

    def _cells(self, n: int) -> tuple[list[JsonObject], list[JsonObject], Sums, Sums]:
        cells, missing = [], []
        sectors: Sums = {}
        carriers: Sums = {}
        energy, emissions, quality = self.energy[n], self.emissions[n], self.quality[n]
        status, grade, counted = self.status[n], self.grade[n], self.counted[n]
        for i, (sector, carrier) in enumerate(self.b.cells.names):
            if status[i] == 0:
                continue
            if status[i] == CELL_MISSING and not counted[i]:
                missing.append({"sector": sector, "carrier": carrier, "status": "missing"})
                continue
            q = quality[i]
            cells.append(
                {
                    "sector": sector,
                    "sector_label": self.labels[i][0],
                    "carrier": carrier,
                    "label": self.labels[i][1],
                    "final_energy_mwh": energy[i],
                    "emissions_t_co2e": emissions[i],
                    "status": CELL_STATUS[status[i]],
                    "grade": GRADES[grade[i]],
                    "data_quality": None if q != q else q,
                }
            )
            for sums, name in ((sectors, sector), (carriers, carrier)):
                total = sums.setdefault(name, [0.0, 0.0])
                total[0] += energy[i]
                total[1] += emissions[i]
        ordered = dict(sorted(carriers.items(), key=lambda item: Carrier(item[0]).rank))
        return cells, missing, sectors, ordered

    def _sums(self, name: str, codes: type[Labelled], sums: Sums, n: int) -> list[JsonObject]:
        """Energy and emissions by sector or by carrier."""
        return [
            {
                name: key,
                "label": codes(key).label(self.language),
                "final_energy_mwh": energy,
                "emissions_t_co2e": emissions,
                "data_quality": self.quality_by[key][n],
                "display": _rounded(
                    {"final_energy_mwh": energy, "emissions_t_co2e": emissions},
                    grade_of(self.quality_by[key][n]),
                ),
            }
            for key, (energy, emissions) in sums.items()
        ]

    def _memo(self, at: int) -> list[JsonObject]:
        """What is inside transport already: the municipal fleet, by carrier."""
        found: dict[str, list[float]] = {}
        for a in self.b.activities_of.get(at, ()):
            if a.kind == "memo":
                total = found.setdefault(a.carrier, [0.0, 0.0])
                total[0] += a.quantity
                total[1] += a.emissions
        return [
            {
                "item": "municipal_fleet",
                "label": MEMO_LABEL[self.language],
                "sector": Sector.TRANSPORT.value,
                "carrier": carrier,
                "final_energy_mwh": total[0],
                "emissions_t_co2e": total[1],
            }
            for carrier, total in sorted(found.items(), key=lambda item: Carrier(item[0]).rank)
        ]

    def _members(self, at: int, ags: str) -> JsonObject:
        b = self.b
        found: JsonObject = {"expected": int(b.expected[at]), "present": int(b.present[at])}
        return found | (
            {"regions": list(b.members[ags])} if b.is_sum and len(b.members[ags]) <= 100 else {}
        )


def _names(balances: Balances) -> dict[str, JsonObject]:
    table = balances.method.regions
    return {
        str(r): {"name": n, "kind": k}
        for r, n, k in zip(table["region"], table["name"], table["kind"], strict=True)
    }


def _displayed(
    totals: Mapping[str, float | None],
    quality: float | None,
    blocks: Mapping[str, list[JsonObject]],
) -> dict[str, float | None]:
    """The totals as they are displayed: BISKO's by its data quality, those beside it by their worst
    row."""
    own = {name: totals[name] for name in _DISPLAYED}
    beside = {
        name: _rounded({name: totals[name]}, worst_grade(blocks.get(block, ())))[name]
        for name, block in _BESIDE.items()
    }
    return {**_rounded(own, grade_of(quality)), **beside}


def _rounded(figures: Mapping[str, float | None], grade: Grade | None) -> dict[str, float | None]:
    return {
        name: None if value is None else rounded(value, place_of(value, grade))
        for name, value in figures.items()
    }


def _whole(value: float | None) -> int | None:
    return None if value is None else int(value)


def _ratio(value: float | None, per: float | None) -> float | None:
    return None if value is None or not per else value / per
