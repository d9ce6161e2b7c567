"""Rules and dashboard: every figure they ask for is one that the services give, and promtool finds
no fault."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from typing import Any

import httpx
import pytest
import yaml

from klima_local.home import root
from klima_local.services import SERVICES
from klima_measures.app import create_app
from klima_measures.settings import Settings
from tests.fixtures.databases import DatabaseFactory

HERE = root() / "deploy" / "monitoring"
# Words of the query language, and what Prometheus adds itself.
WORDS = {
    "sum",
    "rate",
    "by",
    "absent",
    "or",
    "and",
    "histogram_quantile",
    "changes",
    "count",
    "topk",
    "e6",
    "up",
    "le",
    "on",
}
LABELS = {"job", "instance", "status", "handler", "version", "le", "service"}


def expressions() -> list[str]:
    rules = [
        r["expr"]
        for g in yaml.safe_load((HERE / "alerts.yml").read_text())["groups"]
        for r in g["rules"]
    ]
    dashboard: dict[str, Any] = json.loads((HERE / "dashboard.json").read_text())
    return rules + [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]


def metrics_of(expression: str) -> set[str]:
    bare = re.sub(r"\{[^}]*\}|\[[^\]]*\]|by \([^)]*\)|\"[^\"]*\"", " ", expression)
    return set(re.findall(r"\b[a-z_]+[a-z0-9_]*\b", bare)) - WORDS


@pytest.fixture
async def given(service_database: DatabaseFactory) -> str:
    settings = Settings(environment="test", database_url=service_database("measures").url)
    app = create_app(settings)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://t") as http:
        assert (await http.get("/v1/fields-of-action")).status_code == 200
        text = (await http.get("/metrics")).text
    await app.state.database.close()
    return text


async def test_every_figure_exists(given: str) -> None:
    names = set(re.findall(r"^([a-z_]+)[{ ]", given, re.MULTILINE))
    asked = set().union(*(metrics_of(expression) for expression in expressions()))
    assert {"http_requests_total", "klima_service_info", "process_open_fds"} <= asked
    assert asked <= names, f"no service gives {asked - names}"


async def test_every_label_exists(given: str) -> None:
    for expression in expressions():
        for inside in re.findall(r"\{([^}]*)\}", expression):
            labels = set(re.findall(r"([a-z]+)=", inside))
            assert labels <= LABELS, expression
    for line in (
        'http_requests_total{handler="/v1/fields-of-action",method="GET",status="200"}',
        "klima_service_info{",
    ):
        assert line in given


def test_every_service_is_scraped() -> None:
    jobs = yaml.safe_load((HERE / "prometheus.yml").read_text())["scrape_configs"]
    assert [job["job_name"] for job in jobs] == [f"klima-{service}" for service in SERVICES]


def test_every_alert_says_what_it_means() -> None:
    (group,) = yaml.safe_load((HERE / "alerts.yml").read_text())["groups"]
    for rule in group["rules"]:
        assert {"alert", "expr", "labels", "annotations"} <= rule.keys()
        assert rule["labels"]["severity"] in {"critical", "warning"}
        assert {"summary", "description"} <= rule["annotations"].keys()


def test_the_dashboard_is_whole() -> None:
    dashboard: dict[str, Any] = json.loads((HERE / "dashboard.json").read_text())
    identities = [panel["id"] for panel in dashboard["panels"]]
    assert len(identities) == len(set(identities)) >= 8
    taken: set[tuple[int, int]] = set()
    for panel in dashboard["panels"]:
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken, f"{panel['title']} lies over another"
        taken |= cells


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "config", "prometheus.yml"),
        ("check", "rules", "alerts.yml"),
        ("test", "rules", "alerts.test.yml"),
    ],
)
def test_promtool(arguments: tuple[str, ...]) -> None:
    if shutil.which("promtool") is None:
        pytest.skip(
            "promtool (Debian: prometheus) is not installed; names and labels are checked all the"
            " same"
        )
    result = subprocess.run(
        ["promtool", *arguments], cwd=HERE, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr
