"""Steps with their times: living lines in a terminal, one line per finished step elsewhere."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn
from rich.text import Text


class Steps:
    """`with steps("Datenbank"):` shows the step as long as it takes; threads may run several at
    once."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(stderr=True, highlight=False)
        self._guard = threading.Lock()
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            TextColumn("{task.elapsed:4.1f} s"),
            console=self.console,
            transient=True,
            disable=not self.console.is_terminal,
        )

    def __enter__(self) -> Steps:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    @contextlib.contextmanager
    def __call__(self, name: str) -> Iterator[None]:
        began = time.monotonic()
        task = self._progress.add_task(name)
        mark, style = "✗", "red"
        try:
            yield
            mark, style = "✓", "green"
        finally:
            self._progress.remove_task(task)
            line = Text.assemble(
                (f"  {mark} ", style), f"{name:<44}", (f"{time.monotonic() - began:6.1f} s", "dim")
            )
            with self._guard:
                self.console.print(line)
