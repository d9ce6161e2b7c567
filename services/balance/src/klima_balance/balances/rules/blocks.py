"""The rows of the blocks beside BISKO in a balance's document."""

from typing import Final

import numpy as np
import numpy.typing as npt

from klima_balance.engine.figures import Activity
from klima_balance.engine.records import as_lists
from klima_balance.engine.results import Balances
from klima_balance.engine.rows import COUNTED
from klima_balance.engine.statistics import ENTERED
from klima_balance.engine.waste import WASTE, WASTE_KINDS
from klima_shared.language.numbers import Lang
from klima_shared.wire.json import JsonObject

# By state of a line: absent, counted, superseded, missing. A row shows the highest of its lines.
_RANK: Final = np.asarray([0, 3, 1, 2])


class BlockRows:
    """Rows of a block beside BISKO: lines with the same group and item are one row."""

    def __init__(
        self, balances: Balances, block: str, at: npt.NDArray[np.intp], language: Lang
    ) -> None:
        self.block, self.at, self.language = block, at, language
        known = balances.statistics
        entered = known is not None and any(p.flag == ENTERED for p in known.provenance)
        self.statistics = known if entered else None
        chosen = [i for i, line in enumerate(balances.lines) if line.block == block]
        self.heads: list[JsonObject] = []
        rows: dict[tuple[str, str, str], list[int]] = {}
        for i in chosen:
            line = balances.lines[i]
            rows.setdefault((line.group, line.item, line.carrier), []).append(i)
        self.unit, self.quantity, self.emitted, self.state, self.key = [], [], [], [], []
        for members in rows.values():
            line = balances.lines[members[0]]
            label = line.label_en if language == "en" else line.label_de
            head: JsonObject = {"group": line.group, "category": line.item, "label": label}
            if line.carrier:
                head["carrier"] = line.carrier
            head |= {"memo": line.memo, "status": line.status, "grade": line.grade}
            self.heads.append(head | {"hours": line.hours, "key": line.key})
            self.unit.append(line.unit)
            index = np.asarray(members, dtype=np.intp)
            here = balances.state[np.ix_(index, at)]
            counted = here == COUNTED
            # Lines of one row share the activity: several gases of one herd. Of a sum over states
            # the herds add up.
            amounts = np.where(counted, balances.quantity[np.ix_(index, at)], 0.0)
            keys = np.where(counted, balances.key[np.ix_(index, at)], 0.0)
            by_gas: dict[str, list[int]] = {}
            for n, i in enumerate(members):
                factor = balances.lines[i].factor
                by_gas.setdefault(factor.gas if factor else "", []).append(n)
            first = next(iter(by_gas.values()))
            self.quantity.append(amounts[first].sum(axis=0))
            self.key.append(keys[first].sum(axis=0))
            self.emitted.append(balances.emissions[np.ix_(index, at)].sum(axis=0))
            self.state.append(_RANK[here].max(axis=0))
        self.columns = [
            as_lists(np.vstack(m)) if m else [] for m in (self.quantity, self.emitted, self.key)
        ]
        self.states = np.vstack(self.state).T.tolist() if self.state else []
        self.local = [
            [a for a in balances.activities_of.get(int(i), ()) if a.block == block] for i in at
        ]

    def write(self, n: int) -> list[JsonObject]:
        rows: list[JsonObject] = []
        if not self.heads:
            return [self._delivered(a) for a in self.local[n]]
        quantity, emitted, key = (column[n] for column in self.columns)
        for i, head in enumerate(self.heads):
            state, unit = self.states[n][i], {"unit": self.unit[i]}
            if state in (0, 1):
                continue
            row = {k: v for k, v in head.items() if k not in ("hours", "memo", "key")}
            row |= self._entered(n, head["key"])
            if state == 2:
                unknown = {"quantity": None, **unit, "emissions_t_co2e": None}
                rows.append(row | unknown | {"status": "missing"})
                continue
            if self.block == "renewables":
                row |= {"installed_kw": key[i], "full_load_hours": head["hours"]}
                row["generation_mwh"] = quantity[i]
            else:
                row |= {"quantity": quantity[i], **unit, "emissions_t_co2e": emitted[i]}
            if head["memo"]:
                row["memo"] = True
            rows.append(row)
        return rows + [self._delivered(a) for a in self.local[n]]

    def _entered(self, n: int, key: str) -> JsonObject:
        """Status and grade of what the municipality entered in the place of an official figure."""
        statistics = self.statistics
        origin = statistics.provenance_of(key, int(self.at[n])) if statistics else None
        if origin is None or origin.flag != ENTERED:
            return {}
        return {"status": origin.status, "grade": origin.grade, "source": origin.source}

    def _delivered(self, a: Activity) -> JsonObject:
        state: JsonObject = {"status": a.status, "grade": a.grade}
        if self.block == WASTE:
            head = {"group": WASTE, "category": a.category}
            label = WASTE_KINDS[a.category].get(self.language)
            amount = {"quantity": a.quantity, "unit": "t CO2e", "emissions_t_co2e": a.emissions}
            return {**head, "label": label, **state, **amount, "source": a.source}
        row: JsonObject = {"group": "generation", "category": a.category, "label": a.category}
        row |= state
        return row | {"generation_mwh": a.quantity, "source": a.source}
