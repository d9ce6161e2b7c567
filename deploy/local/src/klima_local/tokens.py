"""A token issuer for this machine only: signs with a key of its own what Keycloak would sign
elsewhere.

Services accept its tokens only because `./klima up` configures them with its JWKS file; nothing in
their code knows it.
"""

from __future__ import annotations

import base64
import hmac
import json
import os
import re
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey, KeySetSerialization, RSAKey

from klima_local.home import locked, write_secret

ISSUER = "http://127.0.0.1/klima-local"
AUDIENCE = "klimakreis"
ROLES = ("viewer", "editor", "manager", "method", "service")
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


class NotLocalError(RuntimeError):
    """The issuer was asked to work in production."""


def seconds(text: str) -> int:
    """A lifetime like `30m`, `8h` or `2d` in seconds; ValueError says what is expected."""
    match = re.fullmatch(r"([1-9][0-9]{0,5})([smhd])", text)
    if match is None:
        raise ValueError(
            f"Gültigkeit „{text}“: erwartet wird eine Zahl mit Einheit, etwa 30m, 8h oder 2d."
        )
    return int(match[1]) * _UNITS[match[2]]


def refuse_production(environment: Mapping[str, str] = os.environ) -> None:
    """Raise NotLocalError in production: tokens there come from the municipality's own issuer."""
    for name in ("KLIMA_ENVIRONMENT", "KLIMA_ENV"):
        if environment.get(name, "").strip().lower() in {"production", "prod"}:
            raise NotLocalError(
                f"{name}=production: Lokale Token gibt es nur auf dem eigenen Rechner."
            )


@dataclass(frozen=True)
class LocalIssuer:
    """The key in `directory` (mode 0600, made at first use) and, beside it, the public JWKS file
    for the services."""

    directory: Path
    issuer: str = ISSUER
    audience: str = AUDIENCE

    @property
    def jwks_path(self) -> Path:
        """The public keys as a JWK set; written if missing."""
        return self._write_public(self.key)

    @cached_property
    def key(self) -> ECKey:
        refuse_production()
        path = self.directory / "signing-key.json"
        self.directory.mkdir(parents=True, exist_ok=True)
        with locked(self.directory / "lock"):
            if not path.exists():
                made = ECKey.generate_key(
                    "P-256", {"use": "sig", "alg": "ES256"}, private=True, auto_kid=True
                )
                write_secret(path, json.dumps(made.as_dict(private=True)))
            return ECKey.import_key(json.loads(path.read_text()))

    def claims(
        self,
        roles: Sequence[str],
        regions: Sequence[str] = (),
        *,
        lifetime: int = 8 * 3600,
        subject: str = "lokal",
    ) -> dict[str, Any]:
        """Claims as Keycloak writes them: roles below `realm_access`, regions in a claim of their
        own."""
        now = int(time.time())
        return {
            "iss": self.issuer,
            "aud": self.audience,
            "sub": subject,
            "iat": now,
            "nbf": now,
            "exp": now + lifetime,
            "jti": str(uuid.uuid4()),
            "preferred_username": subject,
            "realm_access": {"roles": list(roles)},
            "regions": list(regions),
        }

    def sign(self, claims: Mapping[str, Any]) -> str:
        """The claims as a compact JWT, signed with ES256."""
        key = self.key
        self._write_public(key)
        return jwt.encode(
            {"alg": "ES256", "kid": key.kid, "typ": "JWT"}, dict(claims), key, algorithms=["ES256"]
        )

    def token(
        self,
        roles: Sequence[str],
        regions: Sequence[str] = (),
        *,
        lifetime: int = 8 * 3600,
        subject: str = "lokal",
    ) -> str:
        return self.sign(self.claims(roles, regions, lifetime=lifetime, subject=subject))

    def _write_public(self, key: ECKey) -> Path:
        path = self.directory / "jwks.json"
        text = json.dumps({"keys": [key.as_dict(private=False)]})
        if not path.exists() or path.read_text() != text:
            write_secret(path, text)
        return path


