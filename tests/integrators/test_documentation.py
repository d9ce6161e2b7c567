"""Every example of docs/api.md runs against the services as it stands there; the served page is the
same text."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from klima_shared.http.deprecation import POLICY

ROOT = Path(__file__).parents[2]
PORTS = {"balance": "8001", "measures": "8002", "controlling": "8003"}
BLOCKS = re.findall(
    r"```(bash|python|javascript)\n(.*?)```",
    (ROOT / "docs" / "api.md").read_text(encoding="utf-8"),
    re.S,
)


@pytest.mark.fuzz
@pytest.mark.parametrize("number", range(len(BLOCKS)))
def test_example_runs(live: Any, tmp_path: Path, number: int):
    language, text = BLOCKS[number]
    for service, port in PORTS.items():
        text = text.replace(f"http://127.0.0.1:{port}", getattr(live, service))
    text = text.replace("/tmp/klima-", f"{tmp_path}/klima-")
    if language == "bash":
        line = ["bash", "-euo", "pipefail", "-c", text]
    elif language == "python":
        line = [sys.executable, "-c", text]
    else:
        if shutil.which("node") is None:
            pytest.skip("node is missing, so the JavaScript examples cannot run")
        line = ["node", "--input-type=module", "--eval", text]
    ran = subprocess.run(line, capture_output=True, text=True, check=False, timeout=60)
    assert ran.returncode == 0, ran.stderr
    if "If-None-Match" in text:
        assert ran.stdout.strip() == "304"
    elif "--output" in text:
        assert (tmp_path / "klima-bilanzen.parquet").read_bytes()[:4] == b"PAR1"
    else:
        assert ran.stdout.strip()


@pytest.mark.fuzz
def test_served_page_has_this_installations_addresses(live: Any):
    page = httpx.get(f"{live.controlling}/entwickler")
    assert page.status_code == 200
    assert f"{live.balance}/v1/regions/05974040/balances/2021" in page.text
    assert "127.0.0.1:8001" not in page.text
    assert f'id="{POLICY.partition("#")[2]}"' in page.text, "where deprecated operations point to"
    assert (
        httpx.get(
            f"{live.controlling}/entwickler", headers={"If-None-Match": page.headers["etag"]}
        ).status_code
        == 304
    )


def test_there_are_examples_in_every_language():
    assert {language for language, _ in BLOCKS} == {"bash", "python", "javascript"}
