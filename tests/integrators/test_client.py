"""The typed client, made from the services' OpenAPI documents, reads a balance, a measure and a
light."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

pytestmark = pytest.mark.fuzz
ROOT = Path(__file__).parents[2]


def test_generated_client_reads_all_three(live: Any, tmp_path: Path):
    program = Path(sys.executable).with_name("openapi-python-client")
    if not program.exists():
        pytest.skip("openapi-python-client is missing (./klima test installs it)")
    config = tmp_path / "config.json"
    config.write_text(json.dumps({"post_hooks": []}))
    for service, address in live.addresses().items():
        document = tmp_path / f"{service}.json"
        document.write_bytes(httpx.get(f"{address}/openapi.json").content)
        line = [program, "generate", "--path", document, "--meta", "none", "--config", config]
        line += ["--output-path", tmp_path / f"{service}_api", "--overwrite"]
        made = subprocess.run(line, capture_output=True, text=True, check=False)
        assert made.returncode == 0, made.stdout + made.stderr
    example = ROOT / "examples" / "python-client" / "read.py"
    ran = subprocess.run(
        [sys.executable, example, *live.addresses().values()],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    balance, measure, light = ran.stdout.splitlines()
    assert balance.startswith("Soest ")
    assert len(measure.split()) > 1
    assert light.split()[-1] in {"green", "yellow", "red", "unknown"}
