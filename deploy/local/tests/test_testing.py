"""The fixtures themselves: databases that are really separate, and tokens that are really good or
bad."""

import json
from pathlib import Path

import psycopg
import pytest
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from klima_local.tokens import LocalIssuer, NotLocalError, refuse_production, seconds
from tests.fixtures.databases import DatabaseFactory
from tests.fixtures.tokens import TokenFactory


def plain(url: str) -> str:
    return url.replace("postgresql+psycopg://", "postgresql://")


@pytest.mark.parametrize("service", ["measures", "controlling"])
def test_a_service_database_is_migrated(service_database: DatabaseFactory, service: str) -> None:
    database = service_database(service)
    with psycopg.connect(plain(database.url)) as connection:
        row = connection.execute(
            "select current_schema(), count(*) from alembic_version"
        ).fetchone()
    assert row == (service, 1)
    assert service_database(service) is database


def test_fresh_databases_are_separate(fresh_database: DatabaseFactory) -> None:
    first, second = fresh_database("measures"), fresh_database("measures")
    with psycopg.connect(plain(first.url)) as connection:
        connection.execute("create table only_here (n int)")
    with psycopg.connect(plain(second.url)) as connection:
        assert connection.execute("select to_regclass('only_here')").fetchone() == (None,)


def test_a_failing_command_shows_what_it_said(fresh_database: DatabaseFactory) -> None:
    with pytest.raises(RuntimeError, match="no-such-command"):
        fresh_database("measures", ["no-such-command"])


def decode(factory: TokenFactory, token: str) -> dict[str, object]:
    """What a strict verifier accepts."""
    known = jwt.decode(token, KeySet.import_key_set(factory.jwks), algorithms=["ES256", "RS256"])
    jwt.JWTClaimsRegistry(
        iss={"essential": True, "value": factory.issuer},
        aud={"essential": True, "value": factory.audience},
        exp={"essential": True},
    ).validate(known.claims)
    return known.claims


def test_a_good_token_reads_like_keycloaks(token_factory: TokenFactory) -> None:
    claims = decode(token_factory, token_factory("manager", "method", region="05974"))
    assert claims["realm_access"] == {"roles": ["manager", "method"]}
    assert claims["regions"] == ["05974"]
    assert {"iss", "aud", "sub", "iat", "nbf", "exp", "jti"} <= claims.keys()


def test_every_bad_token_is_refused(token_factory: TokenFactory) -> None:
    bad = token_factory.refused("manager", region="05974")
    assert len(bad) == 14
    for name, token in bad.items():
        with pytest.raises((JoseError, ValueError)):
            pytest.fail(f"accepted: {name}: {decode(token_factory, token)}")


def test_only_the_public_part_of_the_key_leaves(token_factory: TokenFactory) -> None:
    (key,) = json.loads(token_factory.jwks_path.read_text())["keys"]
    assert "d" not in key
    assert key["alg"] == "ES256"
    private = token_factory.local.directory / "signing-key.json"
    assert private.stat().st_mode & 0o777 == 0o600
    assert "d" in json.loads(private.read_text())


def test_the_key_is_kept(token_factory: TokenFactory) -> None:
    again = LocalIssuer(token_factory.local.directory)
    assert jwt.decode(
        again.token(["viewer"]), KeySet.import_key_set(token_factory.jwks), algorithms=["ES256"]
    ).claims


@pytest.mark.parametrize(
    "environment",
    [{"KLIMA_ENV": "production"}, {"KLIMA_ENVIRONMENT": " Production "}, {"KLIMA_ENV": "prod"}],
)
def test_no_tokens_in_production(
    environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(NotLocalError, match="production"):
        refuse_production(environment)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(NotLocalError):
        LocalIssuer(tmp_path).token(["manager"])
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("text", "expected"), [("45s", 45), ("30m", 1800), ("8h", 28800), ("2d", 172800)]
)
def test_lifetimes(text: str, expected: int) -> None:
    assert seconds(text) == expected


@pytest.mark.parametrize(
    "text", ["", "8", "h", "0h", "-1h", "1.5h", "8 h", "8h ", "8w", "9999999s"]
)
def test_lifetimes_that_are_none(text: str) -> None:
    with pytest.raises(ValueError, match="8h"):
        seconds(text)
