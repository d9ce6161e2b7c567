from klima_measures.migrations import metadata
from klima_shared.database.migrations import run_env

run_env(metadata)
