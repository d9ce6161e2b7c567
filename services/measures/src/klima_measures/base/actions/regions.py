"""Region keys: whether they exist, by our copy of the registry and by what the balance service
says."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from klima_measures.base.queries.regions import members, put_regions, region_names
from klima_measures.upstream.actions import Balance, BalancePending
from klima_shared.codes.regions import canonical_ags, parent
from klima_shared.database.connections import Database


@dataclass(frozen=True)
class Regions:
    """What is known of region keys. It was asked before a transaction began, so that nobody waits
    for another service while a row is locked."""

    county: str
    names: Mapping[str, str]
    verdicts: Mapping[str, bool]
    """Key -> whether the balance service knows it; keys it could not be asked about are not
    here."""

    def unknown(self, keys: Iterable[str]) -> list[str]:
        """Keys that no region has, as far as can be told."""
        return [key for key in keys if not self._is_known(key)]

    def _is_known(self, key: str) -> bool:
        if key in self.names or key == self.county:
            return True
        if key in self.verdicts:
            return self.verdicts[key]
        # Only inside counties whose members we know can we tell that a key is wrong.
        county = parent(key)
        return not any(name != county and parent(name) == county for name in self.names)

    def with_names(self, names: Mapping[str, str]) -> "Regions":
        """With regions that a file brings along."""
        return replace(self, names={**self.names, **names})


async def ask(
    names: Mapping[str, str], balance: Balance, county: str, keys: Iterable[str]
) -> Regions:
    """What is known of these keys; the balance service is asked about those that are not among
    `names`, our copy of the registry. Not while a connection is held."""
    verdicts: dict[str, bool] = {}
    for key in keys:
        if key in names or key == county or key in verdicts:
            continue
        try:
            verdicts[key] = await balance.region(key) is not None
        except BalancePending:
            continue
    return Regions(county, names, verdicts)


async def administrations(
    database: Database, balance: Balance, county: str
) -> dict[str, str] | None:
    """Key -> name of the county's administration and those of its municipalities, by key.

    Read from our copy of the registry; while that is empty the balance service is asked and its
    answer kept. None when neither knows.
    """
    county = canonical_ags(county)
    async with database.read() as connection:
        names = await region_names(connection)
        found = await members(connection, county)
    if not found:
        try:
            rows = await balance.members(county)
        except BalancePending:
            rows = []
        if rows:
            async with database.write() as connection:
                await put_regions(connection, [dict(row) for row in rows])
                found = await members(connection, county)
                names = await region_names(connection)
    return {county: names.get(county, "Kreis"), **found} if found else None
