"""The drill: `kill -9` of each service and of the postmaster while a thousand writes to all of them
are acknowledged, under `./klima up`. Nothing acknowledged is lost, nothing is there twice, and
everything is back by itself within fifteen seconds."""

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
from typing import Any, NamedTuple

import httpx
import psycopg
import pytest

from klima_local.database import DATABASE
from klima_local.home import Home, root
from klima_local.postgres import Server
from klima_local.processes import free_ports
from klima_local.services import SERVICES
from klima_local.stack import Stack

pytestmark = pytest.mark.launcher
WRITES, WRITERS, BACK_SECONDS, LONGEST = 1000, 8, 15.0, 240.0
REGIONS = ("05974028", "05974040", "05974052")
INDICATOR = {
    "code": "Drill",
    "direction": "higher",
    "kind": "impact",
    "name_de": "Probe",
    "name_en": "Drill",
    "unit": "km",
}


class Request(NamedTuple):
    """A write that says its number; `PUT` for what has no key of its own."""

    service: str
    path: str
    options: dict[str, Any]
    method: str = "POST"


def _event(number: int) -> Request:
    body = {
        "region": "05974000",
        "title": f"Drill {number}",
        "starts_at": "2099-05-05T18:00:00+02:00",
        "published": True,
    }
    return Request("measures", "/v1/events", {"json": body})