class TokenFactory:
    """Tokens for tests: `factory("manager", region="05974")`, and every kind that a service must
    refuse."""

    def __init__(self, directory: Path, issuer: str = ISSUER, audience: str = AUDIENCE) -> None:
        self.local = LocalIssuer(directory, issuer, audience)
        self.issuer, self.audience = issuer, audience

    @property
    def jwks_path(self) -> Path:
        return self.local.jwks_path

    @property
    def jwks(self) -> KeySetSerialization:
        """The public key set."""
        found: KeySetSerialization = json.loads(self.jwks_path.read_text())
        return found

    def __call__(
        self,
        *roles: str,
        region: str | Sequence[str] = (),
        lifetime: int = 3600,
        subject: str = "test",
        **claims: object,
    ) -> str:
        """A good token; keyword arguments replace or add claims, None removes one."""
        return self.local.sign(self._claims(roles, region, lifetime, subject, claims))

    def headers(
        self, *roles: str, region: str | Sequence[str] = (), **claims: object
    ) -> dict[str, str]:
        """The Authorization header with a good token."""
        return {"Authorization": f"Bearer {self(*roles, region=region, **claims)}"}  # type: ignore[arg-type]

    def refused(self, *roles: str, region: str | Sequence[str] = ()) -> dict[str, str]:
        """Tokens that are like a good one but for one fault each, by the name of the fault."""
        now = int(time.time())
        return {
            "expired": self(*roles, region=region, iat=now - 7200, nbf=now - 7200, exp=now - 3600),
            "not yet valid": self(
                *roles, region=region, iat=now + 3600, nbf=now + 3600, exp=now + 7200
            ),
            "without expiry": self(*roles, region=region, exp=None),
            "foreign issuer": self(
                *roles, region=region, iss="https://elsewhere.example/realms/klima"
            ),
            "without issuer": self(*roles, region=region, iss=None),
            "foreign audience": self(*roles, region=region, aud="another-service"),
            "without audience": self(*roles, region=region, aud=None),
            "alg none": self.unsigned(*roles, region=region),
            "foreign key": self.foreign_key(*roles, region=region),
            "foreign key with the known kid": self.foreign_key(
                *roles, region=region, kid=self.local.key.kid
            ),
            "public key as HMAC secret": self.hmac_with_public_key(*roles, region=region),
            "changed after signing": self.tampered(*roles, region=region),
            "cut off": self(*roles, region=region)[:-20],
            "not a token": "nonsense",
        }

    def unsigned(self, *roles: str, region: str | Sequence[str] = ()) -> str:
        """`alg: none` with an empty signature."""
        return f"{_part({'alg': 'none', 'typ': 'JWT'})}.{_part(self._claims(roles, region))}."

    def foreign_key(
        self, *roles: str, region: str | Sequence[str] = (), kid: str | None = None
    ) -> str:
        """Right in everything, but signed with a key that the issuer never published."""
        key = ECKey.generate_key("P-256", private=True, auto_kid=True)
        return jwt.encode(
            {"alg": "ES256", "kid": kid or key.kid},
            self._claims(roles, region),
            key,
            algorithms=["ES256"],
        )

    def hmac_with_public_key(self, *roles: str, region: str | Sequence[str] = ()) -> str:
        """HS256 with the public key's PEM text as the secret: for a verifier that trusts the
        header."""
        # By hand: libraries know this attack and refuse to make such a token.
        signed = f"{_part({'alg': 'HS256', 'kid': self.local.key.kid})}.{_part(self._claims(roles, region))}"
        return f"{signed}.{_text(hmac.digest(self.local.key.as_pem(private=False), signed.encode(), 'sha256'))}"

    def tampered(self, *roles: str, region: str | Sequence[str] = ()) -> str:
        """The signature of one token below the claims of a mightier one."""
        header, _, signature = self(*roles, region=region).split(".")
        return f"{header}.{_part(self._claims(ROLES, ('00000000',)))}.{signature}"

    def rs256(
        self, *roles: str, region: str | Sequence[str] = (), **claims: object
    ) -> tuple[str, KeySetSerialization]:
        """A good token of an issuer that signs with RS256, as Keycloak does by default, and that
        issuer's key set."""
        key = RSAKey.generate_key(2048, {"use": "sig", "alg": "RS256"}, private=True, auto_kid=True)
        token = jwt.encode(
            {"alg": "RS256", "kid": key.kid},
            self._claims(roles, region, claims=claims),
            key,
            algorithms=["RS256"],
        )
        return token, {"keys": [key.as_dict(private=False)]}

    def _claims(
        self,
        roles: Sequence[str],
        region: str | Sequence[str],
        lifetime: int = 3600,
        subject: str = "test",
        claims: Mapping[str, object] | None = None,
    ) -> dict[str, Any]:
        regions = (region,) if isinstance(region, str) else tuple(region)
        whole = {
            **self.local.claims(roles, regions, lifetime=lifetime, subject=subject),
            **(claims or {}),
        }
        return {name: value for name, value in whole.items() if value is not None}


def _part(content: Mapping[str, Any]) -> str:
    return _text(json.dumps(content).encode())


def _text(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
