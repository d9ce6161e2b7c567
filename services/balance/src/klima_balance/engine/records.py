"""What is stored of a run and of each region in it, for explaining, and the digest of a region's
numbers."""

import hashlib
import json
from collections.abc import Sequence
from typing import Final

import numpy as np

from klima_balance.engine.figures import Activity
from klima_balance.engine.results import Balances
from klima_balance.engine.rows import ABSENT
from klima_balance.engine.statistics import HERD, Provenance, Statistics
from klima_balance.method.equation import Floats
from klima_balance.method.factors import Factor
from klima_shared.wire.json import JsonObject

SCHEMA: Final = 1


def run_record(balances: Balances) -> JsonObject:
    """What all regions of a run share: lines with factors, keys, options. Store it once per run."""
    keys = balances.method.keys.to_dict("records")
    return {
        "schema": SCHEMA,
        "method_version": balances.method.version,
        "method_digest": balances.method.digest,
        "year": balances.year,
        "options": balances.options.to_dict(),
        "factor_set": factor_set_of(balances),
        "keys": {str(k["key"]): {str(n): v for n, v in k.items() if n != "key"} for k in keys},
        "lines": [line.to_dict() for line in balances.lines],
    }


def region_record(balances: Balances, region: str) -> JsonObject:
    """The numbers of one region: `lines` are [index into the run's lines, state, quantity, key,
    gaps]."""
    at = balances.position[region]
    here = np.flatnonzero((balances.state[:, at] != ABSENT) | (balances.gaps[:, at] > 0))
    numbers = (balances.state, balances.quantity, balances.key, balances.gaps)
    columns = [
        here.tolist(),
        *(nulls(m[here, at]) if m.dtype == np.float64 else m[here, at].tolist() for m in numbers),
    ]
    record: JsonObject = {
        "schema": SCHEMA,
        "region": region,
        "lines": [list(row) for row in zip(*columns, strict=True)],
        "activities": [_activity(a) for a in balances.activities_of.get(at, ())],
    }
    if balances.is_sum:
        return record | {
            "members": {
                "expected": int(balances.expected[at]),
                "regions": list(balances.members[region]),
            }
        }
    return record | {
        "statistics": _statistics(balances, at),
        "state": _state_herd(balances, region),
    }


def _activity(a: Activity) -> JsonObject:
    return {
        **{k: v for k, v in a.__dict__.items() if k not in ("region", "factor")},
        "factor": a.factor.to_dict() if a.factor else None,
    }


def _statistics(balances: Balances, at: int) -> JsonObject:
    stats = balances.statistics
    found: JsonObject = {}
    if stats is None:
        return found
    for name in sorted(stats.values):
        origin = stats.provenance_of(name, at)
        if origin is not None:
            more = {k: v for k, v in origin.__dict__.items() if v != ""}
            found[name] = {"value": float(stats.values[name][at]), **more}
    return found


def _state_herd(balances: Balances, region: str) -> dict[str, float]:
    stats = balances.statistics
    state = stats.states.get(region[:2], {}) if stats is not None else {}
    wanted = (*HERD, "agricultural_area_ha")
    return {name: state[name] for name in wanted if name in state and not np.isnan(state[name])}


def statistics_of(records: Sequence[JsonObject], year: int) -> Statistics:
    """The official figures behind the balances of some regions, from their records."""
    keys = [str(record["region"]) for record in records]
    names = sorted({name for record in records for name in record["statistics"]})
    values = {name: np.full(len(keys), np.nan) for name in names}
    origin = {name: np.full(len(keys), -1, dtype=np.int32) for name in names}
    provenance: dict[Provenance, int] = {}
    states: dict[str, dict[str, float]] = {}
    for at, record in enumerate(records):
        states[keys[at][:2]] = record["state"]
        for name, found in record["statistics"].items():
            source = Provenance(**{k: v for k, v in found.items() if k != "value"})
            values[name][at] = found["value"]
            origin[name][at] = provenance.setdefault(source, len(provenance))
    regions = np.asarray(keys, dtype=np.str_)
    return Statistics(year, regions, values, origin, tuple(provenance), states)


_KINDS: Final = {"municipal": 1, "heat_supply": 2}


def activities_in(records: Sequence[JsonObject]) -> list[Activity]:
    """The local rows of some regions with their factors, in the order of a computation."""
    found = [
        Activity(**{**row, "region": at, "factor": row["factor"] and Factor(**row["factor"])})
        for at, record in enumerate(records)
        for row in record["activities"]
    ]
    return sorted(found, key=lambda a: _KINDS.get(a.kind, 0))


def digest(balances: Balances, region: str) -> str:
    """`sha256:...` over method, year, options and every number of one region; the same in every run
    and every batch."""
    record = region_record(balances, region)
    lines = sorted(
        [balances.lines[row[0]].id, *row[1:], _tonnes(balances, row[0])] for row in record["lines"]
    )
    content = {
        **record,
        "lines": lines,
        "method": balances.method.digest,
        "year": balances.year,
        "options": balances.options.to_dict(),
    }
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def _tonnes(balances: Balances, line: int) -> float | None:
    factor = balances.lines[line].factor
    return factor.t_per_unit if factor else None


def nulls(values: Floats) -> list[float | None]:
    return [None if v != v else v for v in values.tolist()]


def as_lists(matrix: Floats) -> list[list[float]]:
    """The columns of a matrix as lists."""
    columns: list[list[float]] = matrix.T.tolist()
    return columns


def factor_set_of(balances: Balances) -> JsonObject:
    header = balances.method.factor_set(balances.options.factor_set)
    return {"id": header["id"], "version": header["version"], "digest": header["digest"]}
