"""Conformity: a stored assessment against the BISKO rules with findings that name rule, cell and
reason.

`error` makes a balance non_conformant, `missing` makes it incomplete, `warning` and `info` change
nothing. It is an assessment against the published method, never a certificate. Municipal facilities
(KE) may be missing.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from klima_balance.engine.findings import READ, indicators, per_inhabitant
from klima_balance.engine.quality import data_quality
from klima_balance.engine.results import BLOCKS, Balances
from klima_balance.method.equation import Floats
from klima_shared.codes.lists import Carrier, Sector
from klima_shared.language.numbers import Lang, percent

Finding = dict[str, Any]
GRID_BOUND: Final = tuple(c for c in Carrier if c.grid_bound)
_ZERO: Final = 1e-9


def finding(rule: str, severity: str, reason: str, cell: str | None = None, **more: Any) -> Finding:
    return {"rule": rule, "severity": severity, "cell": cell, "reason": reason, **more}


class Assessment:
    """Conformity of all regions of a result; what does not depend on the region is computed
    once."""

    def __init__(self, balances: Balances, language: Lang = "de") -> None:
        self.balances = balances
        self._en = language == "en"
        self._language: Lang = language
        self._common = self._of_the_run()
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

    def of(self, at: int) -> dict[str, Any]:
        """`{"state", "findings"}` of the region at a position."""
        findings = [
            *self._common,
            *(item for item, here in self._required if not here[at]),
            *self._gaps(at),
            *self._members(at),
            *self._remarks(at),
            *(make(at) for make, here in self._bands if here[at]),
            *(item for item, here in self._grid if here[at]),
        ]
        return {"state": self.state(findings), "findings": findings}

    def _t(self, de: str, en: str) -> str:
        return en if self._en else de

    def _of_the_run(self) -> list[Finding]:
        b, t = self.balances, self._t
        header = b.method.factor_set(b.options.factor_set)
        found = []
        if header["kind"] != "bisko":
            found.append(
                finding(
                    "bisko_factor_set",
                    "error",
                    t(
                        f"Der Faktorensatz {header['id']} ist kein BISKO-Satz: nicht BISKO-konform.",
                        f"The factor set {header['id']} is no BISKO set: not conformant with BISKO.",
                    ),
                )
            )
        if header["state"] != "released":
            found.append(
                finding(
                    "released_factor_set",
                    "error",
                    t(
                        f"Der Faktorensatz {header['id']} ist nicht freigegeben.",
                        f"The factor set {header['id']} is not released.",
                    ),
                )
            )
        years = {line.national_year for line in b.lines if line.national_year is not None}
        for year in sorted(years - {b.year}):
            found.append(
                finding(
                    "national_energy_carried",
                    "warning",
                    t(
                        f"Bundesweiter Endenergieverbrauch von {year} statt {b.year} (nächstes Jahr der Tabelle).",
                        f"National final energy of {year} instead of {b.year} (nearest year of the table).",
                    ),
                )
            )
        carried = {
            (x.carrier, x.factor.year)
            for x in b.lines
            if x.block == "bisko" and x.factor and x.factor.carried
        }
        carried |= {
            (a.carrier, a.factor.year) for a in b.activities if a.factor and a.factor.carried
        }
        if carried:
            names = ", ".join(
                f"{Carrier(c).label(self._language)} ({y})"
                for c, y in sorted(carried, key=lambda p: Carrier(p[0]).rank)
            )
            found.append(
                finding(
                    "factor_carried",
                    "info",
                    t(
                        f"Emissionsfaktor aus einem anderen Jahr desselben Satzes: {names}.",
                        f"Emission factor of another year of the same set: {names}.",
                    ),
                )
            )
        return found

    def _of_required_cells(self) -> list[tuple[Finding, Any]]:
        b = self.balances
        label = b.method.required_cells["label_en" if self._en else "label_de"]
        reason = self._t("keine Angabe; fehlend ist nicht null", "no entry; missing is not zero")
        return [
            (finding("required_cell", "missing", f"{name}: {reason}", cell), b.filled[i])
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
            found.append(
                finding(
                    "statistic_missing",
                    "missing" if block == "bisko" else "warning",
                    self._t(
                        f"Summe unvollständig: {rows:g} Zeilen ohne Angabe zu {', '.join(names)}.",
                        f"Sum incomplete: {rows:g} rows without {', '.join(names)}.",
                    ),
                    block=block,
                    statistics=names,
                )
            )
        return found

    def _members(self, at: int) -> list[Finding]:
        b = self.balances
        if not b.is_sum or b.present[at] >= b.expected[at]:
            return []
        return [
            finding(
                "members",
                "missing",
                self._t(
                    f"{b.present[at]} von {b.expected[at]} Gemeinden sind in der Summe.",
                    f"{b.present[at]} of {b.expected[at]} municipalities are in the sum.",
                ),
            )
        ]

    def _remarks(self, at: int) -> list[Finding]:
        b, t = self.balances, self._t
        found = []
        scope = (
            "" if not b.is_sum else t(" ({n} von {m} Gemeinden)", " ({n} of {m} municipalities)")
        )
        for rule, severity, de, en in _REMARKS:
            n = int(b.flags[rule][at])
            if not n:
                continue
            item = finding(
                rule,
                severity,
                t(de, en).format(**self._numbers) + scope.format(n=n, m=int(b.present[at])),
            )
            if rule in self._indicators:
                item |= {
                    "found": float(self._indicators[rule][at]),
                    "limit": b.method.parameter(rule),
                }
            elif rule.startswith("statistic_") and b.statistics is not None:
                item["statistics"] = self._statistics(rule, at)
            found.append(item)
        return found

    @property
    def _numbers(self) -> dict[str, str]:
        p = self.balances.method.parameter
        lang: Lang = "en" if self._en else "de"
        return {
            "share": percent(p("start_band_share"), lang),
            "width": percent(p("start_band_width"), lang),
        }

    def _statistics(self, rule: str, at: int) -> list[dict[str, Any]]:
        stats = self.balances.statistics
        result: list[dict[str, Any]] = []
        if stats is None:
            return result
        for name in READ:
            origin = stats.provenance_of(name, at)
            if origin is None:
                continue
            hit = (
                origin.year != stats.year
                if rule == "statistic_carried"
                else origin.flag == _FLAG[rule]
            )
            if hit:
                more = {"note": origin.note} if origin.note and rule != "statistic_carried" else {}
                result.append({"statistic": name, "year": origin.year, **more})
        return result

    def _of_bands(self) -> list[tuple[Callable[[int], Finding], Any]]:
        """Plausibility bands in MWh per inhabitant; carriers and the total are stationary, without
        transport."""
        b = self.balances
        found: list[tuple[Callable[[int], Finding], Any]] = []
        stationary = [
            i for i, (sector, _) in enumerate(b.cells.names) if sector != Sector.TRANSPORT
        ]
        for row in b.method.plausibility.to_dict("records"):
            level, name = row["level"], row["id"]
            chosen = [
                i
                for i in stationary
                if level == "total" or b.cells.names[i][0 if level == "sector" else 1] == name
            ]
            if not chosen:
                continue
            value = per_inhabitant(b.cells.energy[chosen].sum(axis=0), b.totals.population)
            # Strictly outside by more than the noise of a sum: half a kWh per inhabitant is no
            # finding.
            outside = (value < row["minimum"] - _ZERO) | (value > row["maximum"] + _ZERO)
            outside &= b.cells.counted[chosen].sum(axis=0) > 0

            def make(at: int, row: Mapping[Any, Any] = row, value: Floats = value) -> Finding:
                name = f"{row['level']}.{row['id']}"
                band = f"{row['minimum']:g}-{row['maximum']:g} MWh"
                text = self._t(
                    f"{value[at]:.3g} MWh je Einwohner liegen außerhalb des Bandes {name} ({band}).",
                    f"{value[at]:.3g} MWh per inhabitant are outside the band {name} ({band}).",
                )
                return finding(
                    "plausibility_band",
                    "warning",
                    text,
                    band=name,
                    found=float(value[at]),
                    minimum=row["minimum"],
                    maximum=row["maximum"],
                )

            found.append((make, outside))
        return found

    def _grid_quality(self) -> list[tuple[Finding, Any]]:
        b = self.balances
        found = []
        for carrier in GRID_BOUND:
            chosen = [i for i, (_, name) in enumerate(b.cells.names) if name == carrier]
            energy = b.cells.energy[chosen].sum(axis=0)
            quality = data_quality(b.cells.weighted[chosen].sum(axis=0), energy)
            name = carrier.label(self._language)
            below = (energy > 0) & (quality < 1 - _ZERO)
            found.append(
                (
                    finding(
                        "grid_bound_grade",
                        "warning",
                        self._t(
                            f"{name} ist leitungsgebunden und sollte Güte A haben.",
                            f"{name} is grid-bound and should be of grade A.",
                        ),
                        carrier.value,
                    ),
                    below,
                )
            )
        return found


_FLAG: Final = {"statistic_corrected": "correction", "statistic_implausible": "implausible"}

_REMARKS: Final = (
    (
        "start_balance",
        "info",
        "Startbilanz aus bundesweiten Zahlen: etwa {share} veröffentlichter Summen liegen "
        "höchstens {width} davon entfernt.",
        "Start balance from national figures: about {share} of published totals lie within {width} of it.",
    ),
    (
        "site_fuels",
        "warning",
        "Kohle, sonstige Mineralölprodukte und sonstige fossile Energieträger der Industrie stehen als Schätzung bei den "
        "Anlagen des Emissionshandels und nicht im BISKO-Sektor Industrie.",
        "Coal, other petroleum and other fossil carriers of industry stand as an estimate with the plants of emissions "
        "trading and not in the BISKO sector industry.",
    ),
    (
        "warn_commercial_area",
        "warning",
        "Viel Industrie- und Gewerbefläche je Einwohner: die Startbilanz ist unsicher.",
        "Much industrial and commercial area per inhabitant: the start balance is uncertain.",
    ),
    (
        "warn_traffic_area",
        "warning",
        "Viel Verkehrsfläche je Einwohner: die Startbilanz ist unsicher.",
        "Much traffic area per inhabitant: the start balance is uncertain.",
    ),
    (
        "warn_district_heat",
        "warning",
        "Viele Wohnungen mit Fernwärme: die Startbilanz ist unsicher.",
        "Many flats on district heat: the start balance is uncertain.",
    ),
    (
        "heat_pump_power",
        "warning",
        "Der Antriebsstrom der Wärmepumpen ist größer als der Stromverbrauch des Sektors; er bleibt bei der Umweltwärme.",
        "The drive power of heat pumps exceeds the electricity of the sector; it stays with ambient heat.",
    ),
    (
        "statistic_carried",
        "info",
        "Statistik aus dem nächstgelegenen Jahr.",
        "Statistics of the nearest year.",
    ),
    (
        "statistic_corrected",
        "warning",
        "Unplausible Statistik durch eine begründete Korrektur ersetzt.",
        "Implausible statistics replaced by a correction with its reason.",
    ),
    (
        "statistic_implausible",
        "warning",
        "Eine als unplausibel gekennzeichnete Statistik geht ein.",
        "Statistics flagged as implausible are used.",
    ),
    (
        "shared_herd",
        "info",
        "Viehbestand des Landes nach Landwirtschaftsfläche verteilt (Güte D).",
        "Herd of the state shared out by agricultural area (grade D).",
    ),
)


def assess(balances: Balances, region: str, language: Lang = "de") -> dict[str, Any]:
    """`{"state", "findings"}` of one region."""
    return Assessment(balances, language).of(balances.position[region])
