"""All blocks of a balance for many regions at once, and the sums of their members.

    start_balances(statistics, method, year, options) -> Balances        leaves: one municipality or
    all of Germany
    aggregate(balances, members)                      -> Balances        county, state, Germany: the
    sum of the members

Numbers are matrices [lines, regions] and [cells, regions]; there is no loop over regions. Regions
stand in ascending order of their keys and lines in the order of the method: every sum is taken in a
fixed order, and a recomputation is bit-identical, whatever the order of the input.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from klima_balance.engine.allocation import allocate
from klima_balance.engine.district_heat import NetworkFactor, network_factors
from klima_balance.engine.figures import Activity, Figure, FilledCells, activities_of
from klima_balance.engine.findings import filled_cells, findings
from klima_balance.engine.heat_pumps import HEAT_PUMPS, heat_pumps
from klima_balance.engine.land import agriculture, land_use
from klima_balance.engine.observations import superseding
from klima_balance.engine.options import Options
from klima_balance.engine.plants import plants, renewables
from klima_balance.engine.records import activities_in, statistics_of
from klima_balance.engine.regions import memberships
from klima_balance.engine.results import BLOCKS, Balances, Cells, Totals
from klima_balance.engine.rows import ABSENT, COUNTED, MISSING, SUPERSEDED, RowTable, Run
from klima_balance.engine.statistics import Statistics
from klima_balance.engine.totals import block_totals, cell_sums
from klima_balance.method.equation import Floats
from klima_balance.method.factors import Factor
from klima_balance.method.model import Method
from klima_shared.codes.energy import Carrier, Sector
from klima_shared.language.errors import InputError
from klima_shared.language.text import Text
from klima_shared.wire.json import JsonObject

__all__ = ["BLOCKS", "Balances", "aggregate", "restored", "start_balances"]


def start_balances(
    statistics: Statistics | pd.DataFrame,
    method: Method,
    year: int,
    options: Options | None = None,
    *,
    local: Iterable[Figure] = (),
    heat_supply: Iterable[NetworkFactor] = (),
) -> Balances:
    """The balances of all regions of `statistics` for one year, every block, local figures before
    defaults.

    A missing statistic leaves its lines `missing`: they are in no sum and the totals say that they
    are incomplete. Raises `InputError` for wrong content of an input, for example municipal
    facilities above the figure of commerce.
    """
    if isinstance(statistics, pd.DataFrame):
        statistics = Statistics.from_dataframe(statistics, year)
    options, local = options or Options(), list(local)
    known = superseding(statistics, local)
    run = Run(known, method.of_edition(options.edition), year, options)
    networks = network_factors(heat_supply, run)
    activities = activities_of(local, run, networks)
    table = _default_rows(run)
    _supersede_defaults(table, activities)
    activities += _own_district_heat(table, networks)
    cells = cell_sums(table, activities)
    _check_municipal(cells, activities, run)
    pumps = heat_pumps(cells, run)
    return _result(run, table.followed_by(pumps), cells.adding(pumps), activities)


def restored(
    records: Sequence[tuple[Sequence[str], JsonObject]], method: Method, year: int, options: Options
) -> Balances:
    """The balances that were published, from what is stored of them, whatever the figures are now.

    records: regions ascending, each the ids of its run's lines and its record. All were computed
    with this method, whose lines they are: another one is a KeyError.
    """
    stored = [record for _, record in records]
    run = Run(statistics_of(stored, year), method.of_edition(options.edition), year, options)
    table, activities = _default_rows(run), activities_in(stored)
    at = {line.id: i for i, line in enumerate(table.lines)}
    table.state[:] = ABSENT
    for region, (ids, record) in enumerate(records):
        for line, state, quantity, key, _ in record["lines"]:
            if HEAT_PUMPS in ids[line].split("."):  # computed from the cells again
                continue
            i = at[ids[line]]
            table.state[i, region] = state
            table.quantity[i, region] = np.nan if quantity is None else quantity
            table.key[i, region] = np.nan if key is None else key
    cells = cell_sums(table, activities)
    pumps = heat_pumps(cells, run)
    return _result(run, table.followed_by(pumps), cells.adding(pumps), activities)


def _default_rows(run: Run) -> RowTable:
    """Every line of the method: national energy shared out by keys, then the blocks beside it."""
    blocks = (allocate, agriculture, land_use, plants, renewables)
    return RowTable.of([block(run) for block in blocks])


def _supersede_defaults(table: RowTable, activities: Sequence[Activity]) -> None:
    """Lines whose cell a local row fills stay visible and are in no sum (changes `table.state`)."""
    if not activities:
        return
    filled = FilledCells.of(activities)
    for i, line in enumerate(table.lines):
        if (mask := filled.supersedes(line, table.state.shape[1])) is not None:
            table.state[i][mask] = SUPERSEDED


def _own_district_heat(table: RowTable, networks: Mapping[int, Factor]) -> list[Activity]:
    """Default district heat of a region with a network factor of its own: the same quantity with
    that factor (changes `table.state`)."""
    activities = []
    for i, line in enumerate(table.lines):
        if line.block != "bisko" or line.carrier != Carrier.DISTRICT_HEAT:
            continue
        for region in sorted(networks):
            if table.state[i, region] != COUNTED:
                continue
            table.state[i, region] = SUPERSEDED
            text = (
                f"{line.national:.15g} MWh x key / {line.key_germany:.15g}, with the factor of the"
                " own network"
            )
            activities.append(
                Activity(
                    region=region,
                    block=line.block,
                    sector=line.sector,
                    carrier=line.carrier,
                    group=line.group,
                    category="",
                    quantity=float(table.quantity[i, region]),
                    status=line.status,
                    grade=line.grade,
                    source=line.source,
                    kind="heat_supply",
                    factor=networks[region],
                    derivation=text,
                )
            )
    return activities


def _result(run: Run, table: RowTable, cells: Cells, activities: Sequence[Activity]) -> Balances:
    ones = np.ones(run.size, dtype=np.int64)
    return Balances(
        method=run.method,
        year=run.year,
        options=run.options,
        statistics=run.statistics,
        regions=run.statistics.regions,
        lines=table.lines,
        quantity=table.quantity,
        key=table.key,
        state=table.state,
        gaps=table.gaps,
        emissions=table.emissions,
        activities=tuple(activities),
        cells=cells,
        totals=block_totals(run, table, cells, activities),
        filled=filled_cells(run.method, cells, activities),
        flags=findings(run, table),
        members={},
        expected=ones,
        present=ones,
    )


def _check_municipal(cells: Cells, activities: Sequence[Activity], run: Run) -> None:
    """Municipal facilities are contained in the figure of commerce: they can't exceed it."""
    for a in activities:
        if a.kind != "municipal":
            continue
        rest = cells.energy_of(Sector.COMMERCE, a.carrier)[a.region]
        if rest < -1e-9 * abs(a.quantity):
            whole = rest - sum(
                b.quantity
                for b in activities
                if b.kind == "municipal" and (b.region, b.carrier) == (a.region, a.carrier)
            )
            raise InputError.at(
                f"municipal.{a.carrier}",
                -a.quantity,
                Text(
                    "at most the {whole:.6g} MWh {carrier} of commerce, which contain the "
                    "municipal facilities (or contained_in_ghd=false)",
                    whole=whole,
                    carrier=a.carrier,
                ),
                region=str(run.statistics.regions[a.region]),
            )


