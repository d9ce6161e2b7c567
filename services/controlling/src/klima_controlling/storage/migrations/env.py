from klima_controlling.storage.tables import metadata
from klima_shared.migrations import run_env

run_env(metadata)
