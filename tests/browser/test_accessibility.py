"""axe finds nothing (WCAG 2.1 A and AA, and best practices) on any page and widget: desktop, phone,
dark."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

pytestmark = pytest.mark.browser
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]
REGION = "05974040"
VIEWS = ("", "?lang=en", "?view=table")
PAGES = [
    *(
        ("controlling", p)
        for p in (
            "/",
            "/?lang=en",
            f"/regionen/{REGION}",
            "/regionen/05974000",
            "/entwickler",
            "/einbetten",
        )
    ),
    *(("balance", f"/embed/{w}/{REGION}{q}") for w in ("balance", "renewables") for q in VIEWS),
    ("balance", "/embed/balance/05974000?lang=en"),
    *(
        ("measures", f"/embed/{w}/{REGION}{q}")
        for w in ("measures", "events", "contact")
        for q in VIEWS
    ),
    ("measures", "/embed/events/05974028"),
    ("measures", "SHEET"),
    *(("controlling", f"/embed/status/{REGION}{q}") for q in VIEWS),
    ("controlling", "REPORT"),
    ("site", "/"),
]


def made(live: Any, what: str) -> str:
    """The path of a measure's sheet, or of a report that was published for this."""
    if what == "SHEET":
        item = httpx.get(f"{live.measures}/v1/measures?limit=1").json()["items"][0]
        return f"/v1/measures/{item['id']}/sheet"
    headers = {"Authorization": f"Bearer {live.token}", "Idempotency-Key": "axe"}
    with httpx.Client(base_url=live.controlling, headers=headers, timeout=60) as client:
        body = {
            "region": "05974",
            "year": 2021,
            "title": "Klimabericht (Beispiel)",
            "decisions": ["Kenntnis (Beispiel)"],
        }
        answer = client.post("/v1/reports", json=body)
        report = f"/v1/reports/{answer.json()['id']}"
        for step in ("approve", "publish"):
            answer = client.post(f"{report}/{step}", headers={"If-Match": answer.headers["etag"]})
            assert answer.status_code == 200, answer.text
    return f"{report}.html"


def faults_of(page: Any, axe: str) -> list[str]:
    """What axe finds, opened folds and shadow roots included."""
    page.evaluate(
        "() => { const open = root => { for (const d of root.querySelectorAll('details')) d.open ="
        " true; for (const e of root.querySelectorAll('*')) if (e.shadowRoot) open(e.shadowRoot) };"
        " open(document) }"
    )
    page.evaluate(axe)  # by the debugger, so that the page's own policy stays as it is
    found = page.evaluate("rules => axe.run(document, {runOnly: rules, iframes: false})", RULES)
    return [
        f"{v['id']} ({v['impact']}): {v['help']}: "
        + "; ".join(f"{n['target']} {n['failureSummary'][:300]}" for n in v["nodes"][:3])
        for v in found["violations"]
    ]


@pytest.mark.parametrize(("service", "path"), PAGES)
def test_axe_finds_nothing(
    chromium: Any, live: Any, municipal_site: str, axe_source: str, service: str, path: str
):
    path = made(live, path) if path.isupper() else path
    address = (municipal_site if service == "site" else getattr(live, service)) + path
    for width, height, scheme in ((1280, 900, "light"), (360, 740, "light"), (360, 740, "dark")):
        context = chromium.new_context(
            viewport={"width": width, "height": height},
            color_scheme=scheme,
            reduced_motion="reduce",
        )
        page = context.new_page()
        page.goto(address)
        if service == "site":
            for y in range(0, page.evaluate("document.documentElement.scrollHeight"), 400):
                page.evaluate(f"window.scrollTo(0, {y})")
                page.wait_for_timeout(50)
            page.wait_for_timeout(800)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, (
            "the page scrolls sideways"
        )
        assert faults_of(page, axe_source) == [], f"{address} at {width} px, {scheme}"
        context.close()


def test_axe_is_awake(chromium: Any, axe_source: str):
    """It does find a fault where there is one."""
    page = chromium.new_page()
    page.set_content(
        "<html lang=de><title>x</title><main><h1>x</h1><img src=x><p"
        " style='color:#aaa'>blass</p></main>"
    )
    found = " ".join(faults_of(page, axe_source))
    assert "image-alt" in found
    assert "color-contrast" in found
    page.close()
