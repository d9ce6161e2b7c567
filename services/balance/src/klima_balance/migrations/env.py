from klima_balance.balances.tables import metadata
from klima_balance.imports import tables as local_tables  # noqa: F401  (their tables belong to the metadata)
from klima_balance.regions import tables as geometry_tables  # noqa: F401  (their tables belong to the metadata)
from klima_balance.scenarios import tables as scenario_tables  # noqa: F401  (their tables belong to the metadata)
from klima_shared.database.migrations import run_env

run_env(metadata)
