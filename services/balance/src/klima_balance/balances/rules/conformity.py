"""Conformity: a stored assessment against the BISKO rules with findings that name rule, cell and
reason.

`error` makes a balance non_conformant, `missing` makes it incomplete, `warning` and `info` change
nothing. It is an assessment against the published method, never a certificate. Municipal facilities
(KE) may be missing.
"""

from collections.abc import Callable, Hashable, Mapping
from functools import partial
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from klima_balance.balances.rules.flags import FLAG_FINDINGS, STATISTIC_FLAGS
from klima_balance.balances.rules.standing import Standing
from klima_balance.engine.findings import READ, indicators, per_inhabitant
from klima_balance.engine.quality import data_quality
from klima_balance.engine.results import BLOCKS, Balances
from klima_balance.method.equation import Floats
from klima_shared.codes.energy import Carrier, Sector
from klima_shared.language.numbers import Lang, percent
from klima_shared.language.text import Text
from klima_shared.wire.json import JsonObject

Finding = JsonObject
GRID_BOUND: Final = tuple(c for c in Carrier if c.grid_bound)
Where = npt.NDArray[np.bool_]
"""In which regions a finding holds."""
_ZERO: Final = 1e-9


class Assessment:
    """Conformity of all regions of a result; what does not depend on the region is computed
    once."""

    def __init__(self, balances: Balances, language: Lang = "de") -> None:
        self.balances = balances
        self._language: Lang = language
        self.standing = Standing(balances)
        self._common = self._of_the_run()
        numbers = self._numbers()
        self._reasons = {
            rule: text.fill(**numbers).get(language) for rule, (_, text) in FLAG_FINDINGS.items()
        }
        self._required = self._of_required_cells()
        self._bands = self._of_bands()
        self._grid = self._grid_quality()
        self._indicators: Mapping[str, Floats] = (
            indicators(balances.statistics) if balances.statistics else {}
        )

    @staticmethod
    def state(findings: list[Finding]) -> str:
        """What the severities of findings amount to."""
        severities = {item["severity"] for item in findings}
        if "error" in severities:
            return "non_conformant"
        return "incomplete" if "missing" in severities else "conformant"

    def of(self, at: int) -> JsonObject:
        """`{"state", "findings"}` of the region at a position."""
        findings = [
            *self._common,
            *self._years(at),
            *(item for item, here in self._required if not here[at]),
            *self._gaps(at),
            *self._members(at),
            *self._flags(at),
            *(make(at) for make, here in self._bands if here[at]),
            *(item for item, here in self._grid if here[at]),
        ]
        return {"state": self.state(findings), "findings": findings}

    def _finding(
        self, rule: str, severity: str, reason: Text, cell: str | None = None, **more: Any
    ) -> Finding:
        said = reason.get(self._language)
        return {"rule": rule, "severity": severity, "cell": cell, "reason": said, **more}

    def _of_the_run(self) -> list[Finding]:
        b, make = self.balances, self._finding
        header = b.method.factor_set(b.options.factor_set)
        found = []
        if header["kind"] != "bisko":
            text = Text(
                "The factor set {id} is no BISKO set: not conformant with BISKO.", id=header["id"]
            )
            found.append(make("bisko_factor_set", "error", text))
        if header["state"] != "released":
            text = Text("The factor set {id} is not released.", id=header["id"])
            found.append(make("released_factor_set", "error", text))
        factors = [(x.carrier, x.factor) for x in b.lines if x.block == "bisko"]
        factors += [(a.carrier, a.factor) for a in b.activities]
        carried = {(carrier, f.year) for carrier, f in factors if f is not None and f.carried}
        if carried:
            names = ", ".join(
                f"{Carrier(c).label(self._language)} ({y})"
                for c, y in sorted(carried, key=lambda p: Carrier(p[0]).rank)
            )
            text = Text("Emission factor of another year of the same set: {names}.", names=names)
            found.append(make("factor_carried", "info", text))
        return found

    def _years(self, at: int) -> list[Finding]:
        """What is not known of the year itself."""
        standing, found = self.standing, []
        if standing.energy_carried(at):
            text = Text(
                "National final energy of {year} instead of {wanted} (nearest year of the table).",
                year=standing.energy_year,
                wanted=self.balances.year,
            )
            found.append(self._finding("national_energy_carried", "warning", text))
        found += [self._finding("provisional", "info", text) for text in standing.reasons(at)]
        return found

    def _of_required_cells(self) -> list[tuple[Finding, Where]]:
        b = self.balances
        label = b.method.required_cells[f"label_{self._language}"]
        return [
            (
                self._finding(
                    "required_cell",
                    "missing",
                    Text("{name}: no entry; missing is not zero", name=name),
                    cell,
                ),
                b.filled[i],
            )
            for i, (cell, name) in enumerate(
                zip(b.method.required_cells["cell"], label, strict=True)
            )
        ]

    def _gaps(self, at: int) -> list[Finding]:
        b = self.balances
        found = []
        for block in BLOCKS:
            rows = float(getattr(b.totals, f"{block}_gaps")[at])
            if not rows:
                continue
            names = sorted(
                {
                    line.key
                    for i, line in enumerate(b.lines)
                    if line.block == block and not line.memo and b.gaps[i, at]
                }
            )
            text = Text(
                "Sum incomplete: {rows:g} rows without {names}.", rows=rows, names=", ".join(names)
            )
            severity = "missing" if block == "bisko" else "warning"
            item = self._finding("statistic_missing", severity, text)
            found.append(item | {"block": block, "statistics": names})
        return found

    def _members(self, at: int) -> list[Finding]:
        b = self.balances
        if not b.is_sum or b.present[at] >= b.expected[at]:
            return []
        text = Text(
            "{present} of {expected} municipalities are in the sum.",
            present=b.present[at],
            expected=b.expected[at],
        )
        return [self._finding("members", "missing", text)]

    def _flags(self, at: int) -> list[Finding]:
        b = self.balances
        found = []
        for rule, (severity, _) in FLAG_FINDINGS.items():
            n = int(b.flags[rule][at])
            if not n:
                continue
            reason = self._reasons[rule]
            if b.is_sum:
                scope = Text(" ({n} of {m} municipalities)", n=n, m=int(b.present[at]))
                reason += scope.get(self._language)
            item: Finding = {"rule": rule, "severity": severity, "cell": None, "reason": reason}
            if rule in self._indicators:
                item["found"] = float(self._indicators[rule][at])
                item["limit"] = b.method.parameter(rule)
            elif rule.startswith("statistic_") and b.statistics is not None:
                item["statistics"] = self._statistics(rule, at)
            found.append(item)
        return found

    def _numbers(self) -> dict[str, str]:
        p = self.balances.method.parameter
        return {
            "share": percent(p("start_band_share"), self._language),
            "width": percent(p("start_band_width"), self._language),
        }

    def _statistics(self, rule: str, at: int) -> list[JsonObject]:
        stats = self.balances.statistics
        result: list[JsonObject] = []
        if stats is None:
            return result
        for name in READ:
            origin = stats.provenance_of(name, at)
            if origin is None:
                continue
            hit = (
                origin.year != stats.year
                if rule == "statistic_carried"
                else origin.flag == STATISTIC_FLAGS[rule]
            )
            if hit:
                more = {"note": origin.note} if origin.note and rule != "statistic_carried" else {}
                result.append({"statistic": name, "year": origin.year, **more})
        return result

    def _of_bands(self) -> list[tuple[Callable[[int], Finding], Where]]:
        """Plausibility bands in MWh per inhabitant; carriers and the total are stationary, without
        transport."""
        b, names = self.balances, self.balances.cells.names
        found: list[tuple[Callable[[int], Finding], Where]] = []
        stationary = [i for i, (sector, _) in enumerate(names) if sector != Sector.TRANSPORT]
        for row in b.method.plausibility.to_dict("records"):
            chosen = [i for i in stationary if row["level"] == "total" or row["id"] in names[i]]
            if not chosen:
                continue
            value = per_inhabitant(b.cells.energy[chosen].sum(axis=0), b.totals.population)
            # Strictly outside by more than the noise of a sum: half a kWh per inhabitant is no
            # finding.
            outside = (value < row["minimum"] - _ZERO) | (value > row["maximum"] + _ZERO)
            outside &= b.cells.counted[chosen].sum(axis=0) > 0
            found.append((partial(self._outside_band, row, value), outside))
        return found

    def _outside_band(self, row: Mapping[Hashable, Any], value: Floats, at: int) -> Finding:
        name = f"{row['level']}.{row['id']}"
        limits = {"minimum": row["minimum"], "maximum": row["maximum"]}
        text = Text(
            "{value:.3g} MWh per inhabitant are outside the band {name} ({band}).",
            value=value[at],
            name=name,
            band=f"{row['minimum']:g}-{row['maximum']:g} MWh",
        )
        item = self._finding("plausibility_band", "warning", text)
        return item | {"band": name, "found": float(value[at]), **limits}

    def _grid_quality(self) -> list[tuple[Finding, Where]]:
        b = self.balances
        found = []
        for carrier in GRID_BOUND:
            chosen = [i for i, (_, name) in enumerate(b.cells.names) if name == carrier]
            energy = b.cells.energy[chosen].sum(axis=0)
            quality = data_quality(b.cells.weighted[chosen].sum(axis=0), energy)
            name = carrier.label(self._language)
            below = (energy > 0) & (quality < 1 - _ZERO)
            text = Text("{name} is grid-bound and should be of grade A.", name=name)
            item = self._finding("grid_bound_grade", "warning", text, carrier.value)
            found.append((item, below))
        return found


def assess(balances: Balances, region: str, language: Lang = "de") -> JsonObject:
    """`{"state", "findings"}` of one region."""
    return Assessment(balances, language).of(balances.position[region])
