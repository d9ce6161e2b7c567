"""Files in parts: as RFC 9110 wants it, out of memory and out of a file alike."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import httpx
import pytest
from fastapi import FastAPI, Response

from klima_shared.http.middleware import Conditional
from klima_shared.http.problems import install_handlers
from klima_shared.http.ranges import KEPT, KeptFiles, RangedBytes

CONTENT: Final = bytes(range(256)) * 40
CSV: Final = "text/csv; charset=utf-8"


async def _write() -> AsyncIterator[bytes]:
    for start in range(0, len(CONTENT), 1000):
        yield CONTENT[start : start + 1000]


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()
    install_handlers(app)
    app.add_middleware(Conditional)
    files = KeptFiles(tmp_path)

    @app.get("/bytes")
    async def small() -> Response:
        return RangedBytes(CONTENT, {}, CSV)

    @app.get("/file")
    async def large() -> Response:
        return await files.response('"abc"', _write, {}, CSV)

    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://service") as client:
        yield client


@pytest.mark.parametrize("path", ["/bytes", "/file"])
class TestRanges:
    async def test_the_whole_has_length_and_etag(
        self, client: httpx.AsyncClient, path: str
    ) -> None:
        whole = await client.get(path)
        assert (whole.status_code, whole.content) == (200, CONTENT)
        assert whole.headers["content-length"] == str(len(CONTENT))
        assert whole.headers["accept-ranges"] == "bytes"
        again = await client.get(
            path, headers={"If-None-Match": whole.headers["etag"], "Range": "bytes=0-1"}
        )
        assert (again.status_code, again.content) == (304, b"")

    @pytest.mark.parametrize(
        ("asked", "first", "last"),
        [
            ("bytes=0-0", 0, 0),
            ("bytes=100-199", 100, 199),
            ("bytes=10000-", 10000, len(CONTENT) - 1),
            ("bytes=10000-99999999", 10000, len(CONTENT) - 1),
            ("bytes=-5", len(CONTENT) - 5, len(CONTENT) - 1),
            ("bytes=-99999999", 0, len(CONTENT) - 1),
        ],
    )
    async def test_a_part(
        self, client: httpx.AsyncClient, path: str, asked: str, first: int, last: int
    ) -> None:
        part = await client.get(path, headers={"Range": asked})
        assert (part.status_code, part.content) == (206, CONTENT[first : last + 1])
        assert part.headers["content-range"] == f"bytes {first}-{last}/{len(CONTENT)}"
        assert part.headers["content-length"] == str(last - first + 1)
        whole = await client.get(path)
        assert part.headers["etag"] == whole.headers["etag"]

    @pytest.mark.parametrize("asked", [f"bytes={len(CONTENT)}-", "bytes=99999-999999", "bytes=-0"])
    async def test_a_part_outside_is_416(
        self, client: httpx.AsyncClient, path: str, asked: str
    ) -> None:
        answer = await client.get(path, headers={"Range": asked})
        assert answer.status_code == 416, answer.headers
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["content-range"] == f"bytes */{len(CONTENT)}"
        assert str(len(CONTENT)) in answer.json()["detail"]

    @pytest.mark.parametrize("asked", ["lines=1-2", "bytes", "bytes=", "bytes=a-b", "x" * 500])
    async def test_what_is_no_range_is_passed_over(
        self, client: httpx.AsyncClient, path: str, asked: str
    ) -> None:
        answer = await client.get(path, headers={"Range": asked})
        assert (answer.status_code, answer.content) == (200, CONTENT)

    async def test_another_file_by_now_comes_whole(
        self, client: httpx.AsyncClient, path: str
    ) -> None:
        etag = (await client.get(path)).headers["etag"]
        for known, status in ((etag, 206), ('"other"', 200)):
            answer = await client.get(path, headers={"Range": "bytes=5-9", "If-Range": known})
            assert answer.status_code == status

    async def test_parts_make_the_whole(self, client: httpx.AsyncClient, path: str) -> None:
        parts = [
            (await client.get(path, headers={"Range": f"bytes={start}-{start + 999}"})).content
            for start in range(0, len(CONTENT), 1000)
        ]
        assert b"".join(parts) == CONTENT


async def _all(answer: Response) -> bytes:
    return b"".join([part async for part in answer.body_iterator])  # type: ignore[attr-defined]


def _names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


async def test_what_is_too_large_is_sent_as_it_is_written(tmp_path: Path) -> None:
    answer = await KeptFiles(tmp_path, most=len(CONTENT) - 1).response('"a"', _write, {}, CSV)
    assert "content-length" not in answer.headers
    assert await _all(answer) == CONTENT
    assert _names(tmp_path) == []


async def test_without_space_it_is_sent_as_it_is_written(tmp_path: Path) -> None:
    answer = await KeptFiles(tmp_path / "gone").response('"a"', _write, {}, CSV)
    assert await _all(answer) == CONTENT


async def test_few_files_are_kept(tmp_path: Path) -> None:
    files = KeptFiles(tmp_path)
    for number in range(KEPT + 3):
        await files.response(f'"{number}"', _write, {}, CSV)
    assert len(_names(tmp_path)) == KEPT
    assert str(KEPT + 2) in _names(tmp_path)