def aggregate(
    balances: Balances,
    members: Mapping[str, Sequence[str]] | None = None,
    *,
    expected: Mapping[str, int] | None = None,
) -> Balances:
    """Sums of members for counties, states and Germany (`members`: default by the keys).

    A member that is not in `balances` is absent: the result says how many of the expected ones it
    has.
    """
    groups = memberships(str(key) for key in balances.regions) if members is None else members
    position = {str(key): i for i, key in enumerate(balances.regions)}
    keys = sorted(
        key for key, children in groups.items() if any(child in position for child in children)
    )
    inside = {key: tuple(sorted(c for c in set(groups[key]) if c in position)) for key in keys}
    take = np.asarray([position[child] for key in keys for child in inside[key]], dtype=np.intp)
    sizes = np.asarray([len(inside[key]) for key in keys], dtype=np.int64)
    starts = (
        np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.intp)
        if keys
        else np.empty(0, dtype=np.intp)
    )

    def add(matrix: Floats) -> Floats:
        return np.add.reduceat(matrix[..., take], starts, axis=-1)

    counted = balances.state == COUNTED
    quantity = add(np.where(counted, balances.quantity, 0.0))
    state = _aggregated_state(balances.state[:, take], starts)
    activities = _moved(balances.activities, position, inside, keys)
    return Balances(
        method=balances.method,
        year=balances.year,
        options=balances.options,
        statistics=None,
        regions=np.asarray(keys, dtype=np.str_),
        lines=balances.lines,
        quantity=quantity,
        key=add(np.where(counted, balances.key, 0.0)),
        state=state,
        gaps=np.add.reduceat(balances.gaps[:, take], starts, axis=1),
        emissions=add(balances.emissions),
        activities=activities,
        cells=balances.cells.reduced(take, starts),
        totals=Totals(**{name: add(values) for name, values in vars(balances.totals).items()}),
        filled=np.logical_and.reduceat(balances.filled[:, take], starts, axis=1),
        flags={
            name: np.add.reduceat(values[take], starts) for name, values in balances.flags.items()
        },
        members=inside,
        expected=np.asarray(
            [(expected or {}).get(key, len(set(groups[key]))) for key in keys], dtype=np.int64
        ),
        present=sizes,
    )


def _aggregated_state(
    state: npt.NDArray[np.uint8], starts: npt.NDArray[np.intp]
) -> npt.NDArray[np.uint8]:
    """Counted where any member counts, else missing, else superseded, else absent."""
    rank = np.asarray(
        [0, 3, 1, 2], dtype=np.uint8
    )  # by state: absent, counted, superseded, missing
    back = np.asarray([ABSENT, SUPERSEDED, MISSING, COUNTED], dtype=np.uint8)
    return np.asarray(back[np.maximum.reduceat(rank[state], starts, axis=1)], dtype=np.uint8)


def _moved(
    activities: Sequence[Activity],
    position: Mapping[str, int],
    inside: Mapping[str, Sequence[str]],
    keys: Sequence[str],
) -> tuple[Activity, ...]:
    if not activities:
        return ()
    homes: dict[int, list[int]] = {}
    for i, key in enumerate(keys):
        for child in inside[key]:
            homes.setdefault(position[child], []).append(i)
    name = {i: key for key, i in position.items()}
    moved = [
        replace(
            a, region=home, derivation="; ".join(t for t in (name[a.region], a.derivation) if t)
        )
        for a in activities
        for home in homes.get(a.region, ())
    ]
    return tuple(sorted(moved, key=lambda a: a.region))
