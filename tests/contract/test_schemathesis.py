"""The services answer what their OpenAPI documents say, whatever is asked: schemathesis against running processes."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

PREPARED: dict[str, tuple[Any, ...]] = {
    "balance": (["load-method"], ("compute", "--year", "2021", "--region", "05974", "--publish")),
    "measures": (),
    "controlling": (),
}
# Not `positive_data_acceptance` and `negative_data_rejection`: whether a region exists is not in a document.
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,response_schema_conformance,unsupported_method"  # noqa: E501


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.fuzz
@pytest.mark.parametrize("service", sorted(PREPARED))
def test_the_document_holds(service: str, fresh_database: Any, token_factory: Any, tmp_path: Path):
    database, port = fresh_database(service, *PREPARED[service]), free_port()
    environment = database.environment | {
        "KLIMA_PORT": str(port),
        "KLIMA_ENVIRONMENT": "local",
        "KLIMA_AUTH_ISSUER": token_factory.issuer,
        "KLIMA_AUTH_AUDIENCE": token_factory.audience,
        "KLIMA_AUTH_JWKS": str(token_factory.jwks_path),
    }
    token = token_factory("manager", "method", "service", region=["05974"])
    with (tmp_path / "service.log").open("w") as log:
        line = [sys.executable, "-m", f"klima_{service}.cli", "serve"]
        process = subprocess.Popen(line, env=environment, stdout=log, stderr=log)
        try:
            base = f"http://127.0.0.1:{port}"
            end = time.monotonic() + 60
            while time.monotonic() < end:
                try:
                    if httpx.get(f"{base}/health/ready").status_code == 200:
                        break
                except httpx.TransportError:
                    time.sleep(0.2)
            run = subprocess.run(
                [
                    sys.executable, "-m", "schemathesis.cli", "run", f"{base}/openapi.json", "--checks", CHECKS,
                    "--phases", "examples,coverage,fuzzing", "--max-examples", "4", "--seed", "1", "--max-time", "150",
                    "-H", f"Authorization: Bearer {token}", "--suppress-health-check", "all", "--no-color",
                    "--warnings", "off",
                ],
                cwd=tmp_path, capture_output=True, text=True, timeout=420, check=False,
            )  # fmt: skip
        finally:
            process.terminate()
            process.wait(30)
    errors = [x for x in (tmp_path / "service.log").read_text().splitlines() if '"level":"error"' in x]
    assert run.returncode == 0, run.stdout[-6000:] + run.stderr[-1000:]
    assert not errors, errors[:3]
