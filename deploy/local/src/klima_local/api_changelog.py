"""`docs/api-changelog.md` beside the OpenAPI documents: every operation that came or went has its
line.

The newest section stands first. A line reads: - added `balance` `GET /v1/regions`: a word about it,
if there is one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

METHODS: Final = ("get", "put", "post", "delete", "patch")
UNRELEASED: Final = "## Unreleased"
_LINE: Final = re.compile(r"- (added|removed) `([a-z]+)` `([A-Z]+ /[^`]*)`")

Operation = tuple[str, str]  # service, "GET /v1/regions"


def operations(documents: Mapping[str, Mapping[str, Any]]) -> set[Operation]:
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


def missing(text: str, documents: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Lines that the changelog lacks."""
    offered, recorded = operations(documents), recorded_operations(text)
    lines = [("added", one) for one in sorted(offered - recorded)] + [
        ("removed", one) for one in sorted(recorded - offered)
    ]
    return [f"- {kind} `{service}` `{operation}`" for kind, (service, operation) in lines]


def completed(text: str, documents: Mapping[str, Mapping[str, Any]]) -> str:
    """The changelog with its missing lines in the section of what is not released."""
    lines = missing(text, documents)
    if not lines:
        return text
    if UNRELEASED not in text:
        head, mark, rest = text.partition("\n## ")
        text = f"{head.rstrip()}\n\n{UNRELEASED}\n{mark}{rest}"
    head, _, rest = text.partition(UNRELEASED)
    return f"{head}{UNRELEASED}\n\n" + "\n".join([*lines, rest.lstrip("\n")])
