"""Boundaries from a GeoJSON file: what is taken, what is refused as a whole, and what the export
makes of it."""

import json
from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import pytest

from klima_balance.app import create_app
from klima_balance.regions.actions import geometry
from klima_balance.regions.files.geometry import GeometryError, read_boundaries
from klima_balance.settings import Settings

SOURCE = "© Vermessungsamt (Beispiel)"
# Clockwise with a clockwise hole, and heights: as programs write it, not as RFC 7946 wants it.
OUTER = [
    [8.0, 51.5, 80.0],
    [8.0, 51.6, 80.0],
    [8.2, 51.6, 81.0],
    [8.2, 51.5, 80.0],
    [8.0, 51.5, 80.0],
]
HOLE = [[8.05, 51.52], [8.05, 51.54], [8.08, 51.54], [8.05, 51.52]]
ISLAND = [[[8.3, 51.5], [8.31, 51.5], [8.31, 51.51], [8.3, 51.5]]]


def feature(key: Any, shape: Any = None, **properties: Any) -> dict[str, Any]:
    shape = shape or {"type": "Polygon", "coordinates": [OUTER, HOLE]}
    return {"type": "Feature", "properties": {"AGS": key, **properties}, "geometry": shape}


def collection(*features: Any, **more: Any) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": list(features), **more}


def rings(shape: dict[str, Any]) -> Iterator[tuple[bool, list[list[float]]]]:
    """(whether it is a hole, its points) of a Polygon or MultiPolygon."""
    parts = shape["coordinates"] if shape["type"] == "MultiPolygon" else [shape["coordinates"]]
    for part in parts:
        for index, ring in enumerate(part):
            yield index > 0, ring


def check_rfc7946(content: Any) -> None:
    """Sections 3.1.1, 3.1.6, 3.2, 3.3 and 4: what every reader of GeoJSON may rely on."""
    assert content["type"] == "FeatureCollection"
    assert "crs" not in content
    for one in content["features"]:
        assert one["type"] == "Feature"
        assert isinstance(one["properties"], dict)
        assert isinstance(one["id"], str)
        assert one["geometry"]["type"] in ("Polygon", "MultiPolygon")
        for hole, ring in rings(one["geometry"]):
            assert len(ring) >= 4
            assert ring[0] == ring[-1]
            assert all(
                len(point) == 2 and all(isinstance(n, float) for n in point) for point in ring
            )
            area = sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(ring))
            assert (area < 0) == hole, "outer rings go counterclockwise, holes clockwise"


async def test_imported_boundaries_come_out_as_valid_geojson(
    fresh_database: Any, tmp_path: Path
) -> None:
    database = fresh_database("balance", ["load-method"])
    settings = Settings(environment="test", database_url=database.url)
    file = tmp_path / "gemeinden.geojson"
    two = {"type": "MultiPolygon", "coordinates": [[OUTER], ISLAND]}
    file.write_text(
        json.dumps(collection(feature("05974040"), feature("059740052052", two, fremd="<script>")))
    )
    assert await geometry.import_file(settings, file, SOURCE, "dl-de/by-2-0", date(2024, 1, 1)) == 2
    app = create_app(settings)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://balance") as client,
    ):
        answer = await client.get("/v1/exports/regions.geojson")
        assert answer.headers["content-type"] == "application/geo+json"
        content = answer.json()
        check_rfc7946(content)
        assert [f["id"] for f in content["features"]] == ["05974040", "05974052"]
        soest = content["features"][0]
        assert soest["properties"] == {
            "ags": "05974040",
            "name": "Soest",
            "kind": "municipality",
            "as_of": "2024-01-01",
        }
        assert len(content["missing"]) == 12, "the others are named, not invented"
        assert "12" in content["note"]
        assert content["attribution"] == f"{SOURCE} (dl-de/by-2-0)"
        # A second import replaces; one that is refused leaves everything as it was.
        file.write_text(
            json.dumps(collection(feature("05974040", {"type": "Polygon", "coordinates": ISLAND})))
        )
        await geometry.import_file(settings, file, "Andere Quelle", "CC BY 4.0", None)
        file.write_text(json.dumps(collection(feature("05974052"), feature("99999999"))))
        with pytest.raises(GeometryError, match="99999999"):
            await geometry.import_file(settings, file, SOURCE, "dl-de/by-2-0", None)
        after = (await client.get("/v1/exports/regions.geojson")).json()
        check_rfc7946(after)
        assert after["features"][0]["geometry"]["coordinates"] == ISLAND
        assert after["features"][1] == content["features"][1]
        assert after["attribution"] == f"Andere Quelle (CC BY 4.0); {SOURCE} (dl-de/by-2-0)"


def square(x: Any, y: Any) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": [[[x, y], [x, y], [x, y], [x, y]]]}


def utm(name: str) -> dict[str, Any]:
    return {"type": "name", "properties": {"name": name}}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b'{"type": "FeatureCollection", "features": [NaN]}', "not JSON"),
        ({"type": "Feature"}, "not a FeatureCollection"),
        (collection(), "no features"),
        ({"type": "FeatureCollection", "features": {"0": 1}}, "no features"),
        (collection(None), "feature 1"),
        (collection({"properties": ["05974040"]}), "feature 1"),
        (collection(feature(5974040)), "as text"),
        (collection(feature("05974o40")), "feature 1"),
        (collection(feature("05974040"), feature("059740040040")), "two features"),
        (collection(feature("05974040"), crs=utm("urn:ogc:def:crs:EPSG::25832")), "25832"),
        (collection(feature("05974040"), crs="EPSG:4326"), "EPSG:4326"),
        (collection(feature("05974040", square(437000, 5713000))), "longitude and latitude"),
        (collection(feature("05974040", square(51.5, 8.1))), "longitude and latitude"),
        (collection(feature("05974040", square("8.1", 51.5))), "two numbers"),
        (collection(feature("05974040", square(True, 51.5))), "two numbers"),
        (
            collection(feature("05974040", {"type": "Point", "coordinates": [8.1, 51.5]})),
            "expected a Polygon",
        ),
        (collection(feature("05974040", {"type": "Polygon", "coordinates": OUTER})), "depth"),
        (collection(feature("05974040", {"type": "Polygon", "coordinates": []})), "depth"),
        (
            collection(feature("05974040", {"type": "Polygon", "coordinates": [OUTER[:4]]})),
            "ends where it begins",
        ),
        (
            collection(feature("05974040", {"type": "Polygon", "coordinates": [OUTER[:1] * 3]})),
            "at least four",
        ),
        (
            collection({"type": "Feature", "properties": {"ags": "05974040"}, "geometry": None}),
            "expected a Polygon",
        ),
    ],
)
def test_a_file_that_is_not_right_is_refused(content: Any, said: str, tmp_path: Path) -> None:
    file = tmp_path / "x.geojson"
    file.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    with pytest.raises(GeometryError, match=said):
        read_boundaries(file)


def test_degrees_of_wgs84_may_be_named(tmp_path: Path) -> None:
    file = tmp_path / "x.geojson"
    file.write_text(
        json.dumps(collection(feature("05974"), crs=utm("urn:ogc:def:crs:OGC:1.3:CRS84")))
    )
    assert [b.region for b in read_boundaries(file)] == ["05974000"]
    with pytest.raises(GeometryError, match="cannot be read"):
        read_boundaries(tmp_path / "missing.geojson")
