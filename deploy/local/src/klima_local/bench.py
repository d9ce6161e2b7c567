"""`./klima bench`: finds the benchmarks of the folder `benchmarks` and runs them."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from klima_local.home import LocalError, root

if TYPE_CHECKING:
    from benchmarks.figures import Figures, Result


class BenchError(LocalError):
    """No benchmark of that name, or what it reads is not here."""

    status = 2


def discover() -> dict[str, Callable[[], Figures]]:
    """All benchmarks by name."""
    if str(root()) not in sys.path:
        sys.path.insert(0, str(root()))  # the folder is no installed package
    modules = [
        importlib.import_module(f"benchmarks.{path.stem}")
        for path in sorted((root() / "benchmarks").glob("[!_]*.py"))
    ]
    return {
        name: function
        for module in modules
        for name, function in getattr(module, "BENCHES", {}).items()
    }


def run(names: Sequence[str]) -> list[Result]:
    """Run the named benchmarks, or all; one result each."""
    benches = discover()
    from benchmarks.figures import Result  # which `discover` has made importable

    for name in names:
        if name not in benches:
            raise BenchError(f"Kein Benchmark „{name}“. Es gibt: {', '.join(sorted(benches))}.")
    # The national tables are no part of the repository; those that lie beside it are used.
    os.environ.setdefault("KLIMA_STATISTICS", str(root().parent / "shared" / "public_statistics"))
    try:
        return [Result(name, benches[name]()) for name in names or sorted(benches)]
    except FileNotFoundError as error:
        raise BenchError(
            f"{error.filename or error}: nicht da. KLIMA_STATISTICS nennt das Verzeichnis."
        ) from None
