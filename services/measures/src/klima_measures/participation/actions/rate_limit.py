"""Keeping floods and form robots out without third parties and without storing who called.

A caller's address is turned into a keyed digest whose key is drawn every day and thrown away after
two. The same keys sign the form's time token. Both live in the database, so that every process of
the service counts and checks alike.
"""

import hmac
import re
import secrets
from collections import OrderedDict
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from hashlib import blake2b, sha256
from ipaddress import IPv6Address, ip_address, ip_network

from sqlalchemy.ext.asyncio import AsyncConnection

from klima_measures.participation.model.ideas import Quota
from klima_measures.participation.model.settings import ParticipationSettings
from klima_measures.participation.queries import privacy
from klima_shared.http.problems import Problem, invalid_at
from klima_shared.language.text import Label, Text

TOKEN_LIFETIME = timedelta(hours=24)
ATTEMPTS, FEWEST_ATTEMPTS = 10, 50
"""Requests for each idea that an address may hand in: whoever corrects a form needs some."""
MOST_ADDRESSES = 10_000


class Attempts:
    """Requests of each address, whatever becomes of them, counted before anything of them is read.

    In the memory of one process, because it is this process that they would keep busy; the ideas
    themselves are counted in the database. Addresses are digests under a key of the process, and
    the one not heard of for the longest time goes first.
    """

    def __init__(self, limit: int, window_seconds: int) -> None:
        self.limit, self.window_seconds = limit, window_seconds
        self._key = secrets.token_bytes(16)
        self._counts: OrderedDict[bytes, tuple[int, int]] = OrderedDict()

    def left(self, address: str, now: datetime) -> int:
        """Count one more request of an address; how many more it may make, below zero when this
        was one too many."""
        client = blake2b(address.encode(), digest_size=16, key=self._key).digest()
        window = int(now.timestamp()) // self.window_seconds
        counted_in, count = self._counts.pop(client, (window, 0))
        count = count + 1 if counted_in == window else 1
        self._counts[client] = (window, count)
        if len(self._counts) > MOST_ADDRESSES:
            self._counts.popitem(last=False)
        return self.limit - count


class RateLimit:
    """One per process; holds the settings and today's salts."""

    def __init__(self, settings: ParticipationSettings) -> None:
        self.settings = settings
        self._salts: dict[date, bytes] = {}
        self.attempts = Attempts(
            max(settings.idea_rate_limit * ATTEMPTS, FEWEST_ATTEMPTS),
            settings.idea_rate_window_seconds,
        )

    async def quota(self, connection: AsyncConnection, address: str, now: datetime) -> Quota:
        """The window an address is counted in, under a digest that nobody can read."""
        window = self._window(now)
        salt = await self._salt(connection, window.date())
        client = hmac.digest(salt, address.encode(), "sha256")[:16]
        return Quota(client, window, self.settings.idea_rate_limit)

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
                raise _bad_token("Es fehlt das Formularzeichen.", "The form token is missing.")
            return
        invalid = _bad_token(
            "Das Formularzeichen ist ungültig oder abgelaufen.",
            "The form token is invalid or expired.",
        )
        match = re.fullmatch(r"([0-9]{1,12})\.([0-9a-f]{64})", token)
        opened = datetime.fromtimestamp(int(match[1]), UTC) if match else None
        if match is None or opened is None or not opened <= now <= opened + TOKEN_LIFETIME:
            raise invalid
        salt = await self._salt(connection, opened.date())
        if not hmac.compare_digest(self._signature(salt, match[1]), match[2]):
            raise invalid
        if now < opened + timedelta(seconds=self.settings.idea_form_seconds):
            raise _bad_token(
                "So schnell füllt niemand ein Formular aus.", "Nobody fills in a form that fast."
            )

    def headers(self, left: int, now: datetime) -> dict[str, str]:
        """What an address may do and how much of it is left of its requests
        (draft-ietf-httpapi-ratelimit-headers): `"ideas";q=5;w=3600`, `"requests";r=49;t=1200`."""
        window, ideas = self.settings.idea_rate_window_seconds, self.settings.idea_rate_limit
        return {
            "RateLimit-Policy": f'"ideas";q={ideas};w={window}, '
            f'"requests";q={self.attempts.limit};w={window}',
            "RateLimit": f'"requests";r={max(left, 0)};t={self._wait(now)}',
        }

    def refuse(self, now: datetime) -> Problem:
        """429 for a caller who handed in too many; says when to come back."""
        limit = self.settings.idea_rate_limit
        return self._refusal(
            now,
            Text("More than {limit} ideas came from your connection in a short time.", limit=limit),
            {"RateLimit": f'"ideas";r=0;t={self._wait(now)}'},
        )

    def refuse_attempts(self, now: datetime) -> Problem:
        """429 for a caller whose requests are too many, whatever they hold."""
        return self._refusal(
            now, Text("Too many requests came from your connection in a short time.")
        )

    def _wait(self, now: datetime) -> int:
        """Seconds to the end of the window, at least one."""
        wait = self._window(now) + timedelta(seconds=self.settings.idea_rate_window_seconds) - now
        return max(1, int(wait.total_seconds()) + 1)

    def _refusal(
        self, now: datetime, reason: Text, headers: Mapping[str, str] | None = None
    ) -> Problem:
        seconds = self._wait(now)
        minutes = -(-seconds // 60)
        return Problem(
            429,
            "too-many-requests",
            Label("Zu viele Ideen auf einmal", "Too many ideas at once"),
            Text("{reason} Please try again in {minutes} minutes.", reason=reason, minutes=minutes),
            headers={"Retry-After": str(seconds), **(headers or {})},
        )

    def _window(self, now: datetime) -> datetime:
        """Start of the window that counts at `now`."""
        length = self.settings.idea_rate_window_seconds
        return datetime.fromtimestamp(int(now.timestamp()) // length * length, UTC)

    async def _salt(self, connection: AsyncConnection, day: date) -> bytes:
        """Only what another transaction committed is cached: one drawn just now may still be
        rolled back.

        It is asked on the caller's own connection, because waiting for a second one while holding
        the first is how a pool of connections comes to a standstill.
        """
        salt = self._salts.get(day)
        if salt is None:
            salt = await privacy.salt_of(connection, day)
            if salt is None:
                return await privacy.make_salt(connection, day)
            self._salts = {d: s for d, s in self._salts.items() if d >= day - timedelta(days=1)} | {
                day: salt
            }
        return salt

    @staticmethod
    def _signature(salt: bytes, stamp: str) -> str:
        return hmac.new(salt, b"form " + stamp.encode(), sha256).hexdigest()


def household(address: str | None) -> str:
    """What is counted as one: an IPv4 address, or the /64 of an IPv6 one."""
    try:
        found = ip_address((address or "").split("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(found, IPv6Address):
        found = found.ipv4_mapped or ip_network((found, 64), strict=False).network_address
    return str(found)


def _bad_token(de: str, en: str) -> Problem:
    return invalid_at(
        "/body/form_token", Text("{text} Please reload the form.", text=Label(de, en))
    )
