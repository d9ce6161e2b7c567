"""The commands of `./klima`. What a command needs is imported in it: `./klima token` waits for no
pandas."""

from __future__ import annotations

import contextlib
import functools
import inspect
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from rich.console import Console

from klima_local.home import Home
from klima_local.services import SERVICES, services

if TYPE_CHECKING:
    from klima_local.stack import Stack

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    help="Klimakreis auf diesem Rechner: starten, ausprobieren, prüfen.",
)
imports = typer.Typer(no_args_is_help=True, help="Daten einlesen.")
app.add_typer(imports, name="import")

# Arguments that belong to the service's own command are handed through, its --help too.
PASS_ON = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}
_errors = Console(stderr=True, highlight=False, soft_wrap=True)


def fail(message: object, status: int = 1) -> NoReturn:
    _errors.print(f"[red]klima:[/red] {str(message).replace('[', chr(92) + '[')}")
    raise typer.Exit(status)


def _with_ports(command: Callable[..., None]) -> Callable[..., None]:
    """The command with an option `--<service>-port` for every service, given to it as `ports`."""
    options = {
        f"{row.name}_port": inspect.Parameter(
            f"{row.name}_port",
            inspect.Parameter.KEYWORD_ONLY,
            default=row.port,
            annotation=Annotated[int, typer.Option(help=f"Port des Dienstes {row.title}")],
        )
        for row in services().values()
    }
    own = list(inspect.signature(command, eval_str=True).parameters.values())[1:]

    @functools.wraps(command)
    def with_ports(**given: Any) -> None:
        command({name: given.pop(f"{name}_port") for name in SERVICES}, **given)

    parameters = [*options.values(), *(p.replace(kind=p.KEYWORD_ONLY) for p in own)]
    with_ports.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    with_ports.__annotations__ = {p.name: p.annotation for p in parameters}
    return with_ports


@app.command()
@_with_ports
def up(
    ports: Mapping[str, int],
    data: Annotated[
        bool, typer.Option("--data/--no-data", help="Methode laden und Bilanzen veröffentlichen")
    ] = True,
) -> None:
    """Datenbank, Daten und die drei Dienste starten; Strg+C beendet alles."""
    from klima_local.binaries import PostgresUnavailableError
    from klima_local.postgres import PostgresError
    from klima_local.record import AlreadyUpError, read
    from klima_local.stack import Stack
    from klima_local.tokens import NotLocalError
    from klima_local.up import Up, UpError

    stack = Stack(ports=ports)
    try:
        Up(stack, data).run()
    except AlreadyUpError:
        found = read(stack.home)
        where = f" (Ports {', '.join(map(str, found.ports.values()))})" if found else ""
        fail(
            f"Klimakreis läuft schon{where} mit KLIMA_HOME={stack.home.path}. Beenden: ./klima stop"
        )
    except (UpError, PostgresError, PostgresUnavailableError, NotLocalError) as error:
        fail(error)


@app.command()
def stop() -> None:
    """Ein laufendes ./klima up beenden, auch eines, das abgestürzt ist."""
    from klima_local import record
    from klima_local.processes import end, find
    from klima_local.stack import Stack

    stack = Stack()
    found = record.read(stack.home)
    launcher = find(*found.launcher) if found else None
    if launcher:
        end([launcher])
    if found:
        end(list(found.alive().values()))
    running = stack.server.running()
    if running:
        stack.server.stop()
    print("Beendet." if launcher or running else "Klimakreis läuft nicht.")


@app.command()
def status() -> None:
    """Was läuft und wo; Status 0, wenn alles bereit ist, sonst 3."""
    import urllib.request

    from klima_local import record
    from klima_local.stack import HOST, Stack

    stack = Stack()
    found = record.read(stack.home)
    alive = found.alive() if found else {}
    database = stack.server.running()
    print(f"Daten        {stack.home.path}")
    print(f"Datenbank    {f'läuft auf {HOST}:{stack.server.port}' if database else 'läuft nicht'}")
    ready = database
    for service in SERVICES:
        state = "läuft nicht"
        if found and service in alive:
            state = f"http://{HOST}:{found.ports[service]}"
            try:
                # our own address
                with urllib.request.urlopen(f"{state}/health/ready", timeout=5):  # noqa: S310
                    state += " bereit"
            except OSError:
                state, ready = f"{state} noch nicht bereit", False
        else:
            ready = False
        print(f"{service:<12} {state}")
    if not ready:
        raise typer.Exit(3)


