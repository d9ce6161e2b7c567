"""The commands of `./klima` for those who work on it: test, bench, and what is written anew."""

import json
from typing import Annotated

import typer

development = typer.Typer()


@development.command(
    "test", context_settings={"allow_extra_args": True, "ignore_unknown_options": True}
)
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


@development.command()
def bench(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME]...", help="Benchmarks; ohne Namen alle")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="als letzte Zeile ein JSON-Objekt")
    ] = False,
) -> None:
    """Messen und an den Grenzwerten prüfen; Status 1, wenn einer überschritten ist."""
    from klima_local.bench import run

    results = run(names or [])
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


@development.command()
def openapi(check: Annotated[bool, typer.Option("--check", help="nur prüfen")] = False) -> None:
    """Die API-Dokumente services/*/openapi.json neu schreiben."""
    from klima_local import openapi as documents

    if check:
        if differences := documents.differences():
            print(differences)
            raise typer.Exit(1)
    else:
        for path in documents.write():
            print(path)


@development.command()
def deployment() -> None:
    """Compose-Datei, Gateway, Kubernetes und Überwachung aus deploy/services.toml neu schreiben."""
    from klima_local.deployment import write

    for path in write():
        print(path)


@development.command()
def lock(
    upgrade: Annotated[
        bool, typer.Option("--upgrade", help="auf die neuesten Versionen gehen")
    ] = False,
) -> None:
    """Die festgeschriebenen Abhängigkeiten (requirements*.txt) neu schreiben."""
    from klima_local.pins import lock as write

    for path in write(upgrade=upgrade):
        print(path)
