"""`./klima openapi`: each service's API document, kept in its folder so that a change of the API is
seen in review."""

from __future__ import annotations

import difflib
import importlib
import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from klima_local import api_changelog
from klima_local.home import root
from klima_local.processes import CommandError, python_module, run
from klima_local.services import SERVICES


def path(service: str) -> Path:
    return root() / "services" / service / "openapi.json"


def documents() -> dict[str, str]:
    """The documents as the services would answer them now; each from a process of its own, as in
    operation."""
    with ThreadPoolExecutor() as pool:
        return dict(zip(SERVICES, pool.map(_generate, SERVICES), strict=True))


def write() -> list[Path]:
    """Write what has changed, the changelog's missing lines too; the files that did."""
    changed = []
    made = documents()
    for service, text in made.items():
        if not path(service).exists() or path(service).read_text() != text:
            path(service).write_text(text)
            changed.append(path(service))
    log = root() / "docs" / "api-changelog.md"
    before = log.read_text(encoding="utf-8")
    after = api_changelog.completed(
        before, {service: json.loads(text) for service, text in made.items()}
    )
    if after != before:
        log.write_text(after, encoding="utf-8")
        changed.append(log)
    return changed


def differences() -> str:
    """How the kept documents differ from the services; empty if they do not."""
    lines: list[str] = []
    for service, text in documents().items():
        kept = path(service).read_text() if path(service).exists() else ""
        name = str(path(service).relative_to(root()))
        changes = difflib.unified_diff(
            kept.splitlines(), text.splitlines(), name, "now", lineterm="", n=2
        )
        lines += list(changes)[:40]
    return "\n".join(lines)


def _generate(service: str) -> str:
    # No service is connected to anything while it describes itself; the address only has to look
    # like one.
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("KLIMA_")
    }
    environment |= {
        "KLIMA_ENVIRONMENT": "test",
        "KLIMA_DATABASE_URL": "postgresql+psycopg://nobody@127.0.0.1:1/none",
    }
    command = python_module("klima_local.openapi", service)
    result = run(command, env=environment)
    if result.returncode != 0:
        raise CommandError(f"{service}: {result.stderr.strip()[-2000:]}")
    return result.stdout


if __name__ == "__main__":
    application = importlib.import_module(f"klima_{sys.argv[1]}.app").create_app()
    sys.stdout.write(json.dumps(application.openapi(), indent=1, ensure_ascii=False) + "\n")
