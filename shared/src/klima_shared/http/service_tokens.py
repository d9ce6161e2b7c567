"""Where a service gets the token with which it calls another."""

import time
from collections.abc import Awaitable, Callable

import anyio
import httpx

from klima_shared.upstream.errors import UpstreamUnavailableError

TokenSupplier = Callable[[], Awaitable[str]]


def fixed_token(token: str) -> TokenSupplier:
    """A supplier of one token that does not change; for tests and for a machine of one's own."""

    async def supply() -> str:
        return token

    return supply


class ClientCredentials:
    """Service tokens from the OpenID provider (grant `client_credentials`), renewed a little before
    they expire."""

    def __init__(
        self, token_url: str, client_id: str, client_secret: str, *, early: float = 30.0
    ) -> None:
        self._url = token_url
        self._auth = httpx.BasicAuth(client_id, client_secret)
        self._early = early
        self._token: str | None = None
        self._until = 0.0
        self._lock = anyio.Lock()

    async def __call__(self) -> str:
        async with self._lock:
            if self._token is None or time.monotonic() >= self._until:
                self._token, lifetime = await self._fetch()
                self._until = time.monotonic() + max(lifetime - self._early, lifetime / 2)
            return self._token

    async def _fetch(self) -> tuple[str, float]:
        try:
            async with httpx.AsyncClient(timeout=5.0) as http:
                response = await http.post(
                    self._url, data={"grant_type": "client_credentials"}, auth=self._auth
                )
                response.raise_for_status()
                document = response.json()
                return str(document["access_token"]), float(document.get("expires_in", 60))
        except (httpx.HTTPError, ValueError, KeyError, TypeError):
            # Without the cause: it would carry the provider's answer into the log.
            raise UpstreamUnavailableError("identity provider", "no service token") from None
