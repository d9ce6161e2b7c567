"""Boundaries of regions from a GeoJSON file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any, Final

import orjson

from klima_shared.types import canonical_ags
from klima_shared.validation import TextError

KEYS: Final = ("ags", "AGS", "ars", "ARS", "schluessel")


class GeometryError(ValueError):
    """What is wrong with the file, and in which feature."""


@dataclass(frozen=True)
class Boundary:
    region: str
    geometry: dict[str, Any]


def read_boundaries(path: Path) -> list[Boundary]:
    """The features of a FeatureCollection that have a regional key. `GeometryError` for anything that is not right.

    Coordinates must be WGS 84 (RFC 7946); such of UTM, as offices also give them, are refused, not shown in Africa.
    """
    try:
        content = orjson.loads(path.read_bytes())
    except orjson.JSONDecodeError as error:
        raise GeometryError(f"{path.name} is not JSON: {error}") from None
    if not isinstance(content, dict) or content.get("type") != "FeatureCollection":
        raise GeometryError(f"{path.name} is not a FeatureCollection")
    found = [_boundary(number, feature) for number, feature in enumerate(content.get("features") or [], start=1)]
    if len({b.region for b in found}) < len(found):
        raise GeometryError("a region has two features; a MultiPolygon holds its parts")
    return found


def _boundary(number: int, feature: Any) -> Boundary:
    where = f"feature {number}"
    properties = feature.get("properties") or {} if isinstance(feature, dict) else {}
    key = next((properties[name] for name in KEYS if name in properties), None)
    if not isinstance(key, str):
        raise GeometryError(f"{where}: expected a property {' or '.join(KEYS[:2])} with the key as text, found {key!r}")
    try:
        region = canonical_ags(key)
    except TextError as error:
        raise GeometryError(f"{where}: {error.text.en}") from None
    geometry = feature.get("geometry")
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    depth = {"Polygon": 3, "MultiPolygon": 4}.get(str(kind))
    if depth is None:
        raise GeometryError(f"{where} ({region}): expected a Polygon or MultiPolygon")
    points = list(_points(geometry.get("coordinates"), depth - 1, where))
    if not points or not all(-180 <= x <= 180 and -90 <= y <= 90 for x, y in points):
        raise GeometryError(f"{where} ({region}): coordinates are not degrees of WGS 84 (EPSG:4326)")
    return Boundary(region, {"type": geometry["type"], "coordinates": geometry["coordinates"]})


def _points(value: Any, depth: int, where: str) -> Iterator[tuple[float, float]]:
    if not isinstance(value, list):
        raise GeometryError(f"{where}: coordinates are not lists of the depth that the type has")
    if depth > 0:
        for part in value:
            yield from _points(part, depth - 1, where)
        return
    numbers = [n for n in value[:2] if isinstance(n, int | float) and not isinstance(n, bool) and isfinite(n)]
    if len(numbers) != 2:
        raise GeometryError(f"{where}: a point is not two numbers")
    yield numbers[0], numbers[1]