@app.command()
def token(
    role: Annotated[
        list[str],
        typer.Option(help="Rolle: viewer, editor, manager, method, service; mehrfach möglich"),
    ],
    region: Annotated[
        list[str] | None, typer.Option(help="AGS, für die das Token gilt; mehrfach möglich")
    ] = None,
    expires: Annotated[str, typer.Option(help="Gültigkeit: 30m, 8h, 2d")] = "8h",
    subject: Annotated[str, typer.Option(help="Wer: steht in den Prüfspuren")] = "lokal",
) -> None:
    """Ein Token für diesen Rechner ausgeben (nur lokal; im Betrieb kommen Token aus der Anmeldung
    der Kommune)."""
    from klima_local.tokens import ROLES, LocalIssuer, NotLocalError, seconds

    unknown = sorted(set(role) - set(ROLES))
    if unknown:
        fail(f"Rolle „{unknown[0]}“ gibt es nicht; es gibt {', '.join(ROLES)}.", 2)
    for ags in region or ():
        if not (ags.isascii() and ags.isdigit() and len(ags) in (2, 5, 8, 12)):
            fail(
                f"Region „{ags}“: erwartet wird ein AGS mit 2, 5 oder 8 Ziffern oder ein ARS mit 12.",
                2,
            )
    try:
        print(
            LocalIssuer(Home.current().keys).token(
                role, region or [], lifetime=seconds(expires), subject=subject
            )
        )
    except (NotLocalError, ValueError) as error:
        fail(error, 2)


@app.command()
def balance(
    region: Annotated[str, typer.Argument(help="AGS, etwa 05974040")],
    year: Annotated[int, typer.Argument(help="Bilanzjahr, etwa 2021")],
) -> None:
    """Die Bilanz einer Region als Tabelle."""
    delegate_prepared("show", region, str(year))


@app.command(context_settings=PASS_ON)
def compute(context: typer.Context) -> None:
    """Bilanzen rechnen: --year 2021 --all --publish, oder --region 05974 (Weiteres: ./klima compute
    --help)."""
    delegate_prepared("compute", *context.args)


@app.command(context_settings=PASS_ON)
def scenario(context: typer.Context) -> None:
    """Ein Szenario als Tabelle: 05974040 --kind climate_protection (oder trend), mit dem Beitrag
    jedes Hebels."""
    delegate_prepared("scenario", *context.args)


@imports.command("statistics", context_settings=PASS_ON)
def import_statistics(context: typer.Context) -> None:
    """Statistische Tabellen für ganz Deutschland einlesen: DIR nennt ihr Verzeichnis
    (docs/operations.md)."""
    delegate_prepared("import-statistics", *context.args)


@app.command("test", context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def check_everything(
    context: typer.Context,
    heavy: Annotated[
        bool, typer.Option("--heavy", help="die aufwendigen Tests, und nur sie")
    ] = False,
    checks: Annotated[
        bool, typer.Option(help="vorher Stil, Typen, Importe und API-Dokumente prüfen")
    ] = True,
) -> None:
    """Alles prüfen; weitere Argumente gehen an pytest."""
    from klima_local.checks import run

    raise typer.Exit(run(context.args, heavy=heavy, checks=checks))


@app.command()
def bench(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME]...", help="Benchmarks; ohne Namen alle")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="als letzte Zeile ein JSON-Objekt")
    ] = False,
) -> None:
    """Messen und an den Grenzwerten prüfen; Status 1, wenn einer überschritten ist."""
    from klima_local.bench import BenchError, run

    try:
        results = run(names or [])
    except BenchError as error:
        fail(error, 2)
    for result in results:
        print(f"{result.name}: {'passed' if result.passed else 'FAILED'}")
        print("\n".join(result.rows()))
    passed = all(result.passed for result in results)
    if as_json:
        documents = [result.as_json() for result in results]
        one = len(documents) == 1
        print(json.dumps(documents[0] if one else {"benches": documents, "passed": passed}))
    if not passed or not results:
        raise typer.Exit(1)


@app.command()
def openapi(check: Annotated[bool, typer.Option("--check", help="nur prüfen")] = False) -> None:
    """Die API-Dokumente services/*/openapi.json neu schreiben."""
    from klima_local import openapi as documents
    from klima_local.processes import CommandError

    try:
        if check:
            found = documents.differences()
            if found:
                print(found)
                raise typer.Exit(1)
        else:
            for path in documents.write():
                print(path)
    except CommandError as error:
        fail(error)


