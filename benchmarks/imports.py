"""A delivery of 20,000 rows, a bomb, and one municipality computed anew: `./klima bench imports`.

A real service process on a real Postgres that writes through to the disk, asked over HTTP. Memory
is the largest that the service ever took.
"""

from __future__ import annotations

import io
import statistics
import time
import zipfile
from pathlib import Path
from typing import Final

import httpx
import xlsxwriter

from benchmarks.figures import Figures
from benchmarks.one_service import running
from klima_balance.figures.rules import Vocabulary
from klima_balance.imports.files.headings import REQUIRED
from klima_balance.imports.rules.forms import form_rows
from klima_balance.method import load_method

ROWS: Final = 20_000
YEAR: Final = 2021
COUNTY: Final = "05974"


def figures() -> Figures:
    """What `./klima bench` shows and judges."""
    commands = (["load-method"], ["compute", "--year", str(YEAR), "--region", COUNTY, "--publish"])
    with running("balance", *commands) as service:
        headers = {"Authorization": f"Bearer {service.issuer.token(['editor'], [COUNTY])}"}
        with httpx.Client(
            base_url=service.address, headers=headers, timeout=60, trust_env=False
        ) as client:
            return _measured(client, service.pid)


def _measured(client: httpx.Client, pid: int) -> Figures:
    csv, book, bomb = _csv(), _workbook(_csv()), _bomb()
    _send(client, b"nothing", dry_run=True)  # the first request pays for what is loaded once
    idle = _peak_mb(pid)
    bombed, refused = _send(client, bomb, dry_run=True)
    after_bomb = _peak_mb(pid)
    checked, seen = _send(client, csv, dry_run=True)
    checked_book, seen_book = _send(client, book, dry_run=True)
    stored, done = _send(client, csv, dry_run=False)
    again, same = _send(client, csv, dry_run=False)
    begin = time.perf_counter()
    undone = client.post(f"/v1/imports/{done.json()['import_id']}/undo")
    undo = time.perf_counter() - begin
    right = (
        refused.status_code,
        seen.status_code,
        seen_book.status_code,
        done.status_code,
        same.status_code,
        undone.status_code,
    )
    if right != (422, 200, 200, 201, 200, 200) or done.json()["accepted"] != ROWS:
        raise RuntimeError(f"unexpected answers: {right}, {done.text[:500]}")
    return {
        "rows": {"value": ROWS, "unit": ""},
        "validate_csv": {"value": checked, "unit": "s", "at_most": 2.0},
        "validate_xlsx": {"value": checked_book, "unit": "s", "at_most": 2.0},
        "store": {"value": stored, "unit": "s", "at_most": 5.0},
        "again_unchanged": {"value": again, "unit": "s"},
        "undo": {"value": undo, "unit": "s"},
        "bomb_refused": {"value": bombed, "unit": "s", "at_most": 1.0},
        "bomb_memory_growth": {"value": after_bomb - idle, "unit": "MB", "at_most": 10.0},
        "memory": {"value": _peak_mb(pid), "unit": "MB", "at_most": 300.0},
        "recompute_municipality": {"value": _recompute(client), "unit": "ms", "at_most": 100.0},
    }


def _recompute(client: httpx.Client) -> float:
    times = []
    for _ in range(25):
        begin = time.perf_counter()
        answer = client.post(f"/v1/regions/{COUNTY}040/balances", json={"year": YEAR})
        times.append((time.perf_counter() - begin) * 1000)
        answer.raise_for_status()
    return statistics.median(times[5:])


def _send(client: httpx.Client, data: bytes, *, dry_run: bool) -> tuple[float, httpx.Response]:
    begin = time.perf_counter()
    answer = client.post(
        "/v1/imports", params={"dry_run": str(dry_run).lower()}, files={"file": ("bench", data)}
    )
    return time.perf_counter() - begin, answer


def _csv() -> bytes:
    """As many different cells as there are rows: municipalities x years x cells of the form."""
    method = load_method()
    table = method.regions
    towns = [str(ags) for ags in table[table["kind"] == "municipality"]["region"]]
    cells = [row for row in form_rows(Vocabulary(method)) if "MWh" in row.units]
    lines = [",".join((*REQUIRED, "category"))]
    for year in range(1990, 2100):
        for ags in towns:
            for i, row in enumerate(cells):
                if len(lines) > ROWS:
                    return "\n".join(lines).encode()
                c = row.cell
                lines.append(
                    f"{ags},{year},{c.sector},{c.carrier},{i * 97 + 0.5},MWh,measured,A,"
                    f"Netzbetreiber (Beispiel),{c.category}"
                )
    raise RuntimeError("not enough cells")


def _workbook(csv: bytes) -> bytes:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for i, line in enumerate(csv.decode().split("\n")):
            for j, text in enumerate(line.split(",")):
                if i and REQUIRED[j : j + 1] in (("year",), ("quantity",)):
                    sheet.write_number(i, j, float(text))
                else:
                    sheet.write_string(i, j, text)
    return target.getvalue()


def _bomb() -> bytes:
    """100 MB of sheet in a hundred kilobytes."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", b" " * (100 << 20))
    return target.getvalue()


def _peak_mb(pid: int) -> float:
    """Largest resident memory of a process; 0 where the system does not tell."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    return next(
        (int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM")),
        0.0,
    )


BENCHES: Final = {"imports": figures}
