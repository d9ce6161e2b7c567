from klima_shared.migrations import run_env
from klima_controlling.storage.tables import metadata

run_env(metadata)
