"""What comes back from another service: an answer, or one of three kinds of failure.

`UpstreamUnavailableError`: nothing usable came, answer from the last good copy.
`UpstreamNotFoundError`: there is no such thing. Any other `UpstreamProblemError`: the request was
wrong, and that is a fault of ours.
"""

import json
from dataclasses import dataclass
from typing import Any

import httpx

from klima_shared.wire.json import Json, JsonObject


class UpstreamError(Exception):
    """A call to another service failed. `service` names it; the text holds no token, body or
    query."""

    def __init__(self, service: str, message: str) -> None:
        super().__init__(f"{service}: {message}")
        self.service = service


class UpstreamUnavailableError(UpstreamError):
    """Nothing usable came: no connection, no answer in time, or a 5xx, and retries did not help."""


class UpstreamBrokenError(UpstreamUnavailableError):
    """An answer came that the contract does not know: too large, not JSON, a redirect."""


class UpstreamProblemError(UpstreamError):
    """The service refused the request; the fields are those of its problem document (RFC 9457)."""

    def __init__(self, service: str, status: int, problem: Json) -> None:
        def text(name: str) -> str | None:
            value = problem.get(name)
            return value if isinstance(value, str) else None

        self.status = status
        self.type = text("type") or "about:blank"
        self.title = text("title") or f"HTTP {status}"
        self.detail = text("detail")
        errors = problem.get("errors")
        self.errors: list[JsonObject] = (
            [e for e in errors if isinstance(e, dict)] if isinstance(errors, list) else []
        )
        super().__init__(service, f"{status} {self.title}")


class UpstreamNotFoundError(UpstreamProblemError):
    """404 or 410."""


class UpstreamRefusedError(UpstreamProblemError):
    """401 or 403: the service token is missing, expired or lacks the role."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A successful answer. `from_cache` says that the service confirmed our copy with 304."""

    status: int
    headers: httpx.Headers
    content: bytes
    service: str
    from_cache: bool = False

    @property
    def etag(self) -> str | None:
        tag: str | None = self.headers.get("etag")
        return tag

    def json(self) -> Any:  # JSON of any shape
        """The body as JSON. Raises `UpstreamBrokenError` for anything else."""
        try:
            return json.loads(self.content)
        except ValueError:
            raise UpstreamBrokenError(self.service, "the answer is no JSON") from None
