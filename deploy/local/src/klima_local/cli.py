"""The commands of `./klima`. What a command needs is imported in it: `./klima token` waits for no
pandas."""

from __future__ import annotations

import functools
import inspect
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
import typer.core
from rich.console import Console

from klima_local.delegation import delegate_prepared
from klima_local.development import development
from klima_local.home import Home, LocalError
from klima_local.services import SERVICES, services

if TYPE_CHECKING:
    pass


class Commands(typer.core.TyperGroup):
    """What goes wrong for a reason that the person can read ends a command without a traceback."""

    def invoke(self, context: Any) -> Any:
        try:
            return super().invoke(context)
        except LocalError as error:
            fail(error, error.status)


app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    help="Klimakreis auf diesem Rechner: starten, ausprobieren, prüfen.",
)
imports = typer.Typer(no_args_is_help=True, help="Daten einlesen.")
app.add_typer(imports, name="import")
app.add_typer(development)

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
    from klima_local.record import AlreadyUpError, read
    from klima_local.stack import Stack
    from klima_local.up import Up

    stack = Stack(ports=ports)
    try:
        Up(stack, data).run()
    except AlreadyUpError:
        found = read(stack.home)
        where = f" (Ports {', '.join(map(str, found.ports.values()))})" if found else ""
        fail(
            f"Klimakreis läuft schon{where} mit KLIMA_HOME={stack.home.path}. Beenden: ./klima stop"
        )


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
                f"Region „{ags}“: erwartet wird ein AGS mit 2, 5 oder 8 Ziffern oder ein ARS"
                " mit 12.",
                2,
            )
    issuer = LocalIssuer(Home.current().keys)
    try:
        print(issuer.token(role, region or [], lifetime=seconds(expires), subject=subject))
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


@app.command()
def backup(
    folder: Annotated[
        Path | None,
        typer.Argument(help="neuer Ordner; sonst .klima/backups/ mit Datum und Uhrzeit"),
    ] = None,
) -> None:
    """Alles sichern, was die Dienste gespeichert haben; sie dürfen dabei laufen."""
    from klima_local.backup import backup as write
    from klima_local.database import DATABASE
    from klima_local.stack import Stack

    stack = Stack()
    target = (
        folder
        or stack.home.directory("backups", private=True)
        / f"klima-{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}"
    )
    with stack.database():
        print(write(stack.server, DATABASE, target, digests=stack.home.path / "backup-digests"))


@app.command()
def restore(
    folder: Annotated[
        Path, typer.Argument(help="Ordner einer Sicherung", exists=True, file_okay=False)
    ],
    replace: Annotated[bool, typer.Option("--replace", help="ersetzen, was da ist")] = False,
    digest: Annotated[
        str | None, typer.Option(help="ihre Prüfsumme, wenn sie hier niemand vermerkt hat")
    ] = None,
) -> None:
    """Eine Sicherung zurückspielen und mit ihr vergleichen; ganz oder gar nicht."""
    from klima_local import record
    from klima_local.backup import restore as put_back
    from klima_local.database import DATABASE
    from klima_local.stack import Stack

    stack = Stack()
    found = record.read(stack.home)
    if found and found.alive():
        fail("Die Dienste laufen noch. Erst: ./klima stop")
    with stack.database():
        print(
            put_back(
                *(stack.server, DATABASE, folder),
                replace=replace,
                digest=digest,
                digests=stack.home.path / "backup-digests",
            )
        )
