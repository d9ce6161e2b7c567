"""Programs from npm and PyPI that strangers use with an API document; `.ci/run` installs them."""

import os
from pathlib import Path

import pytest

NPM = Path(os.environ.get("KLIMA_API_TOOLS", "/tmp/klima-api-tools"))
GENERATOR = Path(os.environ.get("KLIMA_OPENAPI_GENERATOR", "/tmp/klima-openapi-generator"))


def npm_program(name: str) -> Path:
    program = NPM / "node_modules" / ".bin" / name
    if not program.exists():
        pytest.skip(
            f"{name} is missing: npm install --prefix {NPM} @stoplight/spectral-cli @redocly/cli "
            "openapi-typescript openapi-fetch typescript"
        )
    return program


def generator_program() -> Path:
    program = GENERATOR / "bin" / "openapi-generator-cli"
    if not program.exists():
        pytest.skip(f"missing in {GENERATOR}: pip install openapi-generator-cli")
    return program
