"""Whatever somebody uploads: the services live, answer in time, store nothing of it, and go on
answering others meanwhile."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import httpx
import psutil
import pytest

from tests.fixtures.live import Live
from tests.hostile import archives, documents, spreadsheets, texts
from tests.hostile.workbooks import DELIVERY

SEEDS = Path(__file__).parents[3] / "shared" / "cases"
SLOWEST = 5.0
LONGEST_BLOCK = 0.05
MOST_MEMORY = 300 << 20
ATTEMPTS = 3
EVERY = 24
"""A small share runs every day: every twenty-fourth kind."""


class Route(NamedTuple):
    service: str
    path: str
    headings: list[str]


ROUTES = (
    Route("balance", "/v1/imports?", DELIVERY),
    Route("measures", "/v1/measures/imports?", ["number", "title", "level", "regions", "field"]),
    Route("measures", "/v1/ideas/imports?consent=true&", ["region", "text", "group", "topic"]),
)


def kinds() -> dict[str, spreadsheets.Kind]:
    # Those that are read rather than refused are seeds of other tests.
    names = ("measures-", "deliveries-", "scaled-")
    seeds = {p.name: spreadsheets.raw(p.read_bytes()) for p in SEEDS.glob("*")}
    hostile = {name: kind for name, kind in seeds.items() if name.startswith(names)}
    modules = (spreadsheets, archives, texts, documents)
    return hostile | {name: kind for one in modules for name, kind in one.kinds().items()}


class Memory(threading.Thread):
    """The most that a process and those it started hold, looked at all the time."""

    def __init__(self, process: psutil.Process) -> None:
        super().__init__(daemon=True)
        self.process, self.most, self.going = process, 0, True
        self.begin = self.held()

    def held(self) -> int:
        total = 0
        with contextlib.suppress(psutil.NoSuchProcess):
            total = self.process.memory_info().rss
            for one in self.process.children(recursive=True):
                with contextlib.suppress(psutil.NoSuchProcess):
                    total += one.memory_info().rss
        return total

    def run(self) -> None:
        while self.going:
            self.most = max(self.most, self.held())
            time.sleep(0.02)


class Late(NamedTuple):
    """The event loop came back late: when, how late on the wall, and how much of it was its own
    computing."""

    when: float
    wall: float
    computed: float


def lates(folder: Path) -> Iterator[Late]:
    for path in folder.glob("*.late"):
        for line in path.read_text().splitlines():
            yield Late(*map(float, line.split()))


class Control(threading.Thread):
    """How late a loop comes back that has nothing to do: what the machine itself adds."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.going, self.lates = True, []

    def run(self) -> None:
        asyncio.run(self.watch())

    async def watch(self) -> None:
        while self.going:
            begin = time.monotonic()
            await asyncio.sleep(0.005)
            self.lates.append((time.monotonic(), time.monotonic() - begin - 0.005))


def process_at(address: str) -> psutil.Process:
    port = int(address.rsplit(":", 1)[1])
    for process in psutil.Process().children(recursive=True):
        if any(c.laddr.port == port and c.status == "LISTEN" for c in process.net_connections()):
            return process
    raise AssertionError(f"nothing listens on {port}")


def send_all(live: Live, some: dict[str, spreadsheets.Kind]) -> list[tuple[str, str, float, float]]:
    """(kind, route, when it began, seconds) of each request, having looked at the answers."""
    sent, faults = [], []
    headers = {"Authorization": f"Bearer {live.token}"}
    with httpx.Client(headers=headers, timeout=60) as client:
        for name, kind in some.items():
            for route in ROUTES:
                data = kind(route.headings)
                for dry_run in ("true", "false"):
                    address = live.addresses()[route.service] + route.path
                    begin = time.monotonic()
                    try:
                        answer = client.post(
                            f"{address}dry_run={dry_run}", files={"file": (ending(name), data)}
                        )
                    except httpx.TransportError as error:
                        faults.append(f"{name} at {route.path}: {error!r}")
                        continue
                    sent.append((name, route.path, begin, time.monotonic() - begin))
                    if reason := wrong(answer, dry_run):
                        faults.append(f"{name} at {route.path} ({dry_run}): {reason}")
    assert not faults, "\n".join(faults)
    return sent


