"""PDF: what people paste into texts never keeps a document from being made, and a document that is
too much harms nothing but the process that sets it."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import anyio
import pytest

from klima_shared.http.problems import Problem
from klima_shared.look import pdf as typesetting
from klima_shared.look.pdf import PAGES, Room, TypesettingError, pdf, processes, typeset
from klima_shared.look.typesetter import without_undisplayable

TEMPLATE = b"""#let d = json(bytes(sys.inputs.data))
#set document(title: d.title)
#set text(lang: "de")
#d.title
"""
TABLE = TEMPLATE + b'#table(columns: 4, ..d.at("cells", default: ()))\n'
ENDLESS = TEMPLATE + (
    b"#for a in range(90000) { for b in range(90000) { if calc.sin(a * b) > 2 [x] } }\n"
)
MOMENT = datetime(2026, 1, 2, tzinfo=UTC)
MIB: Final = 1 << 20


@pytest.fixture
def room() -> Iterator[Room]:
    """With processes of its own."""
    made = PAGES._replace(workers=1, deadline=20.0, seconds=4, memory=500 * MIB)
    yield made
    processes(made).close()
    processes.cache_clear()


def process_of(room: Room) -> int:
    return processes(room)._idle[0].process.pid


def resident() -> int:
    """Bytes of memory that this process has in use."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGESIZE")


@pytest.mark.parametrize(
    "title",
    [
        "Klimaschutz",
        "Bäume 🌳 für Werl",
        "🏳️\u200d🌈",
        "\x99",
        "\ue000\U000a15b3",
        "中文",
        "e\u0301 CO₂ → m²",
        "a\u0001b",
    ],
)
def test_every_text_makes_a_document(title: str) -> None:
    made = pdf(TEMPLATE, {"title": title}, MOMENT)
    assert made.startswith(b"%PDF")
    assert made == pdf(TEMPLATE, {"title": title}, MOMENT)


def test_a_sign_no_font_has_becomes_a_box_and_the_promise_of_accessibility_stays() -> None:
    assert without_undisplayable("Bäume 🌳 für Werl – 3 ↑ č") == "Bäume □ für Werl – 3 ↑ č"
    assert b"pdfuaid" in pdf(TEMPLATE, {"title": "Bäume 🌳"}, MOMENT)


def test_thousands_of_strange_signs_are_boxed_without_looking_each_up() -> None:
    assert set(without_undisplayable("".join(chr(0x4E00 + n) for n in range(5000)))) == {"□"}


def test_a_fault_in_a_template_is_told_and_the_next_document_is_its_own() -> None:
    with pytest.raises(TypesettingError):
        pdf(TEMPLATE + b"#nothing", {"title": "x"}, MOMENT)
    assert pdf(TEMPLATE, {"title": "x"}, MOMENT).startswith(b"%PDF")


@pytest.mark.parametrize(
    ("template", "cells"),
    [
        (TABLE, ["Klimaschutz " * 800] * 800),  # within the limit of data
        (TABLE, ["Klimaschutz " * 800] * 8000),
        (ENDLESS, []),
    ],
)
def test_a_monstrous_document_is_refused_in_time_and_leaves_no_trace(
    room: Room, template: bytes, cells: list[str]
) -> None:
    assert pdf(TEMPLATE, {"title": "x"}, MOMENT, room)
    before, began = resident(), time.monotonic()
    with pytest.raises(Problem, match="too much time or memory") as refused:
        pdf(template, {"title": "x", "cells": cells}, MOMENT, room)
    assert refused.value.status == 422
    assert time.monotonic() - began < room.deadline + 5
    assert resident() - before < 300 * MIB
    assert pdf(TEMPLATE, {"title": "x"}, MOMENT, room).startswith(b"%PDF")


def test_a_deadline_holds_for_a_process_that_does_nothing(room: Room) -> None:
    brief = room._replace(deadline=0.5)
    assert pdf(TEMPLATE, {"title": "x"}, MOMENT, brief)
    os.kill(process_of(brief), signal.SIGSTOP)
    with pytest.raises(Problem) as refused:
        pdf(TEMPLATE, {"title": "x"}, MOMENT, brief)
    assert refused.value.status == 422
    assert pdf(TEMPLATE, {"title": "x"}, MOMENT, brief)
    processes(brief).close()


def test_a_process_killed_in_the_middle_is_an_answer_and_a_new_process(room: Room) -> None:
    assert pdf(TEMPLATE, {"title": "x"}, MOMENT, room)
    process = process_of(room)
    threading.Timer(0.5, os.kill, (process, signal.SIGKILL)).start()
    with pytest.raises(Problem) as broken:
        pdf(ENDLESS, {"title": "x"}, MOMENT, room)
    assert (broken.value.status, broken.value.headers["Retry-After"]) == (503, "5")
    assert pdf(TEMPLATE, {"title": "x"}, MOMENT, room).startswith(b"%PDF")
    assert process_of(room) != process


async def test_who_waits_for_a_turn_takes_no_thread_and_not_for_ever(room: Room) -> None:
    brief = room._replace(wait=0.3)
    under_way, most, refused = 0, 0, 0
    lock = threading.Lock()

    def make() -> bytes:
        nonlocal under_way, most
        with lock:
            under_way += 1
            most = max(most, under_way)
        time.sleep(0.2)
        with lock:
            under_way -= 1
        return b"x"

    async def ask() -> None:
        nonlocal refused
        try:
            await typeset(make, brief)
        except Problem as problem:
            refused += problem.status == 503

    async with anyio.create_task_group() as group:
        for _ in range(60):
            group.start_soon(ask)
        await anyio.sleep(0.05)
        began = time.monotonic()
        await anyio.to_thread.run_sync(time.sleep, 0)  # threads are left for others
        assert time.monotonic() - began < 0.15
    assert most == 1
    assert refused >= 57


def test_a_prepared_process_waits_for_the_first_document(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(typesetting, "PAGES", room)
    typesetting.prepare()
    typesetting.prepare()
    process = process_of(room)
    assert len(processes(room)._idle) == 1
    assert pdf(TEMPLATE, {"title": "x"}, MOMENT, room)
    assert process_of(room) == process
