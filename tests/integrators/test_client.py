"""The typed client, made from the services' OpenAPI documents without one warning, reads a balance,
a measure and a light; the program that does it passes mypy, without a token."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from klima_local.services import SERVICES

pytestmark = pytest.mark.fuzz
ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "examples" / "python-client"


@pytest.fixture(scope="module")
def clients(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the three generated packages."""
    program = Path(sys.executable).with_name("openapi-python-client")
    if not program.exists():
        pytest.skip("openapi-python-client is missing (./klima test installs it)")
    folder = tmp_path_factory.mktemp("clients")
    for service in SERVICES:
        document = folder / f"{service}.json"
        document.write_bytes((ROOT / "services" / service / "openapi.json").read_bytes())
        line = [str(program), "generate", "--path", str(document), "--meta", "none"]
        line += ["--config", str(FOLDER / "config.json")]
        line += ["--output-path", str(folder / f"{service}_api")]
        made = subprocess.run(
            [*line, "--fail-on-warning"], capture_output=True, text=True, check=False
        )
        assert made.returncode == 0, made.stdout + made.stderr
    return folder


def test_generated_clients_have_all_schemas(clients: Path):
    for document in clients.glob("*.json"):
        schemas = json.loads(document.read_text())["components"]["schemas"]
        models = (clients / f"{document.stem}_api" / "models" / "__init__.py").read_text()
        lacking = [name for name in schemas if f'"{name}",' not in models]
        assert not lacking, (document.stem, lacking)


def test_generated_clients_read_all_three(live: Any, clients: Path):
    ran = subprocess.run(
        [sys.executable, FOLDER / "read.py", *live.addresses().values()],
        env={**os.environ, "PYTHONPATH": str(clients)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    balance, measure, light = ran.stdout.splitlines()
    assert balance.startswith("Soest ")
    assert len(measure.split()) > 1
    assert light.split()[-1] in {"green", "yellow", "red", "unknown"}


def test_the_example_has_right_types(clients: Path):
    line = [sys.executable, "-m", "mypy", "--strict", "--config-file=", "--follow-imports=silent"]
    found = subprocess.run(
        [*line, FOLDER / "read.py"],
        env={**os.environ, "MYPYPATH": str(clients)},
        cwd=clients,
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 0, found.stdout + found.stderr
