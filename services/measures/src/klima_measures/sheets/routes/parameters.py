"""The query parameter that routes of sheets and of the catalogue have in common."""

from typing import Annotated

from fastapi import Query

from klima_measures.sheets.actions.reading import Version

VersionParam = Annotated[
    Version | None,
    Query(
        description="`published` for what the public sees; default: the working revision for those "
        "who may read it"
    ),
]
