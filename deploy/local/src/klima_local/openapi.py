"""`./klima openapi`: each service's API document, kept in its folder so that a change of the API is
seen in review; beside them `docs/api-changelog.md` with a line for every operation that came or
went, the newest section first: - added `balance` `GET /v1/regions`: a word about it.
"""

import difflib
import importlib
import json
import os
import re
import sys
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

from klima_local.home import root
from klima_local.processes import CommandError, python_module, run
from klima_local.services import SERVICES

METHODS: Final = ("get", "put", "post", "delete", "patch")
UNRELEASED: Final = "## Unreleased"
_LINE: Final = re.compile(r"- (added|removed) `([a-z]+)` `([A-Z]+ /[^`]*)`")

Documents = Mapping[str, Mapping[str, Any]]  # service, OpenAPI
Operation = tuple[str, str]  # service, "GET /v1/regions"


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
    after = completed(before, {service: json.loads(text) for service, text in made.items()})
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


def operations(documents: Documents) -> set[Operation]:
    """What the documents (service -> OpenAPI) offer."""
    return {
        (service, f"{method.upper()} {path}")
        for service, document in documents.items()
        for path, item in document["paths"].items()
        for method in METHODS
        if method in item
    }


def recorded_operations(text: str) -> set[Operation]:
    """What there is when one believes the changelog, read from its oldest line to its newest."""
    found: set[Operation] = set()
    for section in reversed(text.split("\n## ")):
        for kind, service, operation in _LINE.findall(section):
            (found.add if kind == "added" else found.discard)((service, operation))
    return found


def missing(text: str, documents: Documents) -> list[str]:
    """Lines that the changelog lacks. How a parameter of an address is called is no matter of the
    address."""
    offered, recorded = _by_address(operations(documents)), _by_address(recorded_operations(text))
    lines = [("added", offered[one]) for one in sorted(offered.keys() - recorded.keys())] + [
        ("removed", recorded[one]) for one in sorted(recorded.keys() - offered.keys())
    ]
    return [f"- {kind} `{service}` `{operation}`" for kind, (service, operation) in lines]


def _by_address(found: Iterable[tuple[str, str]]) -> dict[tuple[str, str], tuple[str, str]]:
    return {(service, re.sub(r"{\w+}", "{}", one)): (service, one) for service, one in found}


def completed(text: str, documents: Documents) -> str:
    """The changelog with its missing lines in the section of what is not released."""
    lines = missing(text, documents)
    if not lines:
        return text
    if UNRELEASED not in text:
        head, mark, rest = text.partition("\n## ")
        text = f"{head.rstrip()}\n\n{UNRELEASED}\n{mark}{rest}"
    head, _, rest = text.partition(UNRELEASED)
    return f"{head}{UNRELEASED}\n\n" + "\n".join([*lines, rest.lstrip("\n")])


if __name__ == "__main__":
    application = importlib.import_module(f"klima_{sys.argv[1]}.app").create_app()
    sys.stdout.write(json.dumps(application.openapi(), indent=1, ensure_ascii=False) + "\n")
