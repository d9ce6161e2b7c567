"""`./klima up`: the database, the data and the three services, until told to stop."""

import contextlib
import json
import socket
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import dataclass, field

import psutil
from rich.console import Console

from klima_local import record
from klima_local.processes import (
    Children,
    CommandError,
    Steps,
    StoppedError,
    ending,
    identity,
    interruptible,
)
from klima_local.services import SERVICES, services
from klima_local.stack import HOST, SERVICE_TOKEN_SECONDS, Stack
from klima_local.supervision import Supervisor, UpError
from klima_shared.county import served_county

READY_SECONDS = 90.0


def check_ports(ports: Mapping[str, int]) -> None:
    """UpError that names the port, who has it and which option changes it."""
    if len(set(ports.values())) < len(ports):
        raise UpError(
            f"Jeder Dienst braucht einen eigenen Port, verlangt wurden {sorted(ports.values())}."
        )
    for service, port in ports.items():
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OverflowError:
                raise UpError(f"--{service}-port: {port} ist kein Port (1 bis 65535).") from None
            except OSError as error:
                who = _listener(port)
                raise UpError(
                    f"Port {port} für den Dienst {services()[service].title} ist nicht frei"
                    f" ({error.strerror}{who}). Ein anderer: ./klima up --{service}-port"
                    f" {port + 1000}"
                ) from None


def _listener(port: int) -> str:
    """Who listens there, as far as the system tells us."""
    try:
        for connection in psutil.net_connections("tcp"):
            if (
                connection.status == psutil.CONN_LISTEN
                and connection.laddr[1:] == (port,)
                and connection.pid
            ):
                return (
                    f"; ihn hat {psutil.Process(connection.pid).name()}, Prozess {connection.pid}"
                )
    except psutil.Error:
        pass
    return ""


