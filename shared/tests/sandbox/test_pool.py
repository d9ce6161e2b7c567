"""Files are parsed in processes of their own: whatever a file does there, the service answers and
the next file is read."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
import zipfile
from dataclasses import asdict
from pathlib import Path

import pytest

from klima_shared.http.problems import Problem
from klima_shared.language.errors import InputError
from klima_shared.sandbox import pool as pools
from klima_shared.sandbox import processes, wire
from klima_shared.sandbox.model import Limits
from klima_shared.sandbox.pool import Pool
from tests.hostile import workbooks

CASES = Path(__file__).parents[4] / "shared" / "cases"


@pytest.fixture
def pool():
    made = Pool(workers=1)
    yield made
    made.close()


def parsed(pool: Pool, data: bytes, kind: str = "json") -> object:
    reader = wire.DocumentReader()
    pool.parse(kind, data, {}, reader.add)
    return reader.value


def process_of(pool: Pool) -> subprocess.Popen[bytes]:
    return pool.processes._idle[0].process


@pytest.mark.parametrize(
    "value",
    [
        *[None, 1.5, "ä", [], {}, [1, [2, {"a": None}]]],
        {"a": [1, 2], "b": {"c": [True]}, "d": "x"},
        {"measures": [{"title": "t" * 500, "number": i} for i in range(3000)]},
    ],
)
def test_a_document_arrives_as_it_is(pool, value):
    assert parsed(pool, json.dumps(value).encode()) == value


def test_a_file_that_takes_too_much_memory_ends_its_process_and_nothing_else(pool):
    assert parsed(pool, b"[1]") == [1]
    before = process_of(pool).pid
    with pytest.raises(InputError, match="too much time or memory"):
        parsed(pool, b'"' + b"x" * (200 << 20) + b'"')
    assert parsed(pool, b"[2]") == [2]
    assert process_of(pool).pid != before


def test_a_file_that_takes_too_much_computing_time_ends_its_process():
    pool = Pool(workers=1)
    begin = time.monotonic()
    sheet = workbooks.workbook(workbooks.sheet("<a/>" * 15_000_000), method=zipfile.ZIP_STORED)
    with pytest.raises(InputError, match="too much time or memory"):
        pool.parse("workbook", sheet, {"limits": asdict(Limits())}, print)
    assert time.monotonic() - begin < pools.DEADLINE + 5
    assert parsed(pool, b"[2]") == [2]
    pool.close()


def test_a_deadline_holds_for_a_process_that_does_nothing():
    pool = Pool(workers=1, deadline=0.5)
    parsed(pool, b"[1]")
    os.kill(process_of(pool).pid, signal.SIGSTOP)
    with pytest.raises(InputError):
        parsed(pool, b"[1]")
    assert parsed(pool, b"[2]") == [2]
    pool.close()


def test_a_process_that_is_killed_between_two_files_is_replaced(pool):
    parsed(pool, b"[1]")
    process_of(pool).kill()
    process_of(pool).wait()
    assert parsed(pool, b"[2]") == [2]


def test_a_process_is_replaced_after_many_files_and_after_a_large_one(pool, monkeypatch):
    monkeypatch.setattr(processes, "TASKS", 3)
    seen = set()
    for _ in range(7):
        parsed(pool, b"[1]")
        seen.add(process_of(pool).pid)
    assert len(seen) == 3
    before = process_of(pool).pid
    parsed(pool, b'"' + b"x" * (processes.LARGE + 1) + b'"')
    assert process_of(pool).pid != before


def test_it_has_nothing_of_the_service(pool, monkeypatch):
    monkeypatch.setenv("KLIMA_DATABASE_URL", "postgresql://secret")
    parsed(pool, b"[1]")
    process = process_of(pool)
    assert b"KLIMA" not in Path(f"/proc/{process.pid}/environ").read_bytes()
    targets = {str(f.readlink()) for f in Path(f"/proc/{process.pid}/fd").iterdir()}
    assert not any(target.startswith("socket:") for target in targets)
    limits = Path(f"/proc/{process.pid}/limits").read_text()
    assert "Max file size             0                    0" in limits


def test_the_processes_end_with_the_service():
    program = (
        "from klima_shared.sandbox import pool\n"
        "pool.json_document(b'[1]')\n"
        "print(pool.pool().processes._idle[0].process.pid, flush=True)\n"
        "import os, signal; os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)
    worker = Path(f"/proc/{int(done.stdout)}/stat")
    end = time.monotonic() + 10
    while worker.exists() and worker.read_text().split()[2] != "Z":
        assert time.monotonic() < end, "the worker outlives the service"
        time.sleep(0.05)


def test_files_beyond_the_number_of_processes_wait(pool):
    found = []
    threads = [
        threading.Thread(target=lambda: found.append(parsed(pool, b"[1]"))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [[1]] * 8


def test_without_a_process_the_answer_is_503(pool, monkeypatch):
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(Problem) as error:
        parsed(pool, b"[1]")
    assert error.value.status == 503


@pytest.mark.parametrize(
    "piece",
    [
        ["rows", [1, ["a"]]],
        ["sheet", "exe", True, "", True, None],
        ["sheet", "csv", True, "", True, None, 1],
        ["items", 1],
        ["nonsense"],
    ],
)
def test_what_was_not_agreed_is_not_taken(piece):
    for reader in (wire.SheetReader(), wire.DocumentReader()):
        with pytest.raises(wire.BrokenError):
            reader.add(piece)
    with pytest.raises(wire.BrokenError):
        wire.text_in(["{x.__class__} is no message of ours", {}])
