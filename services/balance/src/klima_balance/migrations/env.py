# Importing a subject's tables puts them into the metadata.
from klima_balance.balances import tables as _balances  # noqa: F401
from klima_balance.factors import tables as _factors  # noqa: F401
from klima_balance.figures import tables as _figures  # noqa: F401
from klima_balance.heat import tables as _heat  # noqa: F401
from klima_balance.imports import tables as _imports  # noqa: F401
from klima_balance.organisation import tables as _organisation  # noqa: F401
from klima_balance.regions.tables import metadata
from klima_balance.scenarios import tables as _scenarios  # noqa: F401
from klima_balance.weather import tables as _weather  # noqa: F401
from klima_shared.database.migrations import run_env

run_env(metadata)
