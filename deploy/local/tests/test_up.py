"""`./klima up` and the commands beside it, with real processes and a real Postgres; the services
are stand-ins."""

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import pytest

from klima_local.processes import free_ports
from klima_local.services import SERVICES

FIRST_BALANCES = "compute --region 05974 --publish"


@dataclass
class Klima:
    """The command line, in a KLIMA_HOME of its own and with stand-ins for the services."""

    home: Path
    stubs: Path
    ports: list[int] = field(default_factory=lambda: free_ports(3))

    def environment(self, **more: str) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("KLIMA_")}
        return {**kept, "KLIMA_HOME": str(self.home), "PYTHONPATH": str(self.stubs), **more}

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "klima_local", *arguments]

    def run(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(*arguments),
            env=self.environment(**environment),
            capture_output=True,
            text=True,
            timeout=60,
        )

    @property
    def port_options(self) -> list[str]:
        return [
            part
            for name, port in zip(SERVICES, self.ports, strict=True)
            for part in (f"--{name}-port", str(port))
        ]

    @contextlib.contextmanager
    def up(self, *arguments: str, **environment: str) -> Iterator[subprocess.Popen[str]]:
        command = self.command("up", *self.port_options, *arguments)
        with subprocess.Popen(
            command,
            env=self.environment(**environment),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process:
            try:
                yield process
            finally:
                process.kill()

    def wait_ready(self, process: subprocess.Popen[str]) -> str:
        """What was printed up to the addresses."""
        assert process.stdout is not None
        printed = ""
        for line in process.stdout:
            printed += line
            if "Protokolle" in line:
                return printed
        raise AssertionError(f"ended with {process.wait()}:\n{printed}")

    def get(self, service: str, path: str = "/") -> dict[str, Any]:
        port = self.ports[SERVICES.index(service)]
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
            content: dict[str, Any] = json.load(answer)
        return content

    def processes(self) -> list[psutil.Process]:
        """Everything that runs for this home: services, server."""
        found = []
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                if process.status() != psutil.STATUS_ZOMBIE and (
                    process.environ().get("KLIMA_HOME") == str(self.home)
                    or str(self.home) in " ".join(process.cmdline())
                ):
                    found.append(process)
        return found

    def assert_nothing_runs(self) -> None:
        end = time.monotonic() + 5
        while self.processes() and time.monotonic() < end:
            time.sleep(0.05)
        assert self.processes() == []


@pytest.fixture
def klima(tmp_path: Path) -> Iterator[Klima]:
    stubs = tmp_path / "stubs"
    for service in SERVICES:
        package = stubs / f"klima_{service}"
        package.mkdir(parents=True)
        (package / "__init__.py").touch()
        shutil.copy(Path(__file__).with_name("stub_service.py"), package / "cli.py")
    made = Klima(tmp_path / "home", stubs)
    yield made
    for process in made.processes():
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()


def test_up_prepares_serves_and_stops_cleanly(klima: Klima) -> None:
    with klima.up() as process:
        printed = klima.wait_ready(process)
        balance = klima.get("balance")
        assert balance["ran"] == ["migrate", "load-method", FIRST_BALANCES]
        assert klima.get("measures")["ran"] == ["migrate", "load-templates", "load-example"]
        assert klima.get("controlling")["ran"] == ["migrate", "load-shipped"]
        addresses = {
            f"KLIMA_{s.upper()}_URL": f"http://127.0.0.1:{p}"
            for s, p in zip(SERVICES, klima.ports, strict=True)
        }
        assert addresses.items() <= balance["settings"].items()
        assert balance["settings"]["KLIMA_ENVIRONMENT"] == "local"
        assert balance["settings"]["KLIMA_AUTH_ISSUER"] == "http://127.0.0.1/klima-local"
        assert (
            "d"
            not in json.loads(Path(balance["settings"]["KLIMA_AUTH_JWKS"]).read_text())["keys"][0]
        )
        assert Path(balance["settings"]["KLIMA_SERVICE_TOKEN_FILE"]).stat().st_mode & 0o777 == 0o600
        users = [
            klima.get(s)["settings"]["KLIMA_DATABASE_URL"].split("//")[1].split(":")[0]
            for s in SERVICES
        ]
        assert users == [f"klima_{service}" for service in SERVICES]
        for wanted in (
            "Datenbank",
            "Bilanz: Bilanzen rechnen",
            "Maßnahmen: Schema",
            f":{klima.ports[0]}/v1/regions/05974040/balances/2022/chart.svg",
        ):
            assert wanted in printed
        assert re.search(r"✓ Bilanz: Bilanzen rechnen +\d+\.\d s", printed)
        status = klima.run("status")
        assert status.returncode == 0, status.stdout
        assert status.stdout.count("bereit") == 3

        process.send_signal(signal.SIGINT)
        assert process.stdout is not None
        assert "Beendet" in process.stdout.read()
        assert process.wait(20) == 0
    klima.assert_nothing_runs()
    assert klima.run("status").returncode == 3


@pytest.mark.launcher
def test_a_second_start_keeps_the_data_and_repeats_nothing(klima: Klima) -> None:
    for _ in range(2):
        with klima.up() as process:
            klima.wait_ready(process)
            ran = {service: len(klima.get(service)["ran"]) for service in SERVICES}
            assert ran == {"balance": 3, "measures": 3, "controlling": 2}
            process.terminate()
            assert process.wait(20) == 0
    klima.assert_nothing_runs()


def test_no_data(klima: Klima) -> None:
    with klima.up("--no-data") as process:
        klima.wait_ready(process)
        assert klima.get("balance")["ran"] == ["migrate"]


def test_a_taken_port_is_named_before_anything_starts(klima: Klima) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", klima.ports[1]))
        other.listen()
        result = klima.run("up", *klima.port_options)
    assert result.returncode == 1
    assert f"Port {klima.ports[1]}" in result.stderr
    assert "--measures-port" in result.stderr
    assert str(os.getpid()) in result.stderr  # who has it: this test
    assert not (klima.home / "postgres").exists()
    assert "Traceback" not in result.stderr


def test_two_services_cannot_share_a_port(klima: Klima) -> None:
    result = klima.run("up", "--balance-port", "8123", "--measures-port", "8123")
    assert result.returncode == 1
    assert "eigenen Port" in result.stderr


def killed(process: psutil.Process) -> None:
    process.kill()
    psutil.wait_procs([process], timeout=10)


def said_until(process: subprocess.Popen[str], words: str) -> str:
    assert process.stdout is not None
    printed = ""
    for line in process.stdout:
        printed += line
        if words in line:
            return printed
    raise AssertionError(f"ended with {process.wait()}:\n{printed}")


@pytest.mark.launcher
def test_a_service_that_dies_again_and_again_is_named_with_its_last_words(klima: Klima) -> None:
    with klima.up() as process:
        klima.wait_ready(process)
        said = ""
        for death in range(1, 6):
            with contextlib.suppress(OSError):
                klima.get("controlling", "/die")
            if death < 5:
                said += said_until(process, "Der Dienst Controlling läuft wieder")
        assert process.stdout is not None
        last = process.stdout.read()
        assert process.wait(20) == 1
    pauses = re.findall(r"Neustart in ([\d.]+) s", said)
    assert pauses == ["0.5", "1", "2", "4"]
    assert "zum 5. Mal" in last
    for part in (said, last):
        assert "Controlling" in part
        assert "Status 7" in part
        assert "the reason of my death" in part
        assert "Traceback" not in part
    klima.assert_nothing_runs()


@pytest.mark.launcher
def test_a_killed_service_is_started_again(klima: Klima) -> None:
    with klima.up() as process:
        klima.wait_ready(process)
        before = json.loads((klima.home / "up.json").read_text())["services"]["measures"][0]
        killed(psutil.Process(before))
        said = said_until(process, "läuft wieder")
        assert "Der Dienst Maßnahmen wurde beendet durch SIGKILL" in said
        assert klima.get("measures")["ran"] == ["migrate", "load-templates", "load-example"]
        after = json.loads((klima.home / "up.json").read_text())["services"]["measures"][0]
        assert after != before, "status and stop know the new one"
        assert klima.run("status").stdout.count("bereit") == 3
        process.terminate()
        assert process.wait(20) == 0
    klima.assert_nothing_runs()


@pytest.mark.launcher
def test_a_killed_database_is_started_again(klima: Klima) -> None:
    with klima.up() as process:
        klima.wait_ready(process)
        lines = next(klima.home.rglob("postmaster.pid")).read_text().splitlines()
        killed(psutil.Process(int(lines[0])))
        begun = time.monotonic()
        said = said_until(process, "läuft wieder")
        assert time.monotonic() - begun < 15
        assert "Die Datenbank (Postgres) ist nicht mehr da" in said
        assert klima.get("balance")["ran"][0] == "migrate"
        process.terminate()
        assert process.wait(20) == 0
    klima.assert_nothing_runs()


@pytest.mark.launcher
@pytest.mark.parametrize("command", ["migrate", "compute"])
def test_a_step_that_fails_ends_everything(klima: Klima, command: str) -> None:
    result = klima.run("up", *klima.port_options, STUB_FAILS=command)
    assert result.returncode == 1
    assert f"{command}" in result.stderr
    assert "went wrong, as told" in result.stderr
    assert "Traceback" not in result.stderr
    klima.assert_nothing_runs()
    # What failed is done again the next time, and not taken for done.
    with klima.up() as process:
        klima.wait_ready(process)
        assert klima.get("balance")["ran"][-1].startswith("compute")


@pytest.mark.launcher
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_stop_during_the_start(klima: Klima, number: signal.Signals) -> None:
    with klima.up(STUB_HANGS="load-method") as process:
        end = time.monotonic() + 20
        while not (klima.home / "logs" / "balance-load-method.log").exists():
            assert time.monotonic() < end
            time.sleep(0.05)
        process.send_signal(number)
        assert process.wait(20) == 0
    klima.assert_nothing_runs()


@pytest.mark.launcher
def test_a_second_up_in_the_same_home_is_refused(klima: Klima) -> None:
    with klima.up() as process:
        klima.wait_ready(process)
        second = klima.run("up", *klima.port_options)
        assert second.returncode == 1
        assert "läuft schon" in second.stderr
        assert str(klima.ports[0]) in second.stderr
        assert klima.get("balance", "/health/ready") == {"status": "ok"}
        assert klima.run("stop").returncode == 0
        assert process.wait(20) == 0
    klima.assert_nothing_runs()


@pytest.mark.launcher
def test_a_killed_start_leaves_nothing_behind_the_next_one(klima: Klima) -> None:
    with klima.up() as process:
        klima.wait_ready(process)
        before = {p.pid for p in klima.processes()}
        process.kill()
        process.wait()
    with klima.up() as process:
        klima.wait_ready(process)
        assert len(klima.get("balance")["ran"]) == 3
        servers = {p.pid for p in klima.processes() if "postgres" in p.name()}
        services = {p.pid for p in klima.processes() if p.cmdline()[-1:] == ["serve"]}
        assert len(services) == 3
        assert not services & before
        assert servers & before, "the database was still there and was used again"
        process.terminate()
        assert process.wait(20) == 0
    klima.assert_nothing_runs()


@pytest.mark.launcher
def test_stop_clears_up_after_a_killed_start(klima: Klima) -> None:
    with klima.up() as process:
        klima.wait_ready(process)
        process.kill()
        process.wait()
    assert klima.processes()
    assert klima.run("stop").returncode == 0
    klima.assert_nothing_runs()
    assert "läuft nicht" in klima.run("stop").stdout


@pytest.mark.launcher
def test_commands_prepare_the_database_once_and_leave_it_stopped(klima: Klima) -> None:
    first = klima.run("balance", "05974040", "2021")
    assert (first.returncode, first.stdout) == (0, "table of show 05974040 2021\n")
    assert "load-method" in first.stderr
    klima.assert_nothing_runs()
    second = klima.run("balance", "05974040", "2021")
    assert "load-method" not in second.stderr
    assert klima.run("compute", "--year", "2021", "--all", "--publish").returncode == 0
    assert klima.run("import", "statistics", "tables").returncode == 0
    with klima.up() as process:
        klima.wait_ready(process)
        ran = klima.get("balance")["ran"]
        # Beside a running installation, a command uses its database and leaves it running.
        assert klima.run("balance", "05974", "2018").returncode == 0
        assert klima.get("balance")["ran"][-1] == "show 05974 2018"
    assert ran[:3] == ["migrate", "load-method", FIRST_BALANCES]
    assert ran[3:] == ["show 05974040 2021"] * 2 + [
        "compute --year 2021 --all --publish",
        "import-statistics tables",
    ]


def test_a_commands_failure_is_ours(klima: Klima) -> None:
    result = klima.run("compute", STUB_FAILS="compute")
    assert result.returncode == 1
    assert "as told" in result.stderr


def test_no_local_tokens_in_production(klima: Klima) -> None:
    for arguments in (["token", "--role", "manager"], ["up", *klima.port_options]):
        result = klima.run(*arguments, KLIMA_ENV="production")
        assert result.returncode != 0
        assert "production" in result.stderr
        assert result.stdout == ""
    klima.assert_nothing_runs()


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--role", "king"], "king"),
        (["--role", "editor", "--region", "5974"], "5974"),
        (["--role", "editor", "--region", "Soest"], "Soest"),
        (["--role", "editor", "--expires", "tomorrow"], "8h"),
    ],
)
def test_a_wrong_token_request_says_what_was_expected(
    klima: Klima, arguments: list[str], expected: str
) -> None:
    result = klima.run("token", *arguments)
    assert result.returncode == 2
    assert expected in result.stderr
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
