"""An installation with a tenth field of action: all services know it, and say so."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from klima_shared import county
from tests.fixtures.live import Live

CODE, LABEL = "health", "Gesundheit"


@pytest.fixture
def county_of_ten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The codes of a county's folder with one field more; processes started now read it."""
    folder = tmp_path / "county"
    folder.mkdir()
    for name in ("county.toml", "fields_of_action.csv"):
        (folder / name).write_text((county.folder() / name).read_text(encoding="utf-8"))
    table = folder / "fields_of_action.csv"
    table.write_text(table.read_text(encoding="utf-8") + f"{CODE},{LABEL},Health\n")
    monkeypatch.setenv("KLIMA_COUNTY_FOLDER", str(folder))
    return [row.split(",")[0] for row in table.read_text(encoding="utf-8").splitlines()[1:]]


SHEET = {
    "number": "GES-01",
    "title": "Kühle Orte im Quartier",
    "level": "municipality",
    "regions": ["05974040"],
    "field": CODE,
    "type": "planning",
}


def publish(client: httpx.Client) -> None:
    made = client.post("/v1/measures", json=SHEET)
    assert made.status_code == 201, made.text
    address = f"/v1/measures/{made.json()['id']}"
    tag = client.get(address).headers["ETag"]
    answer = client.post(f"{address}/publish", headers={"If-Match": tag})
    assert answer.status_code == 200, answer.text


def test_a_tenth_field_is_known_everywhere(
    county_of_ten: list[str], request: pytest.FixtureRequest
):
    live: Live = request.getfixturevalue("own_live")
    headers = {"Authorization": f"Bearer {live.token}"}
    with httpx.Client(base_url=live.measures, headers=headers, timeout=30) as client:
        document = client.get("/openapi.json").json()
        schemas = document["components"]["schemas"]
        assert len(county_of_ten) == 10
        assert schemas["SheetInput"]["properties"]["field"]["enum"] == county_of_ten
        assert schemas["IdeaIn"]["properties"]["field"]["anyOf"][0]["enum"] == county_of_ten
        named = {p["name"]: p for p in document["paths"]["/v1/measures"]["get"]["parameters"]}
        assert named["field"]["schema"]["items"]["enum"] == county_of_ten
        assert "x-code-list" not in str(document)
        publish(client)
        listed = client.get("/v1/fields-of-action").json()["items"][-1]
        assert (listed["code"], listed["label"], listed["measures"]) == (CODE, LABEL, 1)
        found = client.get("/v1/measures", params={"field": CODE}).json()["items"]
        assert [item["field_label"] for item in found] == [LABEL]
        assert client.get("/v1/measures", params={"q": LABEL}).json()["items"] == found
    assert httpx.get(f"{live.balance}/v1/regions/05974040", timeout=30).is_success
    page = httpx.get(f"{live.controlling}/regionen/05974040", timeout=60)
    assert page.is_success
    assert LABEL in page.text
