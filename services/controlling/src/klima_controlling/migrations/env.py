from klima_controlling.base.tables import metadata
from klima_controlling.budget import tables as budget
from klima_controlling.deliveries import tables as deliveries
from klima_controlling.indicators import tables as indicators
from klima_controlling.progress import tables as progress
from klima_controlling.reconciliation import tables as reconciliation
from klima_controlling.reports import tables as reports
from klima_controlling.targets import tables as targets
from klima_controlling.upstream import tables as upstream
from klima_shared.database.migrations import run_env

SUBJECTS = (
    budget,
    deliveries,
    indicators,
    progress,
    reconciliation,
    reports,
    targets,
    upstream,
)  # whose import has put their tables into the metadata
run_env(metadata)
