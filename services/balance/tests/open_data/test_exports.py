"""Everything as one file: with a length, an ETag, and in parts."""

from typing import Any

import httpx
import pytest


@pytest.mark.parametrize(
    "path",
    [
        "/v1/exports/balances.csv",
        "/v1/exports/balances.parquet",
        "/v1/exports/regions?format=csv",
        "/v1/exports/factors?format=csv",
        "/v1/regions/05974040/balances/2021?format=csv",
    ],
)
async def test_exports_come_in_parts(reader: httpx.AsyncClient, path: str) -> None:
    whole = await reader.get(path)
    assert whole.status_code == 200, whole.text
    size = len(whole.content)
    assert whole.headers["content-length"] == str(size)
    headers: dict[str, Any] = {"Range": "bytes=10-99", "If-Range": whole.headers["etag"]}
    part = await reader.get(path, headers=headers)
    assert (part.status_code, part.content) == (206, whole.content[10:100])
    assert part.headers["content-range"] == f"bytes 10-99/{size}"
    outside = await reader.get(path, headers={"Range": f"bytes={size}-"})
    assert (outside.status_code, outside.headers["content-range"]) == (416, f"bytes */{size}")
    same = await reader.get(path, headers={"If-None-Match": whole.headers["etag"]})
    assert same.status_code == 304
    assert (await reader.head(path)).headers["content-length"] == str(size)
