"""Boundaries of regions from a GeoJSON file."""

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import orjson

from klima_shared.codes.regions import canonical_ags
from klima_shared.language.errors import InputError
from klima_shared.wire.json import JsonObject

KEYS: Final = ("ags", "AGS", "ars", "ARS", "schluessel")
# Around Germany, whose regions the registry has. Metres of UTM and swapped axes lie outside of it.
WEST, SOUTH, EAST, NORTH = 5.0, 47.0, 16.0, 56.0
_DEGREES: Final = ("CRS84", "EPSG::4326", "EPSG:4326")
_MOST_BYTES: Final = 500_000_000

Ring = list[list[float]]


class GeometryError(ValueError):
    """What is wrong with the file, and in which feature."""


@dataclass(frozen=True)
class Boundary:
    """`geometry`: Polygon or MultiPolygon after RFC 7946; two coordinates a point, outer rings
    counterclockwise."""

    region: str
    geometry: JsonObject


def read_boundaries(path: Path) -> list[Boundary]:
    """The features of a FeatureCollection, each with a regional key. `GeometryError` for anything
    that is not right.

    Coordinates must be WGS 84 (RFC 7946); such of UTM, as offices also give them, are refused, not
    shown in Africa.
    """
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise GeometryError(f"{path.name} is larger than {_MOST_BYTES // 1_000_000} MB")
        content = orjson.loads(path.read_bytes())
    except OSError as error:
        raise GeometryError(f"{path.name} cannot be read: {error.strerror}") from None
    except orjson.JSONDecodeError as error:
        raise GeometryError(f"{path.name} is not JSON: {error}") from None
    if not isinstance(content, dict) or content.get("type") != "FeatureCollection":
        raise GeometryError(f"{path.name} is not a FeatureCollection")
    _check_system(content.get("crs"))
    features = content.get("features")
    if not isinstance(features, list) or not features:
        raise GeometryError(f"{path.name} has no features")
    found = [_boundary(number, feature) for number, feature in enumerate(features, start=1)]
    if len({b.region for b in found}) < len(found):
        raise GeometryError("a region has two features; a MultiPolygon holds its parts")
    return found


def _check_system(crs: Any) -> None:
    """Files of before RFC 7946 may name their coordinate system; only degrees of WGS 84 are
    taken."""
    if crs is None:
        return
    properties = crs.get("properties") if isinstance(crs, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    if not isinstance(name, str) or not name.endswith(_DEGREES):
        raise GeometryError(
            f"coordinate system {str(name or crs)[:80]}: expected WGS 84 in degrees (EPSG:4326)"
        )


def _boundary(number: int, feature: Any) -> Boundary:
    where = f"feature {number}"
    properties = feature.get("properties") if isinstance(feature, dict) else None
    properties = properties if isinstance(properties, dict) else {}
    key = next((properties[name] for name in KEYS if name in properties), None)
    if not isinstance(key, str):
        raise GeometryError(
            f"{where}: expected a property {' or '.join(KEYS[:2])} with the key as text, "
            f"found {str(key)[:40]}"
        )
    try:
        region = canonical_ags(key)
    except InputError as error:
        raise GeometryError(f"{where}: {error.text.en}") from None
    geometry = feature.get("geometry")
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    where = f"{where} ({region})"
    if kind == "Polygon":
        return Boundary(
            region, {"type": kind, "coordinates": _polygon(geometry.get("coordinates"), where)}
        )
    if kind == "MultiPolygon":
        parts = _list(geometry.get("coordinates"), where)
        return Boundary(
            region, {"type": kind, "coordinates": [_polygon(part, where) for part in parts]}
        )
    raise GeometryError(f"{where}: expected a Polygon or MultiPolygon")


def _list(value: Any, where: str) -> list[Any]:
    if not isinstance(value, list) or not value:
        raise GeometryError(f"{where}: coordinates are not lists of the depth that the type has")
    return value


def _polygon(value: Any, where: str) -> list[Ring]:
    return [_ring(ring, where, hole=index > 0) for index, ring in enumerate(_list(value, where))]


def _ring(value: Any, where: str, *, hole: bool) -> Ring:
    points = [_point(point, where) for point in _list(value, where)]
    if len(points) < 4 or points[0] != points[-1]:
        raise GeometryError(f"{where}: a ring has at least four points and ends where it begins")
    twice = sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(points))
    return points if (twice > 0) != hole else points[::-1]


def _point(value: Any, where: str) -> list[float]:
    """Longitude and latitude; a height is left out."""
    numbers = [
        n for n in _list(value, where)[:2] if isinstance(n, int | float) and not isinstance(n, bool)
    ]
    if len(numbers) != 2:
        raise GeometryError(f"{where}: a point is not two numbers")
    x, y = numbers
    if not (WEST <= x <= EAST and SOUTH <= y <= NORTH):
        raise GeometryError(
            f"{where}: {x:g}, {y:g} is not longitude and latitude of a place in Germany "
            "(WGS 84, EPSG:4326)"
        )
    return [float(x), float(y)]