def wrong(answer: httpx.Response, dry_run: str) -> str:
    """What is wrong with an answer."""
    shown = f"{answer.status_code} {answer.text[:300]}"
    if answer.status_code == 201 and answer.json().get("rows") == 0:
        return ""  # an empty list is a list
    fine = {200, 400, 413, 415, 422} if dry_run == "true" else {400, 413, 415, 422}
    if answer.status_code not in fine:
        return shown
    return "" if len(answer.content) < 1 << 20 else f"{len(answer.content)} bytes: {shown}"


def ending(name: str) -> str:
    """A file name as somebody would choose it who wants it to be read."""
    kind = name.split(" ")[0].lower()
    if kind in {"csv", "yaml", "json"} or name.endswith((".csv", ".yaml", ".json")):
        return f"a.{kind}" if " " in name else name
    return "a.xlsx"


def stored(live: Live) -> list[int]:
    headers = {"Authorization": f"Bearer {live.token}"}
    with httpx.Client(headers=headers, timeout=60) as client:
        pages = [
            client.get(f"{live.balance}/v1/imports"),
            client.get(f"{live.measures}/v1/measures?status=all&limit=1000"),
            client.get(f"{live.measures}/v1/ideas?limit=1000"),
        ]
    return [len(page.json().get("items", page.json())) for page in pages]


def sent_in_time(watched: tuple[Live, Path], some: dict[str, spreadsheets.Kind]) -> list[str]:
    """Kinds that took too long, or blocked the loop. Everything else is asserted."""
    live, folder = watched
    before = stored(live)
    processes = {
        service: process_at(live.addresses()[service]) for service in ("balance", "measures")
    }
    # What a service needs for its first files is not what grows.
    send_all(live, {"CSV x": spreadsheets.raw(b"x"), "x": spreadsheets.raw(b"PK\x03\x04")})
    memories = [Memory(process) for process in processes.values()]
    control, start = Control(), time.monotonic()
    for thread in (*memories, control):
        thread.start()
    sent = send_all(live, some)
    for thread in (*memories, control):
        thread.going = False
        thread.join()

    assert stored(live) == before
    assert all(process.is_running() for process in processes.values())
    for memory in memories:
        assert memory.most - memory.begin < MOST_MEMORY, (memory.most - memory.begin) >> 20
    slow = [f"{name} at {path}: {took:.1f} s" for name, path, _, took in sent if took > SLOWEST]
    blocked = [
        f"{', '.join(names)}: {late}"
        for late in lates(folder)
        if late.when > start and is_blocked(late, control)
        for names in [{name for name, _, at, took in sent if at < late.when < at + took + 0.1}]
        if names
    ]
    return slow + blocked


def is_blocked(late: Late, control: Control) -> bool:
    """By something of the service's own, as far as a loop beside it tells."""
    near = [lag for when, lag in control.lates if abs(when - late.when) < late.wall + 1]
    allowed = LONGEST_BLOCK + max(near, default=0)
    return late.computed > LONGEST_BLOCK or late.wall > allowed


def check(watched: tuple[Live, Path], some: dict[str, spreadsheets.Kind]) -> None:
    """What takes too long is sent again: a file that blocks a service does so every time, whatever
    else the machine has to do."""
    for _ in range(ATTEMPTS):
        late = sent_in_time(watched, some)
        some = {name: kind for name, kind in some.items() if any(name in one for one in late)}
        if not some:
            return
    assert not late


def test_there_are_many_kinds() -> None:
    assert len(kinds()) >= 250


def test_some_kinds_every_day(watched: tuple[Live, Path]) -> None:
    every = kinds()
    seeds = [name for name in every if name.startswith(("measures-", "deliveries-"))]
    some = dict.fromkeys([*seeds, *list(every)[::EVERY]])
    check(watched, {name: every[name] for name in some})


@pytest.mark.fuzz
def test_all_kinds(watched: tuple[Live, Path]) -> None:
    check(watched, kinds())
