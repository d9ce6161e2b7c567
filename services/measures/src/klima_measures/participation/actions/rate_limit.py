"""Keeping floods and form robots out without third parties and without remembering anybody.

A caller's address is turned into a keyed digest whose key is drawn every day and thrown away after
two. The same keys sign the form's time token. Both live in the database, so that every process of
the service counts and checks alike.
"""

from __future__ import annotations

import hmac
import re
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from sqlalchemy.ext.asyncio import AsyncConnection

from klima_measures.participation.queries import rate_limit as clients
from klima_measures.participation.settings import ParticipationSettings
from klima_shared.http.problems import Problem, invalid_at
from klima_shared.language.text import Label, Text

TOKEN_LIFETIME = timedelta(hours=24)


class Callers:
    """One per process; holds the settings and today's salts."""

    def __init__(self, settings: ParticipationSettings) -> None:
        self.settings = settings
        self._proxies = [ip_network(network) for network in settings.trusted_proxies]
        self._salts: dict[date, bytes] = {}

    def address(self, peer: str | None, forwarded: str | None) -> str:
        """The network that a request came from: an IPv4 address, or the /64 of an IPv6 one.

        forwarded: X-Forwarded-For; believed from the right as long as the hops are proxies we
        trust.
        """
        hops = [part.strip() for part in (forwarded or "")[:2000].split(",") if part.strip()]
        found = _parsed(peer or "")
        while found is not None and hops and any(found in network for network in self._proxies):
            following = _parsed(hops.pop())
            if following is None:
                break
            found = following
        if isinstance(found, IPv6Address):
            found = found.ipv4_mapped or ip_network((found, 64), strict=False).network_address
        return str(found) if found is not None else "unknown"

    async def client(self, connection: AsyncConnection, address: str, day: date) -> bytes:
        """The digest under which an address is counted on a day."""
        return hmac.digest(await self._salt(connection, day), address.encode(), "sha256")[:16]

    async def form_token(self, connection: AsyncConnection, now: datetime) -> str:
        """What a form carries: when it was opened, signed."""
        stamp = str(int(now.timestamp()))
        return f"{stamp}.{self._signature(await self._salt(connection, now.date()), stamp)}"

    async def check_form(
        self, connection: AsyncConnection, token: str | None, now: datetime
    ) -> None:
        """422 for a token that is missing where it is needed, false or too old, or a form filled in
        too fast."""
        if token is None:
            if self.settings.idea_form_required:
                raise _bad_token(Text("The form token is missing."))
            return
        match = re.fullmatch(r"([0-9]{1,12})\.([0-9a-f]{64})", token)
        opened = datetime.fromtimestamp(int(match[1]), UTC) if match else None
        if match is None or opened is None or not opened <= now <= opened + TOKEN_LIFETIME:
            raise _bad_token(Text("The form token is invalid or expired."))
        salt = await self._salt(connection, opened.date())
        if not hmac.compare_digest(self._signature(salt, match[1]), match[2]):
            raise _bad_token(Text("The form token is invalid or expired."))
        if now < opened + timedelta(seconds=self.settings.idea_form_seconds):
            raise _bad_token(Text("Nobody fills in a form that fast."))

    def refuse(self, now: datetime) -> Problem:
        """429 for a caller who handed in too many; says when to come back."""
        limit = self.settings.idea_rate_limit
        wait = self.window(now) + timedelta(seconds=self.settings.idea_rate_window_seconds) - now
        seconds = max(1, int(wait.total_seconds()) + 1)
        minutes = -(-seconds // 60)
        return Problem(
            429,
            "too-many-requests",
            Label("Zu viele Ideen auf einmal", "Too many ideas at once"),
            Text(
                "More than {limit} ideas came from your connection in a short time. Please try "
                "again in {minutes} minutes.",
                limit=limit,
                minutes=minutes,
            ),
            headers={"Retry-After": str(seconds)},
        )

    def window(self, now: datetime) -> datetime:
        """Start of the window that counts at `now`."""
        length = self.settings.idea_rate_window_seconds
        return datetime.fromtimestamp(int(now.timestamp()) // length * length, UTC)

    async def _salt(self, connection: AsyncConnection, day: date) -> bytes:
        """Only what another transaction committed is remembered: one drawn just now may still be
        rolled back.

        It is asked on the caller's own connection, because waiting for a second one while holding
        the first is how a pool of connections comes to a standstill.
        """
        salt = self._salts.get(day)
        if salt is None:
            salt = await clients.salt_of(connection, day)
            if salt is None:
                return await clients.make_salt(connection, day)
            self._salts = {d: s for d, s in self._salts.items() if d >= day - timedelta(days=1)} | {
                day: salt
            }
        return salt

    @staticmethod
    def _signature(salt: bytes, stamp: str) -> str:
        return hmac.new(salt, b"form " + stamp.encode(), sha256).hexdigest()


def _parsed(text: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(text.strip("[]").split("%")[0])
    except ValueError:
        return None


def _bad_token(reason: Text) -> Problem:
    return invalid_at("/body/form_token", Text("{text} Please reload the form.", text=reason))
