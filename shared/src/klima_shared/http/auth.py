"""Who is asking, and what he may do: OpenID Connect tokens (RS256, ES256), roles and regions from
claims.

A read route without a token is answered for the public. A token that is there must be good: an
expired, foreign or unsigned one is refused (401) even where none is needed.
"""

import json
import time
from base64 import urlsafe_b64decode
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, cast

import anyio
import httpx
import orjson
import structlog
from fastapi import Depends, Request, Security, params
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from pydantic import BaseModel, ConfigDict

from klima_shared.codes.access import Role
from klima_shared.codes.regions import canonical_ags, covers
from klima_shared.http.operations import Fact, tells
from klima_shared.http.problems import Problem, forbidden, unauthorized, unavailable
from klima_shared.language.text import Text
from klima_shared.service.settings import ServiceSettings

log = structlog.get_logger(__name__)

ALGORITHMS = ("RS256", "ES256")
MAX_TOKEN = 16 << 10
KEYS_MAX_AGE = 3600.0
KEYS_MIN_AGE = 10.0  # an unknown key id asks the issuer again, but not more often than this

# manager does what editor does, editor what viewer does; method and service stand alone.
_IMPLIED = {Role.MANAGER: {Role.EDITOR, Role.VIEWER}, Role.EDITOR: {Role.VIEWER}}


class Principal(BaseModel):
    """The one who asks: subject of the token, roles (with those they imply) and regions (canonical
    AGS)."""

    model_config = ConfigDict(frozen=True)

    subject: str
    roles: frozenset[Role] = frozenset()
    regions: tuple[str, ...] = ()

    @property
    def anonymous(self) -> bool:
        return self.subject == "anonymous"

    def may(self, role: Role, region: str | None = None) -> bool:
        """Has the role, and (for a region) that region or one that covers it. `service` holds for
        every region."""
        if role not in self.roles:
            return False
        return (
            region is None
            or role is Role.SERVICE
            or any(covers(own, region) for own in self.regions)
        )

    def may_read_drafts(self, region: str | None) -> bool:
        """Unpublished things of a region: its viewers (and so editors and managers), and other
        services."""
        return self.may(Role.SERVICE) or self.may(Role.VIEWER, region)

    def require(self, role: Role, region: str | None = None) -> None:
        """401 for nobody, 403 for a wrong role or a wrong region."""
        if self.anonymous:
            raise unauthorized(Text("This needs a login."))
        if role not in self.roles:
            raise forbidden(Text("This needs the role “{role}”.", role=role.value))
        if not self.may(role, region):
            raise forbidden(
                Text(
                    "Your role “{role}” does not hold for the region {region}.",
                    role=role.value,
                    region=region,
                )
            )


ANONYMOUS = Principal(subject="anonymous")


def _bad_token(reason: str) -> Problem:
    # The reason goes to the log; the caller learns only that the token is not valid.
    log.info("token refused", reason=reason)
    return unauthorized(Text("The token is invalid or has expired."))


def _at(claims: Mapping[str, object], path: str) -> object:
    """The claim at a dotted path (`realm_access.roles`); None where it is not there."""
    found: object = claims
    for part in path.split("."):
        if not isinstance(found, Mapping):
            return None
        found = found.get(part)
    return found


def _texts(value: object) -> list[str]:
    if isinstance(value, str):
        return value.split()
    if isinstance(value, Sequence):
        return [v for v in value if isinstance(v, str)]
    return []