def _figure(number: int) -> Request:
    place = f"{REGIONS[number % 3]}/activities/{1990 + number // 5 % 30}"
    sector = ("households", "commerce", "industry", "municipal")[number // 150 % 4]
    key = f"{sector}.{('natural_gas', 'heating_oil')[number // 600]}"
    body = {"quantity": 1.0 + number, "unit": "MWh", "status": "measured", "grade": "A"}
    return Request(
        "balance",
        f"/v1/regions/{place}/{key}",
        {"json": {**body, "source": f"Drill {number}"}},
        "PUT",
    )


def _import(number: int) -> Request:
    cell = f"{REGIONS[number % 3]},{1990 + number // 5 % 30}"
    sector = ("households", "commerce", "industry", "municipal")[number // 150 % 4]
    carrier = ("biomass", "coal")[number // 600]
    table = (
        "region,year,sector,carrier,quantity,unit,status,grade,source\n"
        f"{cell},{sector},{carrier},{number + 1},MWh,measured,A,Drill {number}\n"
    )
    files = {"file": (f"Drill {number}", table.encode())}
    return Request("balance", "/v1/imports", {"files": files})


def _value(number: int) -> Request:
    body = {
        "region": REGIONS[number % 3],
        "period": f"{1950 + number // 20 % 50}-Q{1 + number // 5 % 4}",
        "value": 1.0 + number,
        "source": f"Drill {number}",
    }
    return Request("controlling", "/v1/indicators/Drill/values", {"json": body})


def _target(number: int) -> Request:
    body = {
        "code": f"drill-{number}",
        "title_de": "Ziel",
        "title_en": f"Drill {number}",
        "region": REGIONS[0],
        "year": 2040,
        "value": 0.0,
    }
    return Request("controlling", "/v1/targets", {"json": body})


KINDS = (_event, _figure, _import, _value, _target)
STORED = (
    (_event, "select document->>'title' from measures.event"),
    (
        _figure,
        "select source from balance.activity where carrier in ('natural_gas', 'heating_oil')",
    ),
    (_import, "select source from balance.activity where carrier in ('biomass', 'coal')"),
    (_import, "select file_name from balance.data_import"),
    (_value, "select source from controlling.indicator_value"),
    (_target, "select title_en from controlling.target"),
)
"""The names of what is stored, kind by kind."""
AUDITED = {
    "measures": ("event",),
    "balance": ("activity", "data_import"),
    "controlling": ("indicator_value", "target"),
}


@dataclass
class Drill:
    """One installation, and those who write into it."""

    home: Path
    ports: list[int]
    token: str = ""
    waiting: SimpleQueue[int] = field(default_factory=SimpleQueue)
    acknowledged: set[int] = field(default_factory=set)
    began: dict[str, list[float]] = field(  # when acknowledged requests had begun
        default_factory=lambda: {service: [] for service in SERVICES}
    )
    faults: list[str] = field(default_factory=list)
    give_up: float = 0.0

    def address(self, service: str) -> str:
        return f"http://127.0.0.1:{self.ports[SERVICES.index(service)]}"

    def load(self) -> None:
        """Regions and carriers, without balances; an indicator for the values."""
        stack = Stack(Home(self.home), dict(zip(SERVICES, self.ports, strict=True)))
        command = [sys.executable, "-m", "klima_balance.cli", "load-method"]
        subprocess.run(command, env=stack.environment("balance"), cwd=root(), check=True)
        answer = httpx.post(
            f"{self.address('controlling')}/v1/indicators",
            json=INDICATOR,
            headers={"Authorization": f"Bearer {self.token}"},
            trust_env=False,
            timeout=30,
        )
        assert answer.status_code == 201, answer.text

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
        """One writer: each request until it is acknowledged, always with the same key."""
        headers = {"Authorization": f"Bearer {self.token}"}
        with httpx.Client(headers=headers, timeout=10, trust_env=False) as client:
            while self.faults == []:
                try:
                    number = self.waiting.get_nowait()
                except Empty:
                    return
                request = KINDS[number % len(KINDS)](number)
                while not self._acknowledged(client, number, request):
                    if time.monotonic() > self.give_up:
                        self.faults.append(f"{number} was never acknowledged")
                    if self.faults:
                        return
                    time.sleep(0.1)
                self.acknowledged.add(number)

    def _acknowledged(self, client: httpx.Client, number: int, request: Request) -> bool:
        """Whether a request is answered as done. A PUT that is there already has no answer of its
        own: what is there is read."""
        begun, address = time.monotonic(), self.address(request.service) + request.path
        keyed = {"Idempotency-Key": f"drill-{number}"} if request.method == "POST" else {}
        try:
            answer = client.request(request.method, address, headers=keyed, **request.options)
            if answer.status_code == 428:
                answer = client.get(address)
                there = answer.json().get("source") == f"Drill {number}"
                if answer.status_code == 200 and not there:
                    self.faults.append(f"{number}: {answer.text}")
        except httpx.HTTPError:
            return False
        if answer.status_code in {200, 201}:
            self.began[request.service].append(begun)
            return True
        if answer.status_code != 503:
            self.faults.append(f"{request}: {answer.status_code} {answer.text}")
        elif "retry-after" not in answer.headers:
            self.faults.append(f"{request}: 503 without Retry-After")
        return False

    def kill_after(self, count: int, pid: int, *services: str) -> None:
        """Kill when so many are acknowledged, and wait until each of these services acknowledges
        again what began after it."""
        while len(self.acknowledged) < count:
            assert self.faults == []
            assert time.monotonic() < self.give_up, "not written in time"
            time.sleep(0.01)
        os.kill(pid, signal.SIGKILL)
        killed = time.monotonic()
        for service in services:
            while not any(begun > killed + 0.5 for begun in list(self.began[service])):
                assert time.monotonic() < killed + BACK_SECONDS, f"{service} not back in time"
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
        drill.load()
        drill.give_up = time.monotonic() + LONGEST
        writers = [threading.Thread(target=drill.write) for _ in range(WRITERS)]
        for writer in writers:
            writer.start()
        for part, name in enumerate(SERVICES, 1):
            drill.kill_after(WRITES * part // 6, drill.service(name), name)
        drill.kill_after(WRITES * 4 // 6, drill.postmaster(), *SERVICES)
        for writer in writers:
            writer.join(LONGEST)
        assert drill.faults == []
        assert process.poll() is None, "nobody had to start anything"
        with psycopg.connect(Server(drill.home / "postgres").url(DATABASE)) as connection:
            for kind, query in STORED:
                stored = Counter(name for (name,) in connection.execute(query.encode()))
                written = range(KINDS.index(kind), WRITES, len(KINDS))
                assert stored == Counter(f"Drill {number}" for number in written), query
            for schema, entities in AUDITED.items():
                audited = connection.execute(
                    b"select entity, count(*), count(distinct entity_id) from %s.audit"
                    b" where entity = any(%%s) group by 1" % schema.encode(),
                    (list(entities),),
                ).fetchall()
                each = WRITES // len(KINDS)
                assert sorted(audited) == [(entity, each, each) for entity in entities]
            again = connection.execute(
                "select count(*) from balance.activity_history where revision > 1"
            ).fetchone()
            assert again == (0,), "no figure was written twice"
    assert drill.acknowledged == set(range(WRITES))
    log = (drill.home / "up.txt").read_text()
    assert log.count("wurde beendet durch SIGKILL") >= len(SERVICES)
    assert "Die Datenbank (Postgres) ist nicht mehr da" in log