@dataclass
class Up:
    """One run of the three services."""

    stack: Stack
    data: bool = True
    console: Console = field(default_factory=lambda: Console(stderr=True, highlight=False))
    stop: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Start everything, print the addresses, and wait until told to stop. UpError says what
        went wrong."""
        began = time.monotonic()
        self.children = Children(self.stack.home.logs)
        with contextlib.ExitStack() as opened:
            opened.enter_context(interruptible(self.stop))
            opened.enter_context(contextlib.suppress(StoppedError))
            self.record = opened.enter_context(record.only_one(self.stack.home, self.stack.ports))
            check_ports(self.stack.ports)
            self.stack.renew_service_token()
            with Steps(self.console) as self.steps:
                with self.steps("Datenbank (Postgres)"):
                    opened.enter_context(self.stack.database())
                opened.callback(self.children.stop)
                self._start_services()
            self._print_addresses(time.monotonic() - began)
            self._watch()
            self.console.print("Wird beendet ...")
        self.console.print("Beendet; die Daten bleiben in " + str(self.stack.home.path))

    def _start_services(self) -> None:
        """The three chains of steps side by side. The first to fail ends the others, and so does
        the signal to stop."""
        with ThreadPoolExecutor(len(SERVICES)) as pool:
            waiting = {pool.submit(self._chain, service) for service in SERVICES}
            try:
                while waiting:
                    finished, waiting = wait(waiting, timeout=0.1, return_when=FIRST_COMPLETED)
                    for chain in finished:
                        chain.result()
                    if self.stop.is_set():
                        raise StoppedError("start")
            except BaseException as error:
                self.children.stop()
                if isinstance(error, CommandError):
                    raise UpError(str(error)) from None
                raise

    def _chain(self, service: str) -> None:
        row = services()[service]
        titles = {"migrate": "Schema"} | {load.command[0]: load.title for load in row.load}

        def run(module: str, arguments: Sequence[str], environment: Mapping[str, str]) -> None:
            name = f"{service}-{arguments[0]}"
            with self.steps(f"{row.title}: {titles[arguments[0]]}"):
                self.children.run(name, module, *arguments, environment=environment)

        self.stack.migrate(service, run)
        if self.data:
            self.stack.load_data(service, run)
        with self.steps(f"{row.title}: Dienst auf Port {self.stack.ports[service]}"):
            self._start(service)
            self._wait_until_ready(service)

    def _start(self, service: str) -> None:
        child = self.children.start(
            service, services()[service].cli, "serve", environment=self.stack.environment(service)
        )
        self.record.services[service] = identity(child.pid)
        record.write(self.stack.home, self.record)

    def _wait_until_ready(self, service: str) -> None:
        address = f"{self.stack.address(service)}/health/ready"
        end = time.monotonic() + READY_SECONDS
        said = "keine Antwort"
        while time.monotonic() < end:
            if self.stop.is_set():
                raise StoppedError(service)
            if self.children.code(service) is not None:
                raise UpError(self._death(service))
            try:
                with urllib.request.urlopen(address, timeout=5):  # noqa: S310 - our own address
                    return
            except urllib.error.HTTPError as error:
                said = f"{error.code} {error.read(500).decode(errors='replace')}"
            except OSError:
                pass
            time.sleep(0.05)
        raise UpError(
            f"{services()[service].title} ist nach {READY_SECONDS:.0f} s nicht bereit ({address}:"
            f" {said})."
        )

    def _death(self, service: str) -> str:
        code = self.children.code(service)
        log, end = self.stack.home.logs / f"{service}.log", self.children.log_end(service)
        return (
            f"Der Dienst {services()[service].title} wurde {ending(code or 0)}. Das Ende von"
            f" {log}:\n{end}"
        )

    def _watch(self) -> None:
        def say(line: str) -> None:
            self.console.print(f"{time.strftime('%H:%M:%S')} {line}", soft_wrap=True, markup=False)

        supervisor = Supervisor(self.stack, self.children, start=self._start, say=say)
        renewed = time.monotonic()
        while not self.stop.wait(0.3):
            supervisor.look()
            if time.monotonic() - renewed > SERVICE_TOKEN_SECONDS / 3:
                self.stack.renew_service_token()
                renewed = time.monotonic()

    def _print_addresses(self, seconds: float) -> None:
        at = {service: self.stack.address(service) for service in SERVICES}
        balance, measures, controlling = at["balance"], at["measures"], at["controlling"]
        county = served_county()
        whole = f"{balance}/v1/regions/{county.key[:5]}/balances"
        town, year = f"{balance}/v1/regions/{county.town_key}/balances", _newest_year(whole)
        lines = [
            ("Stand des Kreises als Seite", f"{controlling}/"),
            (f"  der Stadt {county.town}", f"{controlling}/regionen/{county.town_key}"),
            ("Maßnahmen (Beispieldaten)", f"{measures}/v1/measures"),
            *(
                (
                    (f"Bilanz der Stadt {county.town} {year}", f"{town}/{year}"),
                    ("  als Bild", f"{town}/{year}/chart.svg?by=sector"),
                    ("  zum Einbetten", f"{balance}/embed/balance/{county.town_key}"),
                    (f"Bilanz des {county.genitive} {year}", f"{whole}/{year}"),
                )
                if year
                else ()
            ),
            *(
                (f"Schnittstelle {row.title}", f"{self.stack.address(row.name)}/docs")
                for row in services().values()
            ),
            ("Protokolle der Dienste", str(self.stack.home.logs)),
        ]
        self.console.print(
            f"\n[bold]Klimakreis läuft[/bold] (gestartet in {seconds:.1f} s). Beenden mit Strg+C.\n"
        )
        for name, address in lines:
            self.console.print(f"  {name:<31} {address}", soft_wrap=True, markup=False)


def _newest_year(address: str) -> str:
    """The newest complete year of a region's balances, as the service lists them; empty where it
    has none."""
    try:
        with urllib.request.urlopen(f"{address}?limit=200", timeout=5) as answer:  # noqa: S310
            heads = json.load(answer)["items"]
        return str(max(head["year"] for head in heads if not head["provisional"]))
    except (OSError, ValueError, KeyError, TypeError):
        return ""
