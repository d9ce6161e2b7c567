"""Child processes and the steps that they are shown as: started in sessions of their own, so that
Ctrl-C is ours to pass on, and all ended when we end."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import psutil
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn
from rich.text import Text

from klima_local.home import LocalError, root

STOP_SECONDS = 10.0


class CommandError(LocalError):
    """A command ended with an error; the message says which, with the last lines it wrote."""


class StoppedError(RuntimeError):
    """Work was called off before it ended."""


class Children:
    """The processes that this one started and has to end. Threads may share it; after `stop`
    nothing new starts."""

    def __init__(self, logs: Path) -> None:
        self.logs = logs
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._guard = threading.Lock()
        self._stopped = False

    def start(
        self, name: str, module: str, *arguments: str, environment: Mapping[str, str]
    ) -> subprocess.Popen[bytes]:
        """Run `python -m module arguments`; what it writes goes to `<name>.log`, which starts
        anew with the first of that name."""
        mode = "ab" if name in self._running else "wb"
        with self._guard, (self.logs / f"{name}.log").open(mode) as log:
            if self._stopped:
                raise StoppedError(name)
            self._running[name] = child = subprocess.Popen(
                python_module(module, *arguments),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                cwd=root(),
                env=dict(environment),
            )
            return child

    def run(self, name: str, module: str, *arguments: str, environment: Mapping[str, str]) -> None:
        """The same to its end; CommandError unless it ended well."""
        child = self.start(name, module, *arguments, environment=environment)
        code = child.wait()
        with self._guard:
            self._running.pop(name, None)
            if self._stopped:
                raise StoppedError(name)
        if code != 0:
            raise CommandError(
                f"python -m {module} {' '.join(arguments)}: {ending(code)}\n{self.log_end(name)}"
            )

    def code(self, name: str) -> int | None:
        return self._running[name].poll()

    def end(self, name: str) -> None:
        """End one of them politely; who looks after it sees that it ended."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._running[name].pid, signal.SIGTERM)

    def log_end(self, name: str, lines: int = 20) -> str:
        return tail(self.logs / f"{name}.log", lines)

    def stop(self) -> None:
        """End all of them: politely, and after ten seconds without asking."""
        with self._guard:
            self._stopped = True
            running = list(self._running.values())
        for child in running:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGTERM)
        for child in running:
            try:
                child.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(child.pid, signal.SIGKILL)
                child.wait()


def run(command: Sequence[str], **options: Any) -> subprocess.CompletedProcess[str]:
    """Run a command to its end; what it wrote is in the result, whatever its status."""
    return subprocess.run(
        command, **{"capture_output": True, "text": True, "check": False, **options}
    )


def python_module(module: str, *arguments: str) -> list[str]:
    """The command line of a module in this environment; -P keeps files in the working directory out
    of the imports."""
    return [sys.executable, "-P", "-m", module, *arguments]


def free_ports(count: int) -> list[int]:
    """Ports of this machine that nobody listens on now."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for probe in sockets:
            probe.bind(("127.0.0.1", 0))
        return [int(probe.getsockname()[1]) for probe in sockets]


def tail(log: Path, lines: int) -> str:
    """The last lines of a file; empty if it can't be read."""
    with contextlib.suppress(OSError):
        return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
    return ""


def ending(code: int) -> str:
    return (
        f"beendet durch {signal.Signals(-code).name}" if code < 0 else f"beendet mit Status {code}"
    )


def identity(pid: int) -> tuple[int, float]:
    """A process number and when it began: together they name one process, even after the number is
    given away again."""
    return pid, psutil.Process(pid).create_time()


def find(pid: int, began: float) -> psutil.Process | None:
    """The process of that identity, if it still runs."""
    with contextlib.suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        if abs(process.create_time() - began) < 0.01 and process.status() != psutil.STATUS_ZOMBIE:
            return process
    return None


def end(processes: Sequence[psutil.Process]) -> None:
    """End processes that need not be our children; one that only waits to be collected by its
    parent has ended."""
    for ask in (psutil.Process.terminate, psutil.Process.kill):
        processes = [process for process in processes if find(process.pid, process.create_time())]
        for process in processes:
            with contextlib.suppress(psutil.NoSuchProcess):
                ask(process)
        deadline = time.monotonic() + STOP_SECONDS
        while processes and time.monotonic() < deadline:
            time.sleep(0.02)
            processes = [
                process for process in processes if find(process.pid, process.create_time())
            ]


@contextlib.contextmanager
def interruptible(stop: threading.Event) -> Iterator[None]:
    """SIGINT, SIGTERM and a closed terminal set the event instead of ending the process in the
    middle of something."""
    signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, lambda *_: stop.set()) for number in signals}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


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

    def __enter__(self) -> "Steps":
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
