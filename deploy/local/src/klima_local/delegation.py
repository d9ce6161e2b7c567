"""Commands of the balance service, run in this terminal on the local database."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from klima_local.stack import Stack


@contextlib.contextmanager
def prepared() -> Iterator[Stack]:
    """The database, started if need be and stopped again if nobody else uses it; filled if it never
    was."""
    from klima_local.processes import CommandError, Steps, python_module, run
    from klima_local.stack import Stack

    stack = Stack()

    def prepare(module: str, arguments: Sequence[str], environment: Mapping[str, str]) -> None:
        with Steps() as steps, steps(f"Vorbereiten: {arguments[0]}"):
            done = run(python_module(module, *arguments), env=environment)
        if done.returncode != 0:
            raise CommandError(f"{module} {' '.join(arguments)}:\n{done.stdout}{done.stderr}")

    try:
        with stack.database():
            stack.migrate("balance", prepare)
            stack.load_data("balance", prepare)
            yield stack
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
