"""Headers that a dependency of a route, or its class, gives to the answer, whatever that is."""

from collections.abc import Mapping
from typing import Final

from fastapi import Request

MORE_HEADERS: Final = "klima.headers"
"""Of the scope: name and value of each."""


def add_headers(request: Request, headers: Mapping[str, str]) -> None:
    request.scope.setdefault(MORE_HEADERS, []).extend(headers.items())
