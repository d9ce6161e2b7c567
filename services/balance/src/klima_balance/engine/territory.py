"""Official figures on the territory of another year: regions merge, and what a region is the sum of
depends on the year.

A figure of a region that ended belongs to its successor, or is divided among several by their
shares. A sum of predecessors is made only where all of them have the figure.
"""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

REBASED: Final = "rebased"
_CELL: Final = ["region", "statistic", "year"]


class Succession(NamedTuple):
    """Where the territory of a region went that ended.

    `until`: the last year at whose end the region existed; `since`: the first one of the
    successor, None where it was there before.
    """

    region: str
    until: int
    successor: str
    share: float
    since: int | None = None


def heirs(successions: Iterable[Succession], year: int) -> dict[str, dict[str, float]]:
    """Region that ended before `year` -> the regions of that year on its territory with their
    shares of it."""
    ended: dict[str, list[Succession]] = {}
    for one in successions:
        if one.until < year:
            ended.setdefault(one.region, []).append(one)

    def of(region: str, share: float, seen: frozenset[str]) -> dict[str, float]:
        if region not in ended or region in seen:
            return {region: share}
        result: dict[str, float] = {}
        for one in ended[region]:
            for heir, part in of(one.successor, share * one.share, seen | {region}).items():
                result[heir] = result.get(heir, 0.0) + part
        return result

    return {region: of(region, 1.0, frozenset()) for region in ended}


def predecessors(
    successions: Sequence[Succession], region: str, year: int
) -> dict[str, tuple[int, float]]:
    """Regions whose territory lies in `region` in `year` and that ended before -> the last year of
    each and the share of it that lies there."""
    until = {one.region: one.until for one in successions}
    return {
        ended: (until[ended], shares[region])
        for ended, shares in heirs(successions, year).items()
        if region in shares
    }


def on_territory(rows: pd.DataFrame, year: int, successions: Sequence[Succession]) -> pd.DataFrame:
    """Long rows of official figures, those of merged regions as figures of the regions of `year`.

    A figure that a publisher gives for the later territory himself is kept. Where figures of a
    region on the territory of `year` exist, those after a later merger into it are left out.
    """
    rows = _without_later(rows, year, successions)
    shares = heirs(successions, year)
    pairs = pd.DataFrame(
        [(old, new, share) for old, heir in shares.items() for new, share in heir.items()],
        columns=["region", "heir", "share"],
    )
    theirs = rows[rows["region"].isin(set(pairs["region"])) & (rows["flag"] != "implausible")]
    if theirs.empty:
        return rows
    first = theirs.assign(rank=theirs["flag"] != "correction").sort_values("rank", kind="stable")
    moved = first.drop_duplicates(_CELL).astype({"region": object}).merge(pairs, on="region")
    moved["value"] = moved["value"] * moved["share"]
    moved = moved.rename(columns={"region": "old", "heir": "region"}).astype({"statistic": object})
    until = {one.region: one.until for one in successions}
    moved["lived"] = moved["old"].map(until) >= moved["year"]
    return _with_sums(rows, moved, pairs, successions)


def _with_sums(
    rows: pd.DataFrame, moved: pd.DataFrame, pairs: pd.DataFrame, successions: Sequence[Succession]
) -> pd.DataFrame:
    """`rows` with the sums of `moved`: figures of predecessors under the key of their heir."""
    grouped = moved.sort_values([*_CELL, "old"]).groupby(_CELL, observed=True)
    sums = grouped.agg(
        **{c: (c, "first") for c in moved.columns if c not in {*_CELL, "value", "note"}},
        value=("value", "sum"),
        here=("old", "size"),
        note=("old", lambda old: "sum of " + ", ".join(old)),
    ).reset_index()
    until = {one.region: one.until for one in successions}
    every = pairs.assign(until=pairs["region"].map(until)).groupby("heir")["until"].agg(list)
    needed = [
        sum(last >= year for last in every[heir]) or len(every[heir])
        for heir, year in zip(sums["region"], sums["year"], strict=True)
    ]
    since = {one.successor: one.since for one in successions if one.since is not None}
    existed = sums["region"].map(since).fillna(0) <= sums["year"]
    own = rows[rows["region"].isin(set(sums["region"])) & (rows["flag"] != "implausible")]
    own = own.assign(rank=own["flag"] != "correction").sort_values("rank", kind="stable")
    own_values = own.drop_duplicates(_CELL).set_index(_CELL)["value"]
    mine = own_values.reindex(pd.MultiIndex.from_frame(sums[_CELL])).to_numpy(dtype=np.float64)
    whole = (sums["here"] >= needed) & (~existed | ~np.isnan(mine))
    published = ~existed & ~np.isnan(mine)  # on the later territory by the publisher
    sums["value"] += np.where(existed, np.nan_to_num(mine), 0.0)
    replaced = pd.MultiIndex.from_frame(sums.loc[~published, _CELL])
    old = own.index[pd.MultiIndex.from_frame(own[_CELL].astype({"region": object})).isin(replaced)]
    kept = rows.drop(index=old)
    new = sums[whole & ~published].assign(flag=REBASED, certainty="derived")
    result: pd.DataFrame = pd.concat([kept, new[list(rows.columns)]], ignore_index=True)
    return result


def _without_later(
    rows: pd.DataFrame, year: int, successions: Sequence[Succession]
) -> pd.DataFrame:
    joined: dict[str, int] = {}
    for one in successions:
        if one.until >= year:
            joined[one.successor] = min(one.until, joined.get(one.successor, one.until))
    if not joined:
        return rows
    here = rows[rows["region"].isin(set(joined))]
    later = here["year"] > here["region"].astype(object).map(joined)
    before = set(zip(here["region"][~later], here["statistic"][~later], strict=True))
    cells = zip(here["region"], here["statistic"], strict=True)
    drop = later & np.asarray([cell in before for cell in cells], dtype=bool)
    return rows.drop(index=here.index[drop])
