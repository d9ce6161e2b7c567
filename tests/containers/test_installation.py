"""An installation in containers: the story of a balance and a measure through the one origin, and
what operators do to it."""

from __future__ import annotations

import asyncio
import os
import re
import ssl
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from klima_local.services import SERVICES
from tests.containers.conftest import Installation
from tests.containers.load import Load
from tests.operations.conftest import unlike

pytestmark = pytest.mark.container
SOEST = "/v1/regions/05974040/balances/2021"
UP_SECONDS = 30.0


def test_up_in_half_a_minute(installation: Installation) -> None:
    """From built images to all healthy, on a machine that does nothing else; on a busier one it may
    take as much longer."""
    print(f"up: {installation.seconds['up']:.1f} s, load {os.getloadavg()[0]:.1f}")
    busy = max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))
    assert installation.seconds["up"] < UP_SECONDS * busy


def test_everything_is_healthy_and_published(installation: Installation) -> None:
    for service in SERVICES:
        answer = httpx.get(f"{installation.service(service)}/health/ready", trust_env=False)
        assert (answer.status_code, answer.json()["status"]) == (200, "ok")
        assert set(answer.json()["upstreams"].values()) <= {"ok"}
    with installation.anybody() as http:
        for year in (2018, 2021):
            county = http.get(f"/v1/regions/05974/balances/{year}").json()
            assert county["members"] == {**county["members"], "expected": 14, "present": 14}
            members = http.get("/v1/regions?parent=05974").json()["items"]
            totals = [
                http.get(f"/v1/regions/{m['ags']}/balances/{year}").json()["totals"]["bisko_t_co2e"]
                for m in members
            ]
            assert sum(totals) == pytest.approx(county["totals"]["bisko_t_co2e"], rel=1e-9)


def test_story(installation: Installation, bodies: dict[str, dict[str, Any]]) -> None:
    """A manager logs in at the provider, writes a measure, and everybody reads it where it
    belongs."""
    with installation.manager() as manager, installation.anybody() as anybody:
        assert anybody.post("/v1/measures", json=unlike(bodies["measures"])).status_code == 401
        made = manager.post("/v1/measures", json=unlike(bodies["measures"]))
        assert made.status_code == 201, made.text
        location = made.headers["Location"]
        assert anybody.get(location).status_code == 404  # a draft
        assert manager.get(location).json()["title"] == bodies["measures"]["title"]
        draft = manager.post("/v1/regions/05974040/balances", json={"year": 2021})
        assert draft.status_code == 201, draft.text
        page = anybody.get("/regionen/05974040")
        assert page.status_code == 200
        assert "Soest" in page.text
        assert anybody.get("/embed/balance/05974040").status_code == 200
        for service in SERVICES:
            assert anybody.get(f"/{service}/openapi.json").json()["info"]["title"]
            assert f"/{service}/openapi.json" in anybody.get(f"/{service}/docs").text


def test_cache_honours_etags(installation: Installation) -> None:
    with installation.anybody() as http:
        path = f"{SOEST}?as_of={datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"
        first, second = http.get(path), http.get(path)
        assert (first.headers["X-Cache"], second.headers["X-Cache"]) == ("MISS", "HIT")
        assert first.content == second.content
        assert first.headers["X-Request-ID"] != second.headers["X-Request-ID"]
        unchanged = http.get(path, headers={"If-None-Match": first.headers["ETag"]})
        assert (unchanged.status_code, unchanged.content) == (304, b"")
        english = http.get(path, headers={"Accept-Language": "en"})
        assert english.headers["X-Cache"] == "MISS"  # another representation
        assert english.content != first.content
    with installation.manager() as manager:
        assert manager.get(path).headers["X-Cache"] == "BYPASS"


def test_compression_and_changes(
    installation: Installation, bodies: dict[str, dict[str, Any]]
) -> None:
    """Compressed, an ETag is weak; a change based on it goes through all the same, and a stale one
    does not."""
    with installation.manager() as manager:
        location = manager.post("/v1/measures", json=unlike(bodies["measures"])).headers["Location"]
        read = manager.get(location, headers={"Accept-Encoding": "gzip"})
        assert read.headers["Content-Encoding"] == "gzip"
        etag = read.headers["ETag"]
        assert etag.startswith("W/")
        body = {**unlike(bodies["measures"]), "title": "Geändert durch das Tor"}
        assert manager.put(location, json=body).status_code == 428
        changed = manager.put(location, json=body, headers={"If-Match": etag})
        assert changed.status_code == 200, changed.text
        assert manager.put(location, json=body, headers={"If-Match": etag}).status_code == 412


def test_headers_and_limits(installation: Installation) -> None:
    with installation.anybody() as http:
        answer = http.get(SOEST, headers={"Origin": "https://presse.example"})
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "strict-origin-when-cross-origin"
        assert answer.headers["Content-Security-Policy"]
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert answer.headers["Server"] == "nginx"
        assert re.fullmatch(r"[0-9a-f]{12}4[0-9a-f]{19}", answer.headers["X-Request-ID"])
        for path in ("/metrics", "/health/ready", "/balance/metrics", "/measures/health/ready"):
            inside = http.get(path)
            assert (inside.status_code, inside.headers["Content-Type"].split(";")[0]) == (
                404,
                "application/problem+json",
            )
        large = http.post(
            "/v1/imports",
            content=b"x" * (26 << 20),
            headers={"Content-Type": "multipart/form-data; boundary=x"},
        )
        assert (large.status_code, large.json()["status"]) == (413, 413)
        assert (
            http.get("/v1/nirgends").headers["Content-Type"].startswith("application/problem+json")
        )


