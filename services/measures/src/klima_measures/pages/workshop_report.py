"""The report of a workshop as tagged PDF (PDF/UA-1), set with typst. Nothing is fetched, no font of the machine is used."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from importlib.resources import as_file, files
from typing import Any

import orjson
import typst


def workshop_pdf(results: Mapping[str, Any], moment: datetime) -> bytes:
    """Takes some tenths of a second: run it in a thread. The same results at the same moment give the same bytes."""
    with as_file(files("klima_measures.pages") / "templates") as folder:
        compiler = typst.Compiler(
            input=str(folder / "workshop.typ"),
            root=str(folder),
            font_paths=[],
            ignore_system_fonts=True,
            sys_inputs={"data": orjson.dumps(results, default=str).decode()},
        )
        made = compiler.compile(format="pdf", pdf_standards=["ua-1"], timestamp=int(moment.timestamp()))
    assert isinstance(made, bytes)  # noqa: S101
    return made
