"""A token issuer for this machine only: signs with a key of its own what Keycloak would sign
elsewhere.

Services accept its tokens only because `./klima up` configures them with its JWKS file; nothing in
their code knows it.
"""

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
from joserfc.jwk import ECKey

from klima_local.home import LocalError, locked, write_secret

ISSUER = "http://127.0.0.1/klima-local"
AUDIENCE = "klimakreis"
ROLES = ("viewer", "editor", "manager", "method", "service")
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


class NotLocalError(LocalError):
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
