"""Whether what came back is an answer of the service at all, and of the agreed shape."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeVar

import anyio
import orjson
from pydantic import TypeAdapter

from klima_shared.http.problems import TYPE_PREFIX
from klima_shared.upstream.errors import UpstreamError, UpstreamNotFoundError, UpstreamProblemError

T = TypeVar("T")
LARGE: Final = 100_000  # bytes; to read more takes milliseconds, which nobody else should wait


@dataclass
class Entry:
    """An answer as it is kept in memory."""

    data: Any  # JSON, as the question's shape describes it
    body: bytes
    verified_at: datetime
    persisted_at: datetime
    confirmed: float  # time.monotonic()
    immutable: bool


async def checked(body: bytes, shape: TypeAdapter[T]) -> T:
    """The JSON of `body`. `ValueError` where it is not what `shape` describes.

    The parsed JSON itself is handed on: validation would leave out what the shape does not name.
    """
    if len(body) > LARGE:
        return await anyio.to_thread.run_sync(_checked, body, shape)
    return _checked(body, shape)


def _checked(body: bytes, shape: TypeAdapter[T]) -> T:
    data: T = orjson.loads(body)
    shape.validate_python(data, strict=True)
    return data


def says_there_is_none(error: UpstreamError) -> bool:
    """Whether the service itself says that there is no such thing; a proxy's 404 says nothing."""
    return isinstance(error, UpstreamNotFoundError) and error.type.startswith(TYPE_PREFIX)


def refuses(error: UpstreamError) -> bool:
    """Whether the service itself finds the question wrong."""
    return (
        isinstance(error, UpstreamProblemError)
        and error.status == 422
        and error.type.startswith(TYPE_PREFIX)
    )
