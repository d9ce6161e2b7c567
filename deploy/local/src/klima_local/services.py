"""What runs: `deploy/services.toml`, read once."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import Any, Final

from klima_local.home import root

COUNTY_PLACE: Final = "${KLIMA_COUNTY}"


@dataclass(frozen=True)
class Load:
    """A command that brings in data; a job of its own in an installation."""

    job: str
    title: str
    command: Sequence[str]
    install: bool = True

    def arguments(self, county: str) -> list[str]:
        return [county if word == COUNTY_PLACE else word for word in self.command]

    def yaml(self, county: str) -> str:
        """The words of a flow sequence in YAML; numbers and variables quoted."""
        words = self.arguments(county)
        return ", ".join(f'"{w}"' if w[0].isdigit() or "{" in w else w for w in words)


@dataclass(frozen=True)
class Service:
    """One row of the list; its comments say what the columns mean."""

    name: str
    title: str
    port: int
    paths: Sequence[str]
    made_from: Sequence[str] = ()
    reads: Sequence[str] = ()
    origin: bool = False
    public_writes: bool = False
    job_memory: str = "512Mi"
    load: Sequence[Load] = field(default=())

    @property
    def package(self) -> str:
        return f"klima_{self.name}"

    @property
    def cli(self) -> str:
        """The module whose commands are the service's."""
        return f"{self.package}.cli"

    @property
    def role(self) -> str:
        return f"klima_{self.name}"

    @property
    def source(self) -> Path:
        """The folder of its package in the checkout."""
        return root() / "services" / self.name / "src" / self.package

    @property
    def jobs(self) -> list[str]:
        """Its jobs in an installation, in the order in which they run."""
        loads = [load.job for load in self.load if load.install]
        return [f"{self.name}-{job}" for job in ("migrate", *loads)]


@dataclass(frozen=True)
class Identity:
    """Where the provider of tokens is, as network policies know it."""

    cidr: str
    port: int


def identity_provider() -> Identity:
    return Identity(**_file()["identity"])


@cache
def _file() -> dict[str, Any]:
    return tomllib.loads((root() / "deploy" / "services.toml").read_text(encoding="utf-8"))


@cache
def services() -> dict[str, Service]:
    """All services by name, in the order of the list."""
    return {row["name"]: _service(row) for row in _file()["service"]}


def _service(row: dict[str, Any]) -> Service:
    unknown = row.keys() - {column.name for column in fields(Service)}
    if unknown:
        raise ValueError(f"deploy/services.toml: {row['name']} has unknown columns {unknown}")
    return Service(**{**row, "load": [Load(**load) for load in row.get("load", ())]})


SERVICES: Final = tuple(services())
