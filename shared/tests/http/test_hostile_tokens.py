"""Whatever stands in the place of a token: it is good, or it is refused with 401; nothing else."""

import asyncio
import json
from base64 import urlsafe_b64encode
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from klima_shared.http.auth import MAX_TOKEN, Authenticator
from klima_shared.http.problems import Problem
from klima_shared.service.settings import ServiceSettings

VALUES: Final = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)
NAMES: Final = st.sampled_from(
    ["alg", "kid", "typ", "cty", "crit", "b64", "jku", "jwk", "x5u", "x5c", "x5t", "zip", "enc"]
)
HEADERS: Final = st.dictionaries(NAMES | st.text(max_size=5), VALUES, max_size=6).flatmap(
    lambda header: st.sampled_from([header, header | {"alg": "RS256"}, header | {"alg": "ES256"}])
)
CLAIMS: Final = st.dictionaries(
    st.sampled_from(
        ["iss", "aud", "sub", "exp", "nbf", "iat", "realm_access", "regions", "roles", "jti"]
    ),
    VALUES,
    max_size=8,
)
RELAXED: Final = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture(scope="session")
def authenticator(token_factory: Any) -> Authenticator:
    return Authenticator(
        ServiceSettings(
            environment="test",
            database_url="postgresql+psycopg://x@h/x",
            auth_issuer=token_factory.issuer,
            auth_audience=token_factory.audience,
            auth_jwks=str(token_factory.jwks_path),
        )
    )


def _status(authenticator: Authenticator, token: str) -> int:
    try:
        asyncio.run(authenticator.principal(token))
    except Problem as problem:
        return problem.status
    return 200


def _part(content: bytes) -> str:
    return urlsafe_b64encode(content).rstrip(b"=").decode()


def _with_header(content: bytes, signature: str = "c2ln") -> str:
    return f"{_part(content)}.{_part(b'{}')}.{signature}"


@RELAXED
@given(token=st.text(max_size=200) | st.lists(st.text(max_size=30), max_size=6).map(".".join))
def test_any_text(authenticator: Authenticator, token: str) -> None:
    assert _status(authenticator, token) == 401


@RELAXED
@given(content=st.binary(max_size=60) | HEADERS.map(lambda header: json.dumps(header).encode()))
@example(b"[" * 9000)
@example(b'{"alg":"RS256","kid":' + b'{"a":' * 1500)
@example(b'{"alg":"RS256","crit":["b64"],"b64":false}')
@example(b'{"alg":"RS256","kid":' + b"9" * 5000 + b"}")
@example(b'{"alg":["RS256"]}')
@example(b'{"alg":"RS256","jwk":{"kty":"RSA"}}')
def test_any_header(authenticator: Authenticator, content: bytes) -> None:
    assert _status(authenticator, _with_header(content)) == 401


@pytest.mark.parametrize("parts", [0, 1, 2, 4, 5, 1000])
def test_another_number_of_parts(authenticator: Authenticator, parts: int) -> None:
    token = ".".join([_part(b'{"alg":"RS256","enc":"A128GCM"}')] * parts)
    assert _status(authenticator, token) == 401


@RELAXED
@given(header=HEADERS)
def test_any_header_on_a_good_token(
    authenticator: Authenticator, token_factory: Any, header: dict[str, Any]
) -> None:
    _, payload, signature = token_factory("manager", region="05974").split(".")
    token = f"{_part(json.dumps(header).encode())}.{payload}.{signature}"
    assert _status(authenticator, token) == 401


@RELAXED
@given(claims=CLAIMS)
@example({"sub": ["a"]})
@example({"sub": {"a": 1}})
@example({"sub": "nul\x00"})
@example({"sub": "x" * 300})
@example({"exp": 10**400})
@example({"exp": "soon"})
@example({"aud": {"a": 1}})
@example({"realm_access": "x"})
@example({"realm_access": {"roles": {"a": 1}}})
@example({"regions": [["05974"], None, 5]})
def test_any_claims_of_the_issuer(
    authenticator: Authenticator, token_factory: Any, claims: dict[str, Any]
) -> None:
    try:
        token = token_factory("manager", region="05974", **claims)
    except (ValueError, TypeError, OverflowError):  # can't be written as a token
        return
    assert _status(authenticator, token) in {200, 401}


def test_a_good_token_is_good_and_one_too_long_is_not(
    authenticator: Authenticator, token_factory: Any
) -> None:
    assert _status(authenticator, token_factory("manager", region="05974")) == 200
    assert _status(authenticator, token_factory("manager", x="y" * MAX_TOKEN)) == 401
    assert _status(authenticator, token_factory("manager", subject="x" * 256)) == 401
