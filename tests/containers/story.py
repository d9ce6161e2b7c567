"""What a person with a browser and one with a script do: log in at the provider, and call the one
origin."""

from __future__ import annotations

import base64
import hashlib
import secrets
from urllib.parse import parse_qs, urlsplit

import httpx

CALLBACK = "http://127.0.0.1/callback"


def log_in(issuer: str, user: str) -> str:
    """An access token by the authorization code flow with PKCE, through the provider's own
    pages."""
    verifier = secrets.token_urlsafe(48)
    challenge = (
        base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    )
    with httpx.Client(timeout=20, trust_env=False) as browser:
        answer = browser.get(
            f"{issuer}/auth",
            params={
                "client_id": "klima-trial",
                "response_type": "code",
                "scope": "openid klima",
                "redirect_uri": CALLBACK,
                "code_challenge": challenge,
                "code_challenge_method": "S256",
            },
        )
        for _ in range(20):
            if answer.is_redirect:
                target = str(answer.url.join(answer.headers["location"]))
                if target.startswith(CALLBACK):
                    (code,) = parse_qs(urlsplit(target).query)["code"]
                    break
                answer = browser.get(target)
            else:
                assert answer.status_code == 200, answer.text
                login = 'name="login"' in answer.text
                form = (
                    {"prompt": "login", "login": user, "password": "x"}
                    if login
                    else {"prompt": "consent"}
                )
                answer = browser.post(str(answer.url), data=form)
        else:
            raise AssertionError("the provider does not come to an end")
        token = browser.post(
            f"{issuer}/token",
            data={
                "grant_type": "authorization_code",
                "client_id": "klima-trial",
                "code": code,
                "redirect_uri": CALLBACK,
                "code_verifier": verifier,
            },
        )
    assert token.status_code == 200, token.text
    return str(token.json()["access_token"])
