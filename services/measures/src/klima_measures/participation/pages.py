"""The report of a workshop as tagged PDF (PDF/UA-1)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from importlib.resources import files
from typing import Any

from klima_shared.look.pdf import pdf


def workshop_pdf(results: Mapping[str, Any], moment: datetime) -> bytes:
    """Takes some tenths of a second: run it in a thread. The same results at the same moment give
    the same bytes."""
    return pdf(
        (files("klima_measures.participation") / "templates" / "workshop.typ").read_bytes(),
        results,
        moment,
    )
