"""Public pages: what must be on them, in both languages, without script, and what must never be."""

import re
from html.parser import HTMLParser
from typing import Any

import pytest


class Outline(HTMLParser):
    """Headings, identifiers, images without a name, tables without heads."""

    def __init__(self) -> None:
        super().__init__()
        self.headings: list[int] = []
        self.ids: list[str] = []
        self.tags: list[str] = []
        self.unnamed = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.tags.append(tag)
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if identity := found.get("id"):
            self.ids.append(identity)
        named = found.get("aria-hidden") == "true" or found.get("aria-labelledby")
        if tag == "svg" and not named:
            self.unnamed += 1


@pytest.mark.parametrize("path", ["/", "/regionen/05974040", "/regionen/05974028"])
@pytest.mark.parametrize("lang", ["de", "en"])
async def test_pages_are_well_made(world: Any, path: str, lang: str) -> None:
    answer = await world.client.get(f"{path}?lang={lang}")
    assert answer.status_code == 200
    assert f'<html lang="{lang}">' in answer.text
    page = Outline()
    page.feed(answer.text)
    assert page.headings[0] == 1
    assert all(b <= a + 1 for a, b in zip(page.headings, page.headings[1:], strict=False))
    assert len(page.ids) == len(set(page.ids))
    assert page.unnamed == 0
    assert "script" not in page.tags
    assert "set-cookie" not in answer.headers
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert not re.search(r'(src|href)="https?://(?!measures|balance|www\.govdata\.de)', answer.text)
    assert "None" not in answer.text


async def test_the_county_page_shows_what_it_must(world: Any) -> None:
    text = (await world.client.get("/?lang=de")).text
    for words in (
        "Private Haushalte",
        "Kreis Soest klimaneutral 2045",
        "Konzern Kreis Soest klimaneutral 2030",
        "verspätet",
        "Erneuerbarer Strom vor Ort",
        "Wickede (Ruhr)",
        "eigenes Ziel",
        "Beispieldaten",
        "Quellen",
        "Ansprechstelle",
        "Beschluss nicht hinterlegt",
        "dl-de/by-2-0",
    ):
        assert words in text, words


async def test_a_target_without_a_decision_says_so_where_it_stands(world: Any) -> None:
    """Not only behind something to open; where there is a decision nothing of the kind is said."""
    for path, badge in (
        ("/?lang=de", '<span class="badge">Beschluss nicht hinterlegt</span>'),
        ("/embed/status/05974?lang=de", "Beschluss nicht hinterlegt ·"),
    ):
        text = (await world.client.get(path)).text
        territory, organisation = re.findall(
            r'<div class="row">(?:(?!<div class="row">).)*?klimaneutral.*?</li>', text, re.DOTALL
        )[:2]
        assert badge in territory
        assert badge not in organisation


async def test_every_light_has_a_shape_and_a_word(world: Any) -> None:
    answer = await world.client.get("/?lang=de")
    assert answer.status_code == 200, answer.text
    text = answer.text
    lights = re.findall(r'<span class="light">(.*?)</span>', text, re.DOTALL)
    assert len(lights) > 40
    for light in lights:
        assert "<svg" in light
        assert re.sub(r"<svg.*?</svg>", "", light, flags=re.DOTALL).strip()


async def test_figures_of_the_page_are_those_of_the_balance(world: Any) -> None:
    text = (await world.client.get("/regionen/05974040?lang=de")).text
    assert ">7,6 <small>t CO₂e</small>" in text
    light = (await world.client.get("/v1/regions/05974040/status")).json()["lights"][0]
    shown = light["display"]
    assert f">{shown['gap']} <small>{shown['unit']}</small>" in text
    # Two digits of the figure are true, and the gap ends where they end: at tens of kt.
    assert re.fullmatch(r"\+[1-9]0|unter 5", shown["gap"])
    assert "deutlich über dem Pfad" in text
    assert '<th scope="row">Kommunale Einrichtungen</th><td colspan="2">keine Angabe</td>' in text
    assert "verlangte Angaben fehlen" in text
    pictures = re.findall(r'<svg[^>]*aria-labelledby="p[wn]-t.*?</svg>', text, re.DOTALL)
    assert len(pictures) == 2
    names = r"<text [^>]*>(Bilanz 2021: 360 kt|Ziel 2030|Kreisziel 2045|Trend|Klimaschutz)</text>"
    wide, narrow = (len(re.findall(names, picture)) for picture in pictures)
    assert (wide, narrow) == (5, 3), "each line has its name beside it; a phone has room for three"


async def test_internal_things_of_measures_are_not_on_any_page(world: Any) -> None:
    for path in ("/", "/regionen/05974040", "/v1/budget", "/v1/reconciliation/05974"):
        assert "internal_notes" not in (await world.client.get(path)).text


async def test_unknown_region_is_a_problem(world: Any) -> None:
    assert (await world.client.get("/regionen/05974999")).status_code == 404


@pytest.mark.browser
async def test_no_page_scrolls_sideways_on_a_phone(world: Any, tmp_path: Any) -> None:
    """320 px wide, in a real browser, from a file of the served page (it needs nothing else)."""
    from playwright.async_api import async_playwright

    async with async_playwright() as play:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        browser = await play.chromium.launch(executable_path="/usr/bin/chromium", args=arguments)
        for number, path in enumerate(("/", "/regionen/05974040")):
            answer = await world.client.get(f"{path}?lang=de")
            assert answer.status_code == 200, answer.text
            file = tmp_path / f"{number}.html"
            file.write_text(answer.text)
            page = await browser.new_page(viewport={"width": 320, "height": 900})
            await page.goto(file.as_uri())
            assert await page.evaluate("document.documentElement.scrollWidth") == 320
            await page.evaluate(
                "document.querySelectorAll('details').forEach(one => { one.open = true })"
            )
            assert await page.evaluate("document.documentElement.scrollWidth") == 320, (
                "with everything opened"
            )
        await browser.close()
