"""Data that comes with the service: indicators, targets and delivery intervals, each with its
source."""

from __future__ import annotations

import csv
from importlib.resources import files


def rows(name: str) -> list[dict[str, str]]:
    """The rows of a shipped CSV file, all cells as text."""
    text = (files("klima_controlling.shipped") / name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))
