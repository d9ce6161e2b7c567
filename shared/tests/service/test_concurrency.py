"""Task groups: what they bring, and that nothing goes on after an error was raised."""

import asyncio

import pytest

from klima_shared.service.concurrency import results, task_group


async def _later(value: object, ended: list[object]) -> object:
    try:
        await asyncio.sleep(0.02)
    finally:
        ended.append(value)
    return value


async def _bad(_: object = None) -> int:
    raise KeyError("bad")


async def test_results_come_in_order_and_side_by_side() -> None:
    ended: list[object] = []
    assert await results(_later(n, ended) for n in range(5)) == [0, 1, 2, 3, 4]
    assert await results([]) == []


async def test_tasks_of_different_kinds() -> None:
    async with task_group() as group:
        number = group.create_task(_later(1, []))
        text = group.create_task(_later("a", []))
    assert (number.result(), text.result()) == (1, "a")


async def test_an_error_as_a_result_is_a_result() -> None:
    error = ValueError("kept")
    assert await results([_later(error, []), _later(2, [])]) == [error, 2]


async def test_an_error_is_raised_as_itself_when_all_have_ended() -> None:
    ended: list[object] = []
    with pytest.raises(KeyError, match="bad"):
        await results([_later(1, ended), _bad(), _later(3, ended)])
    assert set(ended) == {1, 3}


async def test_of_several_errors_the_first_is_raised() -> None:
    with pytest.raises(KeyError, match="bad"):
        await results([_bad(), _bad()])


async def test_an_error_of_the_block_itself_is_raised_as_itself() -> None:
    async def block() -> None:
        async with task_group() as group:
            group.create_task(_later(1, []))
            raise LookupError("block")

    with pytest.raises(LookupError, match="block"):
        await block()


async def test_cut_off_from_outside_nothing_goes_on() -> None:
    ended: list[object] = []
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.001):
            await results([_later(1, ended), _later(2, ended)])
    count = len(ended)
    await asyncio.sleep(0.05)
    assert len(ended) == count
