"""Reads the CSV tables of the method into `klima_balance.method.model.Method`."""

import csv
import hashlib
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Final

import pandas as pd

from klima_balance.method.model import Edition, Method, NationalTables, table_names

VERSION: Final = "2026.1"

_EDITION: Final = ("national_energy", "carrier_splits", "key_totals")
"""The tables of Germany that are replaced together; those of a former edition lie in
`editions/<id>`."""
_FILES: Final = {"national_energy": "national_final_energy"}
_NUMBERS: Final = {
    "value",
    "share",
    "divisor",
    "minimum",
    "maximum",
    "consumption",
    "kwh_per_unit",
    "kwh_per_km",
    "space_heating_share",
    "municipalities",
    "yoy_minimum",
    "yoy_maximum",
}


def load_method(directory: Path | None = None) -> Method:
    """The method of this package, or of a directory of tables with the same names and columns.

    Reading is done once per directory. Raises `MethodTableError` with file, line and column.
    """
    return _load(directory or Path(str(files("klima_balance.method"))))


class MethodTableError(ValueError):
    """A table of the method that cannot be read: names file, line and column."""


@lru_cache(maxsize=4)
def _load(directory: Path) -> Method:
    digest = hashlib.sha256(VERSION.encode())
    frames = _frames(directory, table_names(), digest)
    editions = _editions(directory / "editions.csv")
    method = Method(
        version=VERSION,
        digest="sha256:" + digest.hexdigest(),
        edition=_national(directory, editions).edition,
        former={
            folder.name: _national(folder, editions)
            for folder in sorted((directory / "editions").glob("*/"))
        },
        **frames,
    )
    _check_released(directory / "released_factor_sets.csv", method)
    return method


def _frames(
    directory: Path, names: Sequence[str], digest: "hashlib._Hash"
) -> dict[str, pd.DataFrame]:
    """The tables of a directory; `digest` takes in their bytes."""
    frames = {}
    for name in names:
        path = directory / f"{_FILES.get(name, name)}.csv"
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            raise MethodTableError(f"{path.name}: the table is missing in {directory}") from None
        digest.update(path.name.encode() + b"\0" + content + b"\0")
        frames[name] = _frame(path.name, content.decode("utf-8"))
    return frames


def _editions(path: Path) -> dict[str, str]:
    """Digest -> id of the released editions. The file stands apart from the tables of the method,
    like that of the released factor sets."""
    rows = csv.DictReader(path.read_text("utf-8").splitlines()) if path.exists() else ()
    return {row["digest"]: row["id"] for row in rows}


def _national(directory: Path, editions: Mapping[str, str]) -> NationalTables:
    """The national tables of a directory with their edition, known by the digest of their bytes;
    one that nobody named is `unreleased`. `MethodTableError` when a former edition was changed."""
    hashed = hashlib.sha256()
    frames = _frames(directory, _EDITION, hashed)
    digest = "sha256:" + hashed.hexdigest()
    edition = Edition(editions.get(digest, "unreleased"), digest)
    if directory.parent.name == "editions" and edition.id != directory.name:
        raise MethodTableError(
            f"editions/{directory.name}: the tables differ from those of that edition in"
            f" editions.csv, their digest is {digest}"
        )
    return NationalTables(edition, **frames)


def _check_released(path: Path, method: Method) -> None:
    """A released factor set never changes: its rows have the digest they were released with.

    The file stands apart from the tables of the method: it says nothing that a balance depends on.
    """
    pinned = {
        row["factor_set"]: row["digest"]
        for row in csv.DictReader(path.read_text("utf-8").splitlines())
    }
    for header in method.factor_sets.to_dict("records"):
        identity = str(header["id"])
        if header["state"] != "released":
            continue
        if pinned.get(identity) != method.factor_set(identity)["digest"]:
            raise MethodTableError(
                f"factors.csv: rows of the released set {identity} differ from {path.name};"
                " a new value is a new set with an id of its own"
            )


def _frame(name: str, text: str) -> pd.DataFrame:
    header, *rows = csv.reader(text.splitlines())
    for line, row in enumerate(rows, start=2):
        if len(row) != len(header):
            raise MethodTableError(
                f"{name} line {line}: {len(row)} columns, expected {len(header)}"
            )
    frame = pd.DataFrame(rows, columns=header, dtype=object)
    for column in header:
        if column in _NUMBERS or column == "year":
            frame[column] = _numbers(name, column, [row[header.index(column)] for row in rows])
    return frame


def _numbers(name: str, column: str, texts: list[str]) -> "pd.Series[float]":
    values = []
    for line, text in enumerate(texts, start=2):
        try:
            values.append(float(text) if text else float("nan"))
        except ValueError:
            raise MethodTableError(
                f"{name} line {line}, column {column}: {text!r} is no number"
            ) from None
    return pd.Series(values, dtype="float64")
