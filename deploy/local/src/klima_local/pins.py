"""`./klima lock`: the pinned requirement files, with hashes and without a registry's address.

uv resolves for every platform at once into uv.lock, which names registries and is therefore not
kept in git. What is kept are plain requirement files exported from it, which any installer reads
from whatever registry a machine is set up for.
"""

import os
import re
import shutil
from pathlib import Path

from klima_local.home import LocalError, root
from klima_local.processes import run
from klima_local.services import SERVICES

_EXPORT = "export -q --frozen --format requirements-txt --no-header --no-annotate --no-editable"
_ADDRESS = re.compile(r"[a-z+]+://|^-e|^-f|^--(index|extra-index|find-links)|@ file:", re.MULTILINE)

# File: what it holds. The services' own are what their images install; the build group builds the
# workspace's packages.
_OURS_APART = "--no-emit-workspace"
PINNED: dict[str, str] = {
    "requirements.txt": f"{_OURS_APART} --no-default-groups --group build",
    "requirements-dev.txt": f"{_OURS_APART} --no-default-groups --group build --group dev",
    "requirements-build.txt": f"{_OURS_APART} --only-group build",
    "requirements-sbom.txt": f"{_OURS_APART} --only-group sbom",
    **{
        f"services/{service}/requirements.txt": (
            f"{_OURS_APART} --no-default-groups --package klima-{service} --extra otel"
        )
        for service in SERVICES
    },
}
LAUNCHER = "requirements-uv.txt"


class PinError(LocalError):
    """uv failed, or would have written a registry's address."""


def lock(*, upgrade: bool = False) -> list[Path]:
    """Resolve and write all pinned files; the files that changed. Without a uv.lock everything is
    resolved anew."""
    base = root()
    _uv("lock -q" + (" --upgrade" if upgrade else ""))
    texts = {name: _uv(f"{_EXPORT} {options}") for name, options in PINNED.items()}
    compiled = "pip compile -q - --generate-hashes --universal --no-header --no-annotate"
    texts[LAUNCHER] = _uv(compiled, given="uv\n")
    changed = []
    for name, text in texts.items():
        if found := addresses(text):
            raise PinError(f"{name} would name an address: {found[0]}")
        path = base / name
        if not path.exists() or path.read_text() != text:
            path.write_text(text)
            changed.append(path)
    return changed


def addresses(text: str) -> list[str]:
    """Lines that tie a requirement file to a place: a registry, a URL, a path."""
    return [line for line in text.splitlines() if _ADDRESS.search(line)]


def _uv(arguments: str, given: str | None = None) -> str:
    program = os.environ.get("KLIMA_UV") or shutil.which("uv") or "uv"
    environment = {"UV_SYSTEM_CERTS": "1", **os.environ}
    result = run([program, *arguments.split()], cwd=root(), env=environment, input=given)
    if result.returncode != 0:
        raise PinError(f"uv {arguments.partition(' ')[0]}: {result.stderr.strip()}")
    return result.stdout
