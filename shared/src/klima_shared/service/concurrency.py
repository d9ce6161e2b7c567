"""Task groups whose error is the error of the task that failed."""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Iterable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

T = TypeVar("T")


@asynccontextmanager
async def task_group() -> AsyncIterator[asyncio.TaskGroup]:
    """An `asyncio.TaskGroup`: when a task fails, the others are cancelled and awaited, and the
    first error is raised as itself, so that handlers of problems find it."""
    try:
        async with asyncio.TaskGroup() as group:
            yield group
    except BaseExceptionGroup as errors:
        error = errors.exceptions[0]
        raise error from error.__cause__


async def results(calls: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """The results of several calls that run side by side, in their order."""
    async with task_group() as group:
        tasks = [group.create_task(call) for call in calls]
    return [task.result() for task in tasks]
