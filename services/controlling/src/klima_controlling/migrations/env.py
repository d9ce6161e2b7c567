from klima_controlling import records
from klima_shared.database.migrations import run_env

run_env(records.metadata)
