"""Real processes of the services, and one write for each that every release can make."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from klima_local import openapi
from klima_local.processes import free_ports
from tests.fixtures.databases import ServiceDatabase
from tests.fixtures.tokens import TokenFactory

# Service: a public list, and what creates something (its body comes from the API document's own
# example).
READS = {
    "balance": "/v1/regions?parent=05974",
    "measures": "/v1/fields-of-action",
    "controlling": "/v1/indicators",
}
WRITES = {"balance": "/v1/organisations", "measures": "/v1/measures", "controlling": "/v1/targets"}


class Running:
    """A process of one service that answers on `http`; `source` may hold another release's code."""

    def __init__(
        self,
        service: str,
        database: ServiceDatabase,
        tokens: TokenFactory,
        *,
        environment: Mapping[str, str] | None = None,
        source: Path | None = None,
    ) -> None:
        self.service, self.tokens = service, tokens
        port = free_ports(1)[0]
        whole = {
            **database.environment,
            "KLIMA_ENVIRONMENT": "local",
            "KLIMA_PORT": str(port),
            "KLIMA_AUTH_ISSUER": tokens.issuer,
            "KLIMA_AUTH_AUDIENCE": tokens.audience,
            "KLIMA_AUTH_JWKS": str(tokens.jwks_path),
            **(environment or {}),
        }
        if source is not None:
            whole["PYTHONPATH"] = (
                f"{source / 'shared' / 'src'}:{source / 'services' / service / 'src'}"
            )
        self.environment = whole
        self.process = subprocess.Popen(
            [sys.executable, "-m", f"klima_{service}.cli", "serve"],
            env=whole,
            stdout=subprocess.DEVNULL,
        )
        self.http = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=20, trust_env=False)

    def wait_until_ready(self, seconds: float = 90) -> None:
        end = time.monotonic() + seconds
        said = "no answer"
        while time.monotonic() < end:
            assert self.process.poll() is None, (
                f"{self.service} ended with {self.process.returncode}"
            )
            try:
                answer = self.http.get("/health/ready")
                if answer.status_code == 200:
                    return
                said = answer.text
            except httpx.TransportError:
                pass
            time.sleep(0.05)
        raise AssertionError(f"{self.service} is not ready: {said}")

    def read(self) -> Any:
        answer = self.http.get(READS[self.service])
        assert answer.status_code == 200, answer.text
        return answer.json()

    def write(self, body: Mapping[str, Any]) -> str:
        """Create something; where it is."""
        headers = self.tokens.headers("manager", region="05974")
        answer = self.http.post(WRITES[self.service], json=body, headers=headers)
        assert answer.status_code == 201, answer.text
        return answer.headers["Location"]

    def find(self, location: str) -> Any:
        answer = self.http.get(location, headers=self.tokens.headers("manager", region="05974"))
        assert answer.status_code == 200, f"{location}: {answer.text}"
        return answer.json()

    def stop(self) -> None:
        self.http.close()
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Runner:
    """Starts services for a test and ends them with it."""

    def __init__(self, tokens: TokenFactory) -> None:
        self.tokens = tokens
        self.running: list[Running] = []

    def __call__(self, service: str, database: ServiceDatabase, **options: Any) -> Running:
        found = Running(service, database, self.tokens, **options)
        self.running.append(found)
        found.wait_until_ready()
        return found


@pytest.fixture
def start(token_factory: TokenFactory) -> Iterator[Runner]:
    runner = Runner(token_factory)
    yield runner
    for found in runner.running:
        found.stop()


def example(document: dict[str, Any], path: str) -> dict[str, Any]:
    """The first example of what may be posted there."""
    content = document["paths"][path]["post"]["requestBody"]["content"]["application/json"]
    if "examples" in content:
        return dict(next(iter(content["examples"].values()))["value"])
    schema = document["components"]["schemas"][content["schema"]["$ref"].rpartition("/")[2]]
    return dict(schema["examples"][0])


@pytest.fixture(scope="session")
def bodies() -> dict[str, dict[str, Any]]:
    """Of every service, what its write sends."""
    return {
        service: example(json.loads(text), WRITES[service])
        for service, text in openapi.documents().items()
        if service in WRITES
    }


def unlike(body: Mapping[str, Any]) -> dict[str, Any]:
    """The same again under another name or number, where one may exist only once."""
    word = uuid.uuid4().hex[:10]
    changed = {"number": f"T-{word}", "code": f"t-{word}", "name": f"Probe {word}"}
    return {**body, **{name: value for name, value in changed.items() if name in body}}
