from klima_balance.storage import geometry_tables, local_tables, scenario_tables  # noqa: F401  (their tables belong to the metadata)
from klima_balance.storage.tables import metadata
from klima_shared.database.migrations import run_env

run_env(metadata)
