"""A real Chromium, axe, and the example site on an origin of its own. What is missing is said in
the skip."""

from __future__ import annotations

import http.server
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
CHROMIUM = Path(os.environ.get("KLIMA_CHROMIUM", "/usr/bin/chromium"))
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
AXE_PLACES = [os.environ.get("KLIMA_AXE", ""), "/tmp/klima-axe/node_modules/axe-core/axe.min.js"]


@pytest.fixture(scope="session")
def axe_source() -> str:
    """axe-core as .ci/run installs it: `npm install --prefix /tmp/klima-axe axe-core`, or the file
    KLIMA_AXE names."""
    for place in AXE_PLACES:
        if place and Path(place).is_file():
            return Path(place).read_text(encoding="utf-8")
    pytest.skip(
        "axe-core is missing: npm install --prefix /tmp/klima-axe axe-core, or"
        " KLIMA_AXE=.../axe.min.js"
    )


@pytest.fixture(
    scope="module"
)  # not longer: its event loop counts as running, and asynchronous tests need their own
def chromium() -> Iterator[Any]:
    if not CHROMIUM.exists():
        pytest.skip(
            f"no Chromium at {CHROMIUM}: apt-get install chromium, or KLIMA_CHROMIUM names one"
        )
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(CHROMIUM), headless=True, args=ARGUMENTS
        )
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def municipal_site(live: Any) -> Iterator[str]:
    """The example site with this run's addresses filled in, served by another origin (another
    port)."""
    folder = ROOT / "examples" / "municipal-site"

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            name = self.path.split("?")[0].lstrip("/") or "index.html"
            if name not in {"index.html", "site.css"}:
                self.send_error(404)
                return
            text = (folder / name).read_text(encoding="utf-8")
            for service, address in live.addresses().items():
                text = text.replace("{{" + service + "}}", address)
            body = text.encode()
            self.send_response(200)
            self.send_header(
                "Content-Type", "text/css" if name.endswith("css") else "text/html; charset=utf-8"
            )
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()
