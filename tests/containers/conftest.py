"""One installation in containers for all tests here: built, brought up, and taken down again.
Skipped where no engine runs."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import httpx
import pytest

from klima_local import openapi
from klima_local.home import root
from klima_local.processes import free_ports
from klima_local.services import SERVICES
from tests.containers.story import log_in
from tests.operations.conftest import WRITES, example

NAMES = (
    "KLIMA_PORT",
    "KLIMA_BALANCE_PORT",
    "KLIMA_MEASURES_PORT",
    "KLIMA_CONTROLLING_PORT",
    "KLIMA_OIDC_PORT",
    "KLIMA_TLS_PORT",
)


def no_engine() -> str | None:
    """Why there can be no container run here; None if there can."""
    try:
        for command in (["docker", "info"], ["docker", "compose", "version"]):
            if (
                subprocess.run(command, capture_output=True, check=False, timeout=60).returncode
                != 0
            ):
                return (
                    f"no container run: '{' '.join(command)}' fails, so no engine with Compose v2"
                    " runs here"
                )
    except (OSError, subprocess.TimeoutExpired):
        return "no container run: there is no docker here"
    return None


@pytest.fixture(scope="session")
def engine() -> None:
    reason = no_engine()
    if reason is not None:
        pytest.skip(reason)


@dataclass
class Installation:
    """A compose project of its own, on free ports of this machine."""

    project: str = field(default_factory=lambda: f"klima-test-{secrets.token_hex(3)}")
    ports: dict[str, int] = field(
        default_factory=lambda: dict(zip(NAMES, free_ports(len(NAMES)), strict=True))
    )
    files: tuple[str, ...] = ()
    seconds: dict[str, float] = field(default_factory=dict)

    @cached_property
    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            **{name: str(port) for name, port in self.ports.items()},
            "COMPOSE_PROJECT_NAME": self.project,
            "COMPOSE_FILE": ":".join(("docker-compose.yml", *self.files)),
            "COMPOSE_PROFILES": "oidc",
            "KLIMA_TAG": self.project,
            "KLIMA_AUTH_ISSUER": self.issuer,
            "KLIMA_PUBLIC_URL": self.origin,
            "KLIMA_TLS_CERTIFICATE": "/dev/null",
            "KLIMA_TLS_KEY": "/dev/null",
        }

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.ports['KLIMA_PORT']}"

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.ports['KLIMA_OIDC_PORT']}"

    def service(self, name: str) -> str:
        """A service by itself."""
        return f"http://127.0.0.1:{self.ports[f'KLIMA_{name.upper()}_PORT']}"

    def run(self, *command: str, check: bool = True) -> str:
        result = subprocess.run(
            command,
            cwd=root(),
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert result.returncode == 0 or not check, f"{' '.join(command)}:\n{result.stdout[-6000:]}"
        return result.stdout

    def compose(self, *arguments: str, check: bool = True) -> str:
        return self.run("docker", "compose", *arguments, check=check)

    def up(self) -> None:
        began = time.monotonic()
        try:
            self.compose("up", "-d", "--wait")
        except AssertionError as error:
            raise AssertionError(
                f"{error}\n{self.compose('logs', '--tail=15', check=False)[-6000:]}"
            ) from None
        self.seconds["up"] = time.monotonic() - began

    def down(self) -> None:
        """Nothing of it runs any more, nothing is kept."""
        self.compose("--profile", "*", "down", "-v", "--remove-orphans", "-t", "5", check=False)

    def image(self, name: str) -> str:
        return f"klimakreis-{name}:{self.project}"

    def inspect(self, image: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.run("docker", "image", "inspect", image))[0]
        return found

    def manager(self) -> httpx.Client:
        token = log_in(self.issuer, "leiten")
        return httpx.Client(
            base_url=self.origin,
            headers={"Authorization": f"Bearer {token}"},
            timeout=30,
            trust_env=False,
        )

    def anybody(self) -> httpx.Client:
        return httpx.Client(base_url=self.origin, timeout=30, trust_env=False)


@contextlib.contextmanager
def building(installation: Installation) -> Iterator[Installation]:
    """Its images, built from this checkout; afterwards nothing of it is left."""
    began = time.monotonic()
    try:
        installation.compose("build")
        installation.seconds["build"] = time.monotonic() - began
        yield installation
    finally:
        print(
            f"\n{installation.project}: "
            + ", ".join(f"{k} {v:.1f} s" for k, v in installation.seconds.items())
        )
        installation.down()
        for name in (*SERVICES, "gateway", "oidc", "patroni"):
            installation.run("docker", "image", "rm", "-f", installation.image(name), check=False)


@pytest.fixture(scope="session")
def built(engine: None) -> Iterator[Installation]:
    """The images of the one installation that nearly all tests share."""
    with building(Installation()) as installation:
        yield installation


@pytest.fixture(scope="module")
def installation(built: Installation) -> Iterator[Installation]:
    """The one installation, up; down again before another one comes up on the same machine."""
    built.up()
    yield built
    built.down()


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    key, chain = tmp_path / "key.pem", tmp_path / "chain.pem"
    subprocess.run(
        [
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-days",
            "2",
            "-subj",
            "/CN=127.0.0.1",
            "-addext",
            "subjectAltName=IP:127.0.0.1",
            "-keyout",
            str(key),
            "-out",
            str(chain),
        ],
        check=True,
        capture_output=True,
    )
    key.chmod(0o644)
    return chain, key


@pytest.fixture(scope="session")
def bodies() -> dict[str, dict[str, Any]]:
    """What creates something in each service."""
    return {
        service: example(json.loads(text), WRITES[service])
        for service, text in openapi.documents().items()
    }