@app.command()
def deployment() -> None:
    """Compose-Datei, Gateway, Kubernetes und Überwachung aus deploy/services.toml neu schreiben."""
    from klima_local.deployment import write

    for path in write():
        print(path)


@app.command()
def lock(
    upgrade: Annotated[
        bool, typer.Option("--upgrade", help="auf die neuesten Versionen gehen")
    ] = False,
) -> None:
    """Die festgeschriebenen Abhängigkeiten (requirements*.txt) neu schreiben."""
    from klima_local.pins import PinError
    from klima_local.pins import lock as write

    try:
        for path in write(upgrade=upgrade):
            print(path)
    except PinError as error:
        fail(error)


@app.command()
def backup(
    folder: Annotated[
        Path | None,
        typer.Argument(help="neuer Ordner; sonst .klima/backups/ mit Datum und Uhrzeit"),
    ] = None,
) -> None:
    """Alles sichern, was die Dienste gespeichert haben; sie dürfen dabei laufen."""
    from klima_local.backup import BackupError
    from klima_local.backup import backup as write
    from klima_local.database import DATABASE
    from klima_local.stack import Stack

    stack = Stack()
    target = (
        folder
        or stack.home.directory("backups", private=True)
        / f"klima-{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}"
    )
    try:
        with stack.database():
            print(write(stack.server, DATABASE, target))
    except BackupError as error:
        fail(error)


@app.command()
def restore(
    folder: Annotated[
        Path, typer.Argument(help="Ordner einer Sicherung", exists=True, file_okay=False)
    ],
    replace: Annotated[bool, typer.Option("--replace", help="ersetzen, was da ist")] = False,
) -> None:
    """Eine Sicherung zurückspielen und mit ihr vergleichen; ganz oder gar nicht."""
    from klima_local import record
    from klima_local.backup import BackupError
    from klima_local.backup import restore as put_back
    from klima_local.database import DATABASE
    from klima_local.stack import Stack

    stack = Stack()
    found = record.read(stack.home)
    if found and found.alive():
        fail("Die Dienste laufen noch. Erst: ./klima stop")
    try:
        with stack.database():
            print(put_back(stack.server, DATABASE, folder, replace=replace))
    except BackupError as error:
        fail(error)


@contextlib.contextmanager
def prepared() -> Iterator[Stack]:
    """The database, started if need be and stopped again if nobody else uses it; filled if it never
    was."""
    from klima_local.binaries import PostgresUnavailableError
    from klima_local.postgres import PostgresError
    from klima_local.processes import CommandError, python_module
    from klima_local.progress import Steps
    from klima_local.stack import Stack
    from klima_local.tokens import NotLocalError

    stack = Stack()

    def run(module: str, arguments: Sequence[str], environment: Mapping[str, str]) -> None:
        with Steps() as steps, steps(f"Vorbereiten: {arguments[0]}"):
            done = subprocess.run(
                python_module(module, *arguments),
                env=environment,
                capture_output=True,
                text=True,
                check=False,
            )
        if done.returncode != 0:
            raise CommandError(f"{module} {' '.join(arguments)}:\n{done.stdout}{done.stderr}")

    try:
        with stack.database():
            stack.migrate("balance", run)
            stack.load_data("balance", run)
            yield stack
    except (PostgresError, PostgresUnavailableError, NotLocalError, CommandError) as error:
        fail(error)
    except KeyboardInterrupt:
        raise typer.Exit(130) from None


def delegate_prepared(*arguments: str) -> None:
    """Run a command of the balance service here, in this terminal, on the local database."""
    if "--help" in arguments:
        delegate(arguments, None)
        return
    with prepared() as stack:
        delegate(arguments, stack.environment("balance"))


def delegate(arguments: Sequence[str], environment: Mapping[str, str] | None) -> None:
    """Run a command of the balance service; its exit status is ours."""
    from klima_local.processes import python_module

    sys.stdout.flush()
    with subprocess.Popen(python_module("klima_balance.cli", *arguments), env=environment) as child:
        while True:
            # Ctrl-C reaches the command as well as us; it ends first, and then the database.
            with contextlib.suppress(KeyboardInterrupt):
                status = child.wait()
                break
    if status != 0:
        raise typer.Exit(128 - status if status < 0 else status)
