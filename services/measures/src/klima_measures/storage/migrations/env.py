from klima_shared.migrations import run_env
from klima_measures.storage.tables import metadata

run_env(metadata)
