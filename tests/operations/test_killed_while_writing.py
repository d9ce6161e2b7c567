"""The drill: `kill -9` of a service and of the postmaster while a thousand writes are acknowledged,
under `./klima up`. Nothing acknowledged is lost, nothing is there twice, and everything is back by
itself within fifteen seconds."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, SimpleQueue

import httpx
import psycopg
import pytest

from klima_local.database import DATABASE
from klima_local.home import root
from klima_local.postgres import Server
from klima_local.processes import free_ports
from klima_local.services import SERVICES

pytestmark = pytest.mark.launcher
WRITES, WRITERS, BACK_SECONDS, LONGEST = 1000, 8, 15.0, 150.0


@dataclass
class Drill:
    """One installation, and those who write into it."""

    home: Path
    ports: list[int]
    token: str = ""
    waiting: SimpleQueue[int] = field(default_factory=SimpleQueue)
    acknowledged: dict[int, str] = field(default_factory=dict)  # number: id
    began: list[float] = field(default_factory=list)  # when acknowledged requests had begun
    faults: list[str] = field(default_factory=list)
    give_up: float = 0.0

    @property
    def measures(self) -> str:
        return f"http://127.0.0.1:{self.ports[SERVICES.index('measures')]}"

    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("KLIMA_")}
        return {**kept, "KLIMA_HOME": str(self.home)}

    @contextlib.contextmanager
    def up(self) -> Iterator[subprocess.Popen[bytes]]:
        options = [
            word
            for service, port in zip(SERVICES, self.ports, strict=True)
            for word in (f"--{service}-port", str(port))
        ]
        command = [sys.executable, "-m", "klima_local", "up", "--no-data", *options]
        log = self.home / "up.txt"
        with (
            log.open("wb") as output,
            subprocess.Popen(
                command, env=self.environment(), cwd=root(), stdout=output, stderr=subprocess.STDOUT
            ) as process,
        ):
            try:
                end = time.monotonic() + 120
                while "Klimakreis läuft" not in log.read_text():
                    assert process.poll() is None, log.read_text()
                    assert time.monotonic() < end, log.read_text()
                    time.sleep(0.1)
                yield process
            finally:
                process.send_signal(signal.SIGTERM)
                process.wait(60)

    def log_in(self) -> None:
        asked = ["token", "--role", "manager", "--region", "05974"]
        command = [sys.executable, "-m", "klima_local", *asked]
        result = subprocess.run(
            command, env=self.environment(), cwd=root(), capture_output=True, text=True, check=True
        )
        self.token = result.stdout.strip()

    def write(self) -> None:
        """One writer: each event until it is acknowledged, always with the same key."""
        headers = {"Authorization": f"Bearer {self.token}"}
        with httpx.Client(
            base_url=self.measures, headers=headers, timeout=10, trust_env=False
        ) as client:
            while True:
                try:
                    number = self.waiting.get_nowait()
                except Empty:
                    return
                body = {
                    "region": "05974000",
                    "title": f"Drill {number}",
                    "starts_at": "2099-05-05T18:00:00+02:00",
                    "place": "Kreishaus",
                    "published": True,
                }
                while number not in self.acknowledged:
                    if time.monotonic() > self.give_up:
                        self.faults.append(f"{number} was never acknowledged")
                        return
                    begun = time.monotonic()
                    try:
                        answer = client.post(
                            "/v1/events", json=body, headers={"Idempotency-Key": f"drill-{number}"}
                        )
                    except httpx.HTTPError:
                        time.sleep(0.1)
                        continue
                    if answer.status_code == 201:
                        self.acknowledged[number] = answer.json()["id"]
                        self.began.append(begun)
                    elif answer.status_code == 503:
                        assert "retry-after" in answer.headers
                        time.sleep(0.1)
                    else:
                        self.faults.append(f"{answer.status_code} {answer.text}")
                        return

    def kill_after(self, count: int, pid: int) -> None:
        """Kill when so many are acknowledged, and wait until writes are acknowledged again that
        began after it."""
        while len(self.acknowledged) < count:
            assert time.monotonic() < self.give_up, self.faults
            time.sleep(0.01)
        os.kill(pid, signal.SIGKILL)
        killed = time.monotonic()
        while not any(begun > killed + 0.5 for begun in list(self.began)):
            assert time.monotonic() < killed + BACK_SECONDS, "not back in time"
            time.sleep(0.01)

    def service(self, name: str) -> int:
        return int(json.loads((self.home / "up.json").read_text())["services"][name][0])

    def postmaster(self) -> int:
        return int(next(self.home.rglob("postmaster.pid")).read_text().splitlines()[0])


def test_nothing_is_lost_and_nothing_is_twice(tmp_path: Path) -> None:
    tmp_path.chmod(0o711)  # Postgres may run as another user than root
    drill = Drill(tmp_path / "home", free_ports(3))
    drill.home.mkdir()
    for number in range(WRITES):
        drill.waiting.put(number)
    with drill.up() as process:
        drill.log_in()
        drill.give_up = time.monotonic() + LONGEST
        writers = [threading.Thread(target=drill.write) for _ in range(WRITERS)]
        for writer in writers:
            writer.start()
        drill.kill_after(WRITES // 5, drill.service("measures"))
        drill.kill_after(WRITES // 2, drill.postmaster())
        for writer in writers:
            writer.join(LONGEST)
        assert drill.faults == []
        assert process.poll() is None, "nobody had to start anything"
        with psycopg.connect(Server(drill.home / "postgres").url(DATABASE)) as connection:
            rows = connection.execute("select id::text from measures.event").fetchall()
            audited = connection.execute(
                "select entity_id from measures.audit where entity = 'event'"
            ).fetchall()
    stored = Counter(identity for (identity,) in rows)
    assert len(drill.acknowledged) == WRITES
    assert Counter(drill.acknowledged.values()) == stored, "each once, none lost, none doubled"
    assert Counter(identity for (identity,) in audited) == stored
    said = (drill.home / "up.txt").read_text()
    assert "Der Dienst Maßnahmen wurde beendet durch SIGKILL" in said
    assert "Die Datenbank (Postgres) ist nicht mehr da" in said
