"""Three real processes over HTTP: the page stands while the balance service is stopped, and says
so."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from typing import Any

import httpx

from klima_controlling.base.actions import BERLIN
from klima_controlling.status.rules import OLDEST_YEARS
from klima_local.processes import free_ports


def light(colour: str, year: int) -> str:
    """The colour that figures of `year` give, as long as they are not too old for one: these
    processes have the real day."""
    return colour if datetime.now(BERLIN).year - year <= OLDEST_YEARS else "unknown"


COUNTY = ("compute", "--year", "2018", "--year", "2021", "--region", "05974", "--publish")


@contextmanager
def process(
    service: str, port: int, environment: dict[str, str]
) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", f"klima_{service}.cli", "serve", "--port", str(port)]
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as running:
        try:
            end = time.monotonic() + 90
            while time.monotonic() < end:
                try:
                    if (
                        httpx.get(
                            f"http://127.0.0.1:{port}/health/ready", timeout=5, trust_env=False
                        ).status_code
                        == 200
                    ):
                        break
                except httpx.HTTPError:
                    time.sleep(0.2)
            yield running
        finally:
            running.terminate()


def test_the_page_stands_while_the_balance_service_is_stopped(
    service_database: Any, fresh_database: Any
) -> None:
    ports = dict(zip(("balance", "measures", "controlling"), free_ports(3), strict=True))
    databases = {
        "balance": service_database("balance", ["load-method"], COUNTY),
        "measures": service_database("measures", ["load-example"]),
        "controlling": fresh_database("controlling", ["load-shipped"]),
    }
    addresses = {
        f"KLIMA_{name.upper()}_URL": f"http://127.0.0.1:{port}" for name, port in ports.items()
    }
    with ExitStack() as stack:
        running = {
            name: stack.enter_context(
                process(name, ports[name], {**databases[name].environment, **addresses})
            )
            for name in ports
        }
        client = stack.enter_context(
            httpx.Client(base_url=addresses["KLIMA_CONTROLLING_URL"], timeout=30, trust_env=False)
        )
        page = client.get("/?lang=de")
        assert page.status_code == 200
        assert "nicht erreichbar" not in page.text
        before = client.get("/v1/regions/05974040/status").json()
        assert [found["light"] for found in before["lights"]] == [
            light("red", 2021),
            light("yellow", 2021),
        ]

        running["balance"].terminate()
        running["balance"].wait(30)
        time.sleep(1.2)
        page = client.get("/?lang=de")
        assert page.status_code == 200
        assert "Der Bilanzdienst ist seit" in page.text
        stale = client.get("/v1/regions/05974040/status").json()
        assert stale["lights"] == before["lights"]
        assert stale["stale_since"] is not None
        assert client.get("/health/ready").json()["upstreams"] == {
            "balance": "unreachable",
            "measures": "ok",
        }

        with process(
            "balance", ports["balance"], {**databases["balance"].environment, **addresses}
        ):
            for _ in range(100):
                if client.get("/v1/regions/05974040/status").json()["stale_since"] is None:
                    return
                time.sleep(0.2)
    raise AssertionError("still stale after the balance service was back")


EVALUATION: dict[str, Any] = {
    "evaluator": "Controlling",
    "evaluated_on": "2026-11-02",
    "evidence": [{"title": "Rechnung (Beispiel)", "grade": "A"}],
    "comparison": {"cost": {"planned": 10.0, "actual": 12.0, "unit": "EUR"}},
    "lesson": "Früher beginnen.",
    "conclusion": "continue",
    "conclusion_owner": "Klimaschutz",
    "conclusion_due": "2027-03-31",
}


def test_controlling_tells_measures_and_reads_the_konzern(own_live: Any) -> None:
    """A measure is completed only after an evaluation that controlling tells with the service's
    token; the light of the Konzern is lit by its published balances.
    """
    headers = {"Authorization": f"Bearer {own_live.token}"}
    with ExitStack() as stack:
        balance, measures, controlling = (
            stack.enter_context(
                httpx.Client(base_url=url, headers=headers, timeout=30, trust_env=False)
            )
            for url in own_live.addresses().values()
        )
        found = measures.get("/v1/measures", params={"phase": "in_implementation"}).json()["items"][
            0
        ]
        path = f"/v1/measures/{found['id']}"

        def completed() -> httpx.Response:
            tag = {"If-Match": measures.get(path).headers["etag"]}
            return measures.post(f"{path}/transitions", json={"to": "completed"}, headers=tag)

        ended = {"actual_end": "2026-10-31", "planned_end": None}
        changed = measures.patch(
            path, json=ended, headers={"If-Match": measures.get(path).headers["etag"]}
        )
        assert changed.status_code == 200, changed.text
        assert completed().status_code == 422
        by_hand = {"evaluated_on": "2026-11-02", "by": "x", "reference": "x", "summary": "x"}
        assert measures.post(f"{path}/evaluations", json=by_hand).status_code == 403
        made = controlling.post(f"{path}/evaluations", json=EVALUATION)
        assert (made.status_code, made.json()["told"]) == (201, True)
        assert completed().status_code == 201

        def konzern() -> dict[str, Any]:
            lights = controlling.get("/v1/organisations/konzern-kreis-soest/status").json()[
                "lights"
            ]
            return dict(lights[0])

        before = konzern()
        assert (before["light"], before["actual"]) == ("unknown", None)
        assert "noch keine eigene Bilanz" in before["rule"]
        body = {"name": "Konzern Kreis Soest", "region": "05974"}
        organisation = (
            f"/v1/organisations/{balance.post('/v1/organisations', json=body).json()['id']}"
        )
        for year, megawatt_hours in ((2022, 1200.0), (2023, 1190.0)):
            activity = {
                "area": "buildings",
                "carrier": "electricity",
                "quantity": megawatt_hours,
                "unit": "MWh",
                "grade": "A",
                "status": "measured",
                "source": "Abrechnung (Beispiel)",
                "year": year,
            }
            assert balance.post(f"{organisation}/activities", json=activity).status_code == 201
            draft = balance.get(f"{organisation}/balances/{year}")
            tag = {"If-Match": draft.headers["etag"]}
            assert (
                balance.post(f"{organisation}/balances/{year}/publish", headers=tag).status_code
                == 200
            )
        time.sleep(1.2)
        after = konzern()
        assert (after["light"], after["actual_year"]) == (light("red", 2023), 2023)
        assert after["actual"] == draft.json()["totals"]["emissions_t_co2e"]
        if after["light"] != "unknown":
            assert after["gap"] == after["actual"] - after["path"][0]["value"] * 7 / 8
