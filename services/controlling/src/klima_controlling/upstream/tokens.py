"""The token with which this service shows itself to others, from a file that may be renewed at any
time."""

from __future__ import annotations

from pathlib import Path

import anyio

from klima_shared.upstream.client import TokenSupplier


def token_from(path: Path | None) -> TokenSupplier | None:
    """A supplier that reads the file at every call: it is small, and calls with it are rare."""
    if path is None:
        return None

    async def supply() -> str:
        return (await anyio.Path(path).read_text()).strip()

    return supply
