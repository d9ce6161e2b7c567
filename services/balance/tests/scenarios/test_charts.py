"""Pictures: well-formed, with title, description and the numbers; German by default; nothing from
elsewhere."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import httpx
import pytest

from klima_shared.codes.quality import Grade
from klima_shared.look.digits import display
from klima_shared.look.plot import milestones, spread_apart, ticks

CLIMATE = "/v1/scenarios/climate_protection.05974000.2021.v1.e2026-2"
PICTURES = {
    "sectors": f"{CLIMATE}/chart.svg?by=sectors",
    "wedges": f"{CLIMATE}/chart.svg?by=wedges",
    "targets": f"{CLIMATE}/chart.svg?by=targets&against=trend.05974000.2021.v1.e2026-2",
    "potentials": "/v1/regions/05974/potentials/chart.svg",
    "flow": "/v1/regions/05974/balances/2021/flow.svg",
}
SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("name", PICTURES)
async def test_a_picture_has_title_description_and_numbers(reader: httpx.AsyncClient, name: str):
    response = await reader.get(PICTURES[name])
    assert response.headers["content-type"].startswith("image/svg+xml")
    root = ElementTree.fromstring(response.text)
    title, description = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert title is not None
    assert description is not None
    assert "Kreis Soest" in str(title.text)
    assert len(str(description.text)) > len(str(title.text))
    texts = [t.text or "" for t in root.iter(f"{SVG}text")]
    assert len([t for t in texts if re.search(r"\d", t)]) > 15
    assert any("dl-de/by-2-0" in t for t in texts)
    width = float(root.attrib["width"])
    for t in root.iter(f"{SVG}text"):
        # About 7 px a letter: nothing runs over the edge.
        length = (
            7.3 * len(t.text or "")
            if "t" in t.attrib.get("class", "").split()
            else 6.4 * len(t.text or "")
        )
        x, classes = float(t.attrib["x"]), t.attrib.get("class", "").split()
        left = x - length if "e" in classes else x - length / 2 if "m" in classes else x
        assert left > -12, t.text
        assert left + length < width + 20, t.text
    assert not re.search(r"(href|src)=|<script|https?://(?!www\.w3\.org)", response.text)


async def test_the_table_of_a_picture_is_the_answer(reader: httpx.AsyncClient):
    years = (await reader.get(f"{CLIMATE}/results")).json()["years"]
    texts = {
        t.text
        for t in ElementTree.fromstring((await reader.get(PICTURES["sectors"])).text).iter(
            f"{SVG}text"
        )
    }
    for year in (years[0], years[-1]):
        value = year["emissions_t_co2e"] / 1000
        assert display(value, "de", Grade.D, 0 if value >= 99.5 else 1) in texts


async def test_pictures_speak_both_languages(reader: httpx.AsyncClient):
    for url in PICTURES.values():
        german = await reader.get(url)
        english = await reader.get(url, headers={"Accept-Language": "en"})
        assert (german.headers["content-language"], english.headers["content-language"]) == (
            "de",
            "en",
        )
        assert german.text != english.text


async def test_every_municipality_has_its_pictures(reader: httpx.AsyncClient):
    for n in range(4, 57, 4):
        region = f"059740{n:02d}"
        base = f"/v1/scenarios/trend.{region}.2021.v1.e2026-2/chart.svg"
        for url in (
            f"{base}?by=wedges",
            f"{base}?by=targets",
            f"{base}?by=sectors",
            f"/v1/regions/{region}/potentials/chart.svg",
            f"/v1/regions/{region}/balances/2021/flow.svg",
        ):
            ElementTree.fromstring((await reader.get(url)).text)


def test_ticks_are_round_and_cover_the_values():
    assert ticks(0, 2636) == [0, 500, 1000, 1500, 2000, 2500, 3000]
    assert ticks(0, 0.9)[-1] >= 0.9
    assert ticks(0, 0) == [0.0]


def test_labels_keep_their_distance_and_their_order():
    assert spread_apart([10, 12, 50], 10, 0, 100) == [10, 20, 50]
    found = spread_apart([95, 96, 97], 10, 0, 100)
    assert found == [80, 90, 100]


def test_milestones_are_the_ends_and_the_round_years():
    assert milestones(list(range(2021, 2046))) == [2021, 2025, 2030, 2035, 2040, 2045]
    many = milestones(list(range(1990, 2101)))
    assert (many[0], many[-1]) == (1990, 2100)
    assert len(many) <= 6


async def test_the_table_of_the_flow_names_its_carriers_in_full(reader: httpx.AsyncClient):
    texts = [
        t.text
        for t in ElementTree.fromstring((await reader.get(PICTURES["flow"])).text).iter(
            f"{SVG}text"
        )
    ]
    assert "Erdgas als Kraftstoff (CNG)" in texts


async def test_no_name_of_a_path_lies_below_the_axis(reader: httpx.AsyncClient):
    root = ElementTree.fromstring((await reader.get(PICTURES["targets"])).text)
    places = {
        t.text: float(t.attrib["y"]) for t in root.iter(f"{SVG}text") if float(t.attrib["x"]) > 580
    }
    axis = next(float(t.attrib["y"]) for t in root.iter(f"{SVG}text") if t.text == "2025")
    assert places["CO₂-Budget,"] < places["gleichmäßig"] < axis


async def test_the_former_name_of_by_still_works_and_says_so(reader: httpx.AsyncClient) -> None:
    path = f"{CLIMATE}/chart.svg"
    new, old = [await reader.get(f"{path}?{name}=wedges") for name in ("by", "show")]
    assert (new.status_code, old.status_code, old.content) == (200, 200, new.content)
    assert "deprecation" not in new.headers
    assert old.headers["deprecation"].startswith("@")