class Authenticator:
    """Checks tokens against the issuer's public keys, which it reads from a URL or a file and keeps
    for an hour."""

    def __init__(self, settings: ServiceSettings) -> None:
        self.settings = settings
        self._keys: KeySet | None = None
        self._read_at = 0.0
        self._lock = anyio.Lock()
        needed = {"essential": True}
        self._claims = jwt.JWTClaimsRegistry(
            leeway=settings.auth_leeway_seconds,
            iss={"essential": True, "value": settings.auth_issuer or ""},
            aud={"essential": True, "value": settings.auth_audience},
            sub={"essential": True},
            exp=cast("Any", needed),
        )

    async def principal(self, token: str) -> Principal:
        """The principal of a token; 401 when it is not valid, 503 when the issuer's keys can't be
        read."""
        if not self.settings.auth_jwks or not self.settings.auth_issuer:
            raise _bad_token("no issuer configured")
        header = _header_of(token)
        if header.get("alg") not in ALGORITHMS:
            raise _bad_token(f"algorithm {header.get('alg')!r}")
        keys = await self._current_keys(header.get("kid"))
        try:
            decoded = jwt.decode(token, keys, algorithms=list(ALGORITHMS))
            self._claims.validate(decoded.claims)
        except (JoseError, ValueError, TypeError) as error:
            raise _bad_token(f"{type(error).__name__}: {error}") from error
        subject = decoded.claims["sub"]
        if not (isinstance(subject, str) and 0 < len(subject) <= 255 and subject.isprintable()):
            raise _bad_token("the subject is no name")
        return self._principal(decoded.claims)

    def _principal(self, claims: Mapping[str, object]) -> Principal:
        roles: set[Role] = set()
        for name in _texts(_at(claims, self.settings.auth_roles_claim)):
            try:
                role = Role(name)
            except ValueError:  # an issuer has roles of other programs too
                continue
            roles |= {role} | _IMPLIED.get(role, set())
        regions: list[str] = []
        for text in _texts(_at(claims, self.settings.auth_regions_claim)):
            try:
                regions.append(canonical_ags(text))
            except ValueError:
                log.warning("token names an unreadable region", region=text)
        return Principal(subject=str(claims["sub"]), roles=frozenset(roles), regions=tuple(regions))

    async def _current_keys(self, kid: object) -> KeySet:
        age = time.monotonic() - self._read_at
        unknown = (
            self._keys is not None
            and kid is not None
            and all(k.kid != kid for k in self._keys.keys)
        )
        if self._keys is None or age > KEYS_MAX_AGE or (unknown and age > KEYS_MIN_AGE):
            async with self._lock:
                if self._keys is None or time.monotonic() - self._read_at >= age:
                    await self._read_keys()
        assert self._keys is not None  # noqa: S101
        return self._keys

    async def _read_keys(self) -> None:
        place = self.settings.auth_jwks or ""
        try:
            if place.startswith(("http://", "https://")):
                async with httpx.AsyncClient(timeout=5) as client:
                    document = (await client.get(place)).raise_for_status().json()
            else:
                document = json.loads(await anyio.to_thread.run_sync(Path(place).read_bytes))
            self._keys = KeySet.import_key_set(document)
            self._read_at = time.monotonic()
        except (OSError, ValueError, httpx.HTTPError, JoseError) as error:
            log.error("keys of the issuer can't be read", error=str(error))
            if self._keys is None:  # an old set is better than none
                text = Text("Tokens can't be checked right now.")
                raise unavailable(text) from error
            self._read_at = time.monotonic()


def _header_of(token: str) -> dict[str, object]:
    """The header of a signed token (three parts): texts, numbers and lists of texts. What is nested
    goes no further, to no other reader of JSON."""
    if len(token) > MAX_TOKEN or token.count(".") != 2:
        raise _bad_token("not three parts, or too long")
    first = token.partition(".")[0]
    try:
        header = orjson.loads(urlsafe_b64decode(first + "=" * (-len(first) % 4)))
    except ValueError as error:
        raise _bad_token("unreadable header") from error
    if not isinstance(header, dict) or not all(_flat(value) for value in header.values()):
        raise _bad_token("unreadable header")
    return header


def _flat(value: object) -> bool:
    if isinstance(value, list):
        return all(isinstance(part, str) for part in value)
    return not isinstance(value, dict)


_bearer = HTTPBearer(
    auto_error=False, bearerFormat="JWT", description="OpenID Connect access token (RS256 or ES256)"
)


async def bearer_of(request: Request) -> Principal:
    """Who the request's token says is asking; 401 for a token that is not valid. Read once for a
    request, whether its route asks for it or not."""
    known: Principal | None = getattr(request.state, "principal", None)
    if known is not None:
        return known
    credentials = await _bearer(request)
    if credentials is None and request.headers.get("authorization"):
        raise _bad_token("not a bearer token")
    authenticator = cast("Authenticator", request.app.state.authenticator)
    principal = (
        ANONYMOUS if credentials is None else await authenticator.principal(credentials.credentials)
    )
    request.state.principal = principal
    return principal


@tells(Fact.TOKEN)
async def current_principal(
    request: Request, _: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)]
) -> Principal:
    return await bearer_of(request)


Caller = Annotated[Principal, Depends(current_principal)]


def _needs(role: Role) -> params.Depends:
    @tells(Fact.LOGIN, role)
    async def dependency(caller: Caller) -> Principal:
        caller.require(role)
        return caller

    return params.Depends(dependency)


# The role is checked before the body is read into the domain; the region by the use case, which
# knows it.
Viewer = Annotated[Principal, _needs(Role.VIEWER)]
Editor = Annotated[Principal, _needs(Role.EDITOR)]
Manager = Annotated[Principal, _needs(Role.MANAGER)]
MethodKeeper = Annotated[Principal, _needs(Role.METHOD)]
ServiceCaller = Annotated[Principal, _needs(Role.SERVICE)]
