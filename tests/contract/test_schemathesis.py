"""The services answer what their OpenAPI documents say, whatever is asked: schemathesis against
running processes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from klima_local.services import SERVICES

# Not `positive_data_acceptance` and `negative_data_rejection`: whether a region exists is not in a
# document.
CHECKS = ",".join(
    (
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_headers_conformance",
        "response_schema_conformance",
        "unsupported_method",
    )
)


@pytest.mark.fuzz
@pytest.mark.parametrize("caller", ["nobody", "manager"])
@pytest.mark.parametrize("service", SERVICES)
def test_the_document_holds(
    service: str, caller: str, own_live: Any, token_factory: Any, tmp_path: Path
):
    token = token_factory("manager", "method", "service", region=["05974"])
    login = ["-H", f"Authorization: Bearer {token}"] if caller == "manager" else []
    run = subprocess.run(
        [
            sys.executable,
            "-m",
            "schemathesis.cli",
            "run",
            f"{own_live.addresses()[service]}/openapi.json",
            "--checks",
            CHECKS,
            "--phases",
            "examples,coverage,fuzzing",
            "--max-examples",
            "4",
            "--seed",
            "1",
            "--max-time",
            "60",
            *login,
            "--suppress-health-check",
            "all",
            "--no-color",
            "--warnings",
            "off",
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=420,
        check=False,
    )
    assert run.returncode == 0, run.stdout[-20000:] + run.stderr[-1000:]
    log = (tmp_path / service).read_text().splitlines()
    errors = [line for line in log if '"level":"error"' in line]
    assert not errors, errors[:3]
