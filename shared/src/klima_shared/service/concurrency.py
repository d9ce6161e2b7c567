"""Several things at once, none of which outlives the others."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any, TypeVar, overload

A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")


@overload
async def together(first: Awaitable[A], second: Awaitable[B], /) -> tuple[A, B]: ...
@overload
async def together(
    first: Awaitable[A], second: Awaitable[B], third: Awaitable[C], /
) -> tuple[A, B, C]: ...
@overload
async def together(*several: Awaitable[A]) -> tuple[A, ...]: ...
async def together(*several: Awaitable[Any]) -> tuple[Any, ...]:
    """The results in order. When one raises, its error is raised after all others have ended too.

    `asyncio.gather` alone raises at once and leaves the others running: they would go on with
    connections of a request that was answered long ago, or of a service that is closed.
    """
    tasks = [asyncio.ensure_future(one) for one in several]
    try:
        return tuple(await asyncio.gather(*tasks))  # noqa: TID251 - this is its one place
    except BaseException:
        await asyncio.gather(*tasks, return_exceptions=True)  # noqa: TID251
        raise