def test_open_data_names_addresses_of_the_one_origin(installation: Installation) -> None:
    """Whoever harvests the catalogue of a service through the gateway reaches all that it names."""
    with installation.anybody() as http:
        for service in SERVICES:
            catalogue = http.get(f"/{service}/catalog.jsonld").text
            named = sorted(
                set(re.findall(rf'"({re.escape(installation.origin)}[^"#]*)"', catalogue))
            )
            assert len(named) > 20
            faults = {
                address: status
                for address in named
                if (status := http.get(address).status_code) != 200
            }
            assert not faults, faults


async def test_floods_are_stopped(installation: Installation) -> None:
    async with httpx.AsyncClient(base_url=installation.origin, trust_env=False) as http:
        answers = await asyncio.gather(*(http.post("/v1/ideas", json={}) for _ in range(30)))
    refused = [answer for answer in answers if answer.status_code == 429]
    assert len(refused) >= 15
    assert refused[0].json()["title"] == "Zu viele Anfragen"
    assert refused[0].headers["Retry-After"] == "1"


def test_one_request_one_id_in_all_logs(installation: Installation) -> None:
    with installation.anybody() as http:
        request = http.get(f"/v1/regions/05974012/status?x={time.time_ns()}").headers[
            "X-Request-ID"
        ]
    time.sleep(1)
    logs = installation.compose("logs", "--no-log-prefix", "gateway", "controlling")
    lines = [line for line in logs.splitlines() if request in line]
    assert any('"service":"gateway"' in line for line in lines)
    assert any('"service":"controlling"' in line for line in lines)


@pytest.mark.parametrize("service", SERVICES)
async def test_a_rolling_restart_under_load_loses_nothing(
    installation: Installation, bodies: dict[str, dict[str, Any]], service: str
) -> None:
    """Every replica is replaced while people read and write: no 5xx, and every acknowledged write
    is there afterwards."""
    with installation.manager() as manager:
        token = manager.headers["Authorization"]
    async with Load(installation.origin, token, service, bodies[service]) as load:
        await load.warm(2.0)
        process = await asyncio.create_subprocess_exec(
            "deploy/rolling-update",
            "--no-build",
            service,
            env=installation.environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        said, _ = await process.communicate()
        await load.warm(1.0)
    assert process.returncode == 0, said.decode()
    assert said.decode().count("replaced") == 2
    print(f"{service}: {load.summary()}")
    assert load.reads > 100
    assert len(load.acknowledged) > 30
    assert load.faults == []
    assert await load.lost() == []


def test_backup_drill(installation: Installation, bodies: dict[str, dict[str, Any]]) -> None:
    """Load, back up, destroy everything, bring up anew, restore, compare."""
    with installation.manager() as manager:
        location = manager.post("/v1/measures", json=unlike(bodies["measures"])).headers["Location"]
    with installation.anybody() as http:
        before = http.get(SOEST).json()
    said = installation.compose(
        "run", "--rm", "-T", "backup", "/deploy/backup.sh", "/backups/drill"
    )
    assert re.search(r"drill: \d+ tables, \d+ rows", said)
    # All but the backups is gone: containers, the database, its passwords.
    installation.compose("down", "-t", "10")
    for volume in ("database", "secrets-postgres", *(f"secrets-{service}" for service in SERVICES)):
        installation.run("docker", "volume", "rm", f"{installation.project}_{volume}")
    installation.up()
    with installation.anybody() as http:
        assert http.get(SOEST).json()["id"] != before["id"]
    installation.compose("stop", "-t", "10", "gateway", *SERVICES)
    said = installation.compose(
        "run", "--rm", "-T", "backup", "/deploy/restore.sh", "/backups/drill", "--replace"
    )
    assert "restored and compared" in said
    installation.compose("start", "gateway", *SERVICES)
    installation.up()
    with installation.anybody() as http, installation.manager() as manager:
        after = http.get(SOEST).json()
        assert {k: v for k, v in after.items() if k != "meta"} == {
            k: v for k, v in before.items() if k != "meta"
        }
        assert manager.get(location).status_code == 200


def test_tls(installation: Installation, certificate: tuple[Path, Path]) -> None:
    chain, key = certificate
    installation.environment.update(KLIMA_TLS_CERTIFICATE=str(chain), KLIMA_TLS_KEY=str(key))
    for parent in chain.parents[:-2]:
        parent.chmod(parent.stat().st_mode | 0o011)
    files = ("-f", "docker-compose.yml", "-f", "deploy/gateway/compose.tls.yml")
    installation.compose(*files, "up", "-d", "--wait", "--no-deps", "gateway")
    context = ssl.create_default_context(cafile=str(chain))
    answer = httpx.get(
        f"https://127.0.0.1:{installation.ports['KLIMA_TLS_PORT']}{SOEST}",
        verify=context,
        trust_env=False,
    )
    assert answer.status_code == 200
    assert answer.headers["Strict-Transport-Security"]
