"""What to ask for next: the cells whose better data would raise the data quality of a balance most,
ranked."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from klima_balance.engine.quality import WEIGHT
from klima_shared.codes.energy import Carrier, Sector
from klima_shared.codes.quality import Grade
from klima_shared.language.text import Label, Text
from klima_shared.wire.json import Json

_WHO: Final = {
    "network": (Grade.A, Text("Network operators: delivered quantities")),
    "sweeps": (Grade.B, Text("Chimney sweeps: boilers by power and fuel")),
    "funding": (
        Grade.B,
        Text("Funding and network data: collector area, electricity of heat pumps"),
    ),
    "buildings": (
        Grade.A,
        Label("Gebäudewirtschaft: Jahresabrechnungen", "Building office: annual bills"),
    ),
    "traffic": (Grade.B, Text("Traffic model or counts: mileage on the territory")),
    "plants": (Grade.B, Text("Plants and authority: fuel quantities")),
}


@dataclass(frozen=True)
class Todo:
    """One cell to improve. `gain` is in points of the data quality (0 to 1); `after` is the quality
    with all up to it."""

    rank: int
    sector: str
    carrier: str
    final_energy_mwh: float
    data_quality: float
    reachable_grade: str
    who: Text
    gain: float
    after: float


def todo_list(document: Json) -> Sequence[Todo]:
    """Ranked list for a balance document; a cell that has what can be reached is not on it.

    The gain of a cell is (weight of the reachable grade - its quality) x its energy / all energy.
    """
    total = sum(cell["final_energy_mwh"] for cell in document["cells"])
    found = []
    for cell in document["cells"]:
        grade, who = _WHO[_kind(cell["sector"], cell["carrier"])]
        quality = cell["data_quality"] or 0.0
        gain = (
            (WEIGHT[grade.value] - quality) * cell["final_energy_mwh"] / total if total > 0 else 0.0
        )
        if gain > 1e-12:
            found.append((gain, cell, grade, who, quality))
    found.sort(key=lambda row: (-row[0], row[1]["sector"], row[1]["carrier"]))
    after, result = document["data_quality"] or 0.0, []
    for rank, (gain, cell, grade, who, quality) in enumerate(found, start=1):
        after += gain
        result.append(
            Todo(
                rank,
                cell["sector"],
                cell["carrier"],
                cell["final_energy_mwh"],
                quality,
                grade.value,
                who,
                gain,
                after,
            )
        )
    return result


def _kind(sector: str, carrier: str) -> str:
    if sector == Sector.TRANSPORT:
        return "traffic"
    if sector == Sector.MUNICIPAL:
        return "buildings"
    return Carrier(carrier).data_source or ("plants" if sector == Sector.INDUSTRY else "sweeps")


def defaults_behind(run: Json, record: Json) -> dict[tuple[str, str], float]:
    """MWh of the method's default by cell, whether it counts or local data stands before it. From
    stored records."""
    found: dict[tuple[str, str], float] = {}
    for index, _, quantity, _, _ in record["lines"]:
        line = run["lines"][index]
        if line["block"] == "bisko" and line["kind"] == "allocated" and quantity is not None:
            at = (line["sector"], line["carrier"])
            found[at] = found.get(at, 0.0) + quantity
    return found
