"""Several things at once: what they bring, and that nothing goes on after an error was told."""

import asyncio

import pytest

from klima_shared.service.concurrency import together


async def _later(value: object, ended: list[object]) -> object:
    await asyncio.sleep(0.02)
    ended.append(value)
    return value


async def _bad(_: object = None) -> int:
    raise KeyError("bad")


async def test_results_come_in_order_and_side_by_side() -> None:
    ended: list[object] = []
    assert await together(*(_later(n, ended) for n in range(5))) == (0, 1, 2, 3, 4)
    assert await together() == ()


async def test_an_error_as_a_result_is_a_result() -> None:
    error = ValueError("kept")
    assert await together(_later(error, []), _later(2, [])) == (error, 2)


async def test_an_error_is_told_when_all_have_ended() -> None:
    ended: list[object] = []
    with pytest.raises(KeyError, match="bad"):
        await together(_later(1, ended), _bad(), _later(3, ended))
    assert ended == [1, 3]


async def test_cut_off_from_outside_nothing_goes_on() -> None:
    ended: list[object] = []
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.001):
            await together(_later(1, ended), _later(2, ended))
    await asyncio.sleep(0.05)
    assert ended == []
