"""The report of a workshop as tagged PDF (PDF/UA-1)."""

from __future__ import annotations

from datetime import datetime
from importlib.resources import files

from klima_shared.look.pdf import pdf
from klima_shared.revisions.model import Document


def workshop_pdf(results: Document, moment: datetime) -> bytes:
    """Takes some tenths of a second: run it in a thread. The same results at the same moment give
    the same bytes."""
    return pdf(
        (files("klima_measures.participation") / "templates" / "workshop.typ").read_bytes(),
        results,
        moment,
    )
