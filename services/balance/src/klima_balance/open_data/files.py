"""Tables as Parquet, written to a temporary file piece by piece and sent from there."""

import tempfile
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any, Final

import anyio
import pandas as pd

from klima_shared.formats import Column, Kind, Table

CHUNK: Final = 1 << 18
# Nullable types: a missing figure stays missing and does not make whole numbers fractions.
_TYPES: Final = {Kind.INTEGER: "Int32", Kind.NUMBER: "float64", Kind.MONEY: "float64"}


def to_dataframe(table: Table) -> pd.DataFrame:
    """The table with types by kind; the unit of a column stands in its name, as on the wire."""
    content = pd.DataFrame(list(table.rows), columns=[c.name for c in table.columns])
    for column in table.columns:
        kind = _TYPES.get(column.kind, "object")
        content[column.name] = content[column.name].astype(kind)  # type: ignore[call-overload]
    return content


async def stream(columns: Sequence[Column], tables: AsyncIterator[Table]) -> AsyncIterator[bytes]:
    """The bytes of one Parquet file (Snappy) with a row group for each table."""
    with tempfile.TemporaryDirectory(prefix="klima-parquet-") as folder:
        path = Path(folder) / "file.parquet"
        async for table in tables:
            await anyio.to_thread.run_sync(_write, path, columns, to_dataframe(table))
        async with await anyio.open_file(path, "rb") as file:
            while piece := await file.read(CHUNK):
                yield piece


def _write(path: Path, columns: Sequence[Column], content: pd.DataFrame) -> None:
    import fastparquet  # takes half a second; only who asks for Parquet waits for it

    encoding: Any = {c.name: "utf8" for c in columns if c.kind is Kind.TEXT}
    fastparquet.write(
        str(path),
        content,
        compression="SNAPPY",
        append=path.exists(),
        object_encoding=encoding,
        has_nulls=True,
        write_index=False,
        stats=False,
    )
