"""Clients in TypeScript from the API documents compile strictly, those in Java keep all names, and
patterns are those of ECMAScript."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from klima_local.services import SERVICES
from tests.integrators.tools import NPM, generator_program, npm_program

pytestmark = pytest.mark.fuzz
ROOT = Path(__file__).parents[2]
STRICT = ["--strict", "--noEmit", "--target", "es2022", "--module", "esnext"]
STRICT += ["--moduleResolution", "bundler", "--skipLibCheck"]
READ = """
import createClient from "openapi-fetch";
import type { paths } from "./measures";

export async function title(measure_id: string): Promise<string> {
  const client = createClient<paths>({ baseUrl: "http://127.0.0.1:8002" });
  const path = { measure_id };
  const { data, error } = await client.GET("/v1/measures/{measure_id}", { params: { path } });
  if (error) throw new Error(error.title);
  return `${data.number} ${data.title}`;
}
"""


def run(*line: Any, folder: Path) -> str:
    done = subprocess.run(line, capture_output=True, text=True, check=False, cwd=folder)
    assert done.returncode == 0, (done.stdout + done.stderr)[-6000:]
    return done.stdout + done.stderr


def test_openapi_typescript_compiles_strictly(tmp_path: Path):
    for service in SERVICES:
        document = ROOT / "services" / service / "openapi.json"
        made = run(
            npm_program("openapi-typescript"),
            document,
            "-o",
            tmp_path / f"{service}.ts",
            folder=tmp_path,
        )
        assert "warn" not in made.lower()
    (tmp_path / "read.ts").write_text(READ)
    (tmp_path / "node_modules").symlink_to(NPM / "node_modules")
    run(npm_program("tsc"), *STRICT, *tmp_path.glob("*.ts"), folder=tmp_path)


def java_program() -> Path:
    program = generator_program()
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        pytest.skip("openapi-generator needs java (Debian: default-jre-headless)")
    return program


def test_openapi_generator_compiles_strictly(tmp_path: Path):
    program = java_program()
    for service in SERVICES:
        document = ROOT / "services" / service / "openapi.json"
        out = tmp_path / service
        line = ("generate", "-i", document, "-g", "typescript-fetch", "-o", out)
        run(program, *line, folder=tmp_path)
        run(npm_program("tsc"), *STRICT, "--lib", "es2022,dom", out / "index.ts", folder=tmp_path)


def test_a_client_in_java_keeps_all_names(tmp_path: Path):
    """Made, not compiled: its libraries are no part of a test machine. A name that Java keeps for
    itself would be changed, and one that two schemas share would lose one of them."""
    program = java_program()
    for service in SERVICES:
        document = ROOT / "services" / service / "openapi.json"
        out = tmp_path / service
        line = ("generate", "-i", document, "-g", "java", "--library", "native", "-o", out)
        said = run(program, *line, folder=tmp_path)
        renamed = set(re.findall(r"(\w+) \(reserved word\)", said))
        assert renamed <= {"List"}, "`List` is the generator's own word for an array"
        schemas = json.loads(document.read_text())["components"]["schemas"]
        models = {path.stem.lower() for path in out.glob("src/main/java/**/model/*.java")}
        # A form's fields are parameters of its operation.
        objects = {
            name
            for name, schema in schemas.items()
            if "properties" in schema and not name.endswith("Form")
        }
        assert {name.lower() for name in objects} - models == set()


def test_patterns_are_those_of_ecmascript(tmp_path: Path):
    """With the flag `u`, as AJV compiles them."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is missing")
    found: list[str] = []

    def patterns(value: Any) -> None:
        if isinstance(value, dict):
            if isinstance(value.get("pattern"), str):
                found.append(value["pattern"])
            for part in value.values():
                patterns(part)
        elif isinstance(value, list):
            for part in value:
                patterns(part)

    for service in SERVICES:
        patterns(json.loads((ROOT / "services" / service / "openapi.json").read_text()))
    assert found
    program = f"for (const p of {json.dumps(sorted(set(found)))}) new RegExp(p, 'u');"
    run(node, "-e", program, folder=tmp_path)
