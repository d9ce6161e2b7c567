"""The example site in a real Chromium, from another origin: all widgets, no third host, no shift,
by keyboard, no script."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

pytestmark = pytest.mark.browser
WIDGETS = ["balance", "status", "renewables", "measures", "events", "contact"]
LOADED = (
    "() => [...document.querySelectorAll('main > *')].filter(e =>"
    " e.localName.startsWith('klima-')).every(e => e.loaded)"
)
HEIGHTS = (
    "() => [...document.querySelectorAll('main > *')].filter(e => e.localName.startsWith('klima-'))"
    ".map(e => [e.localName, e.offsetHeight])"
)
SHIFTS = (
    "window.shifts = []; new PerformanceObserver(l => { for (const e of l.getEntries()) if"
    " (!e.hadRecentInput) window.shifts.push([e.value, e.sources.map(s => s.node?.nodeName + '#' +"
    " (s.node?.id || ''))]) }).observe({type: 'layout-shift', buffered: true})"
)


def opened(
    chromium: Any, url: str, *, width: int = 1280, height: int = 900, **options: Any
) -> tuple[Any, list[str], list[str]]:
    """A page, the hosts it asked, and what it complained about."""
    page = chromium.new_context(viewport={"width": width, "height": height}, **options).new_page()
    hosts: list[str] = []
    faults: list[str] = []
    page.on(
        "request",
        lambda r: hosts.append(urlsplit(r.url).netloc) if r.url.startswith("http") else None,
    )
    page.on("console", lambda m: faults.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda e: faults.append(str(e)))
    page.add_init_script(SHIFTS)
    page.goto(url)
    return page, hosts, faults


def until(page: Any, expression: str, seconds: float = 15.0) -> None:
    """Wait for a condition, asked from outside: a strict policy lets nothing be evaluated inside
    the page."""
    end = time.monotonic() + seconds
    while not page.evaluate(expression):
        assert time.monotonic() < end, f"did not happen within {seconds:g} s: {expression}"
        page.wait_for_timeout(50)


def scrolled(page: Any) -> None:
    """To the end, step by step, as a reader does: what loads late has loaded afterwards."""
    height = page.evaluate("document.documentElement.scrollHeight")
    for y in range(0, height, 400):
        page.evaluate(f"window.scrollTo(0, {y})")
        page.wait_for_timeout(60)
    until(page, LOADED)
    page.wait_for_timeout(400)


def shot(page: Any, name: str) -> None:
    folder = os.environ.get("KLIMA_SHOTS")
    if folder:
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (900, "dark"), (320, "light")])
def test_site_shows_all_widgets(
    chromium: Any, live: Any, municipal_site: str, width: int, scheme: str
):
    page, hosts, faults = opened(chromium, municipal_site, width=width, color_scheme=scheme)
    scrolled(page)
    shot(page, f"site-{width}-{scheme}")
    for widget in WIDGETS:
        text = page.evaluate(f"document.querySelector('klima-{widget}').shadowRoot.textContent")
        assert "Soest" in text, widget
        for word in ("Quelle:", "Stand:", "Lizenz:"):
            assert word in text, (widget, word)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    ours = {urlsplit(address).netloc for address in [municipal_site, *live.addresses().values()]}
    assert set(hosts) <= ours, "a request to a third host"
    assert faults == []
    assert page.context.cookies() == []
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0
    page.context.close()


@pytest.mark.parametrize(
    ("width", "column"), [(1280, None), (1280, 900), (1280, 420), (768, None), (320, None)]
)
def test_nothing_moves(chromium: Any, municipal_site: str, width: int, column: int | None):
    """In a column of the page too: the places go by the width of the component, not of the
    window."""
    page, _, _ = opened(chromium, municipal_site, width=width)
    if column:
        page.evaluate(
            "column => { document.querySelector('main').style.maxWidth = column + 'px' }", column
        )
    before = page.evaluate(HEIGHTS)
    scrolled(page)
    assert page.evaluate(HEIGHTS) == before, "every widget fits into its place"
    if column is None:
        shifts = page.evaluate("window.shifts")
        assert sum(value for value, _ in shifts) < 0.005, shifts
    page.context.close()


def test_tables_are_open_on_paper(chromium: Any, live: Any):
    page, _, _ = opened(
        chromium, f"{live.balance}/embed/balance/05974040", width=700, color_scheme="dark"
    )
    seen = "document.querySelector('table').checkVisibility()"
    assert page.evaluate(seen) is False
    page.emulate_media(media="print")
    assert page.evaluate(seen) is True
    assert page.evaluate("document.querySelector('details').getBoundingClientRect().height") > 200
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert (
        page.evaluate("getComputedStyle(document.querySelector('h1')).color") == "rgb(22, 33, 28)"
    )
    page.context.close()


def test_frame_takes_the_height_of_its_page(chromium: Any, municipal_site: str):
    page, _, faults = opened(chromium, municipal_site, width=700)
    page.locator("iframe").scroll_into_view_if_needed()
    frame = page.frame_locator("iframe")
    frame.locator("h1").wait_for()
    page.wait_for_timeout(500)
    inside = frame.locator("html").evaluate("e => Math.ceil(e.getBoundingClientRect().height)")
    assert page.locator("iframe").evaluate("e => e.clientHeight") == inside
    frame.locator("summary").first.click()
    page.wait_for_timeout(400)
    assert page.locator("iframe").evaluate("e => e.clientHeight") > inside, (
        "it grows with what is opened"
    )
    # The same message from anybody else moves nothing.
    before = page.locator("iframe").evaluate("e => e.clientHeight")
    page.evaluate("window.postMessage({klima: 'height', height: 5000}, '*')")
    page.wait_for_timeout(200)
    assert page.locator("iframe").evaluate("e => e.clientHeight") == before
    assert faults == []
    page.context.close()


def test_page_tells_its_height_only_to_who_may_embed(chromium: Any):
    """The page's own script: asked by an origin that isn't in the list, it stays silent."""
    from klima_shared.look.embeds import height_script

    context = chromium.new_context()
    here = "http://frame.example"
    context.route(
        f"{here}/**",
        lambda route: route.fulfill(
            body="<!doctype html><title>x</title>", content_type="text/html"
        ),
    )
    page = context.new_page()
    page.goto(f"{here}/")
    for ancestors, answers in (
        (("https://www.soest.example",), 0),
        (("*",), 1),
        ((here,), 1),
        (("http://*.example",), 1),
        (("https://frame.example",), 0),
        (("'none'",), 0),
    ):
        got = page.evaluate(
            """async script => {
              const frame = document.createElement('iframe'); const heights = [];
              const hear = e => { if (e.data?.klima === 'height') heights.push(e.data.height) };
              addEventListener('message', hear);
              document.body.append(frame);
              const d = frame.contentDocument;
              const s = d.createElement('script'); s.textContent = script; d.body.append(s);
              frame.contentWindow.postMessage({klima: 'height?'}, '*');
              await new Promise(r => setTimeout(r, 300));
              removeEventListener('message', hear); frame.remove();
              return heights.length > 0 ? 1 : 0 }""",
            height_script(ancestors),
        )
        assert got == answers, ancestors
    context.close()


def test_keyboard_reaches_everything(chromium: Any, municipal_site: str):
    page, _, _ = opened(chromium, municipal_site, width=900)
    scrolled(page)
    page.evaluate("window.scrollTo(0, 0)")
    seen: set[str] = set()
    opened_once = False
    for _ in range(140):
        page.keyboard.press("Tab")
        place = page.evaluate(
            "() => { let e = document.activeElement; const host = e.localName; while"
            " (e.shadowRoot?.activeElement) e = e.shadowRoot.activeElement; const s ="
            " getComputedStyle(e); return [host, e.localName, s.outlineStyle !== 'none' &&"
            " parseFloat(s.outlineWidth) >= 2] }"
        )
        seen.add(place[0])
        if place[0].startswith("klima-"):
            assert place[2], f"focus is not visible on {place}"
        if place[:2] == ["klima-balance", "summary"] and not opened_once:
            opened_once = True
            page.keyboard.press("Enter")
            until(
                page,
                "document.querySelector('klima-balance').shadowRoot.querySelector('details').open",
                3,
            )
    assert {f"klima-{w}" for w in WIDGETS} <= seen
    assert "iframe" in seen
    page.context.close()


def test_without_script_links_picture_and_table_remain(chromium: Any, municipal_site: str):
    page, _, _ = opened(chromium, municipal_site, java_script_enabled=False)
    assert page.locator("klima-balance a").is_visible()
    page.locator("figure img").scroll_into_view_if_needed()
    page.wait_for_timeout(500)
    shot(page, "site-noscript")
    page.locator("figcaption a").click()
    assert page.locator("table").first.is_visible()
    assert "Private Haushalte" in page.locator("table").first.inner_text()
    page.context.close()


def test_a_town_sets_colours_language_and_theme(chromium: Any, municipal_site: str):
    page, _, _ = opened(chromium, municipal_site)
    scrolled(page)
    link = "document.querySelector('{}').shadowRoot.querySelector('a')"
    assert (
        page.evaluate(f"getComputedStyle({link.format('klima-renewables')}).color")
        == "rgb(138, 28, 43)"
    )
    assert (
        page.evaluate(f"getComputedStyle({link.format('klima-balance')}).color")
        == "rgb(11, 107, 83)"
    )
    page.evaluate(
        "const e = document.querySelector('klima-events'); e.loaded = false; e.lang = 'en'; e.theme"
        " = 1; e.load()"
    )
    until(
        page, "document.querySelector('klima-events').shadowRoot.textContent.includes('Next dates')"
    )
    page.evaluate("document.querySelector('klima-contact').setAttribute('theme', 'dark')")
    until(
        page,
        "getComputedStyle(document.querySelector('klima-contact')"
        ".shadowRoot.querySelector('section')).backgroundColor"
        " === 'rgb(21, 27, 24)'",
    )
    page.context.close()


def test_a_service_that_is_down_is_said(chromium: Any, live: Any, municipal_site: str):
    page, _, _ = opened(chromium, municipal_site)
    scrolled(page)
    page.evaluate("window.scrollTo(0, 0)")
    page.evaluate(
        "const e = document.createElement('klima-balance'); e.id = 'gone'; e.setAttribute('region',"
        " '99999999'); e.append('Ersatz'); document.querySelector('main').prepend(e)"
    )
    until(page, "document.querySelector('#gone').shadowRoot.querySelector('[role=status]')")
    assert page.locator("#gone [role=status] a").get_attribute("href").startswith(live.balance)
    page.context.close()
