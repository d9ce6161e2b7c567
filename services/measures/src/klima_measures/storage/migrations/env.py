from klima_measures.storage.tables import metadata
from klima_shared.database.migrations import run_env

run_env(metadata)
