from klima_shared.migrations import run_env
from klima_balance.storage.tables import metadata

run_env(metadata)
