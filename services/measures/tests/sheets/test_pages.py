"""The sheet as HTML and PDF: complete, honest, accessible, short."""

from __future__ import annotations

import io
import re
from html.parser import HTMLParser
from typing import Any

import pytest
from pypdf import PdfReader

from klima_measures.sheets.pages.headings import HEADINGS

from ..conftest import Client

NAMES = [
    "Handlungsfeld",
    "Nummer",
    "Typ",
    "Einführung",
    "Dauer",
    "Titel",
    "Ziel und Strategie",
    "Ausgangslage",
    "Beschreibung",
    "Initiator",
    "Akteure",
    "Zielgruppe",
    "Handlungsschritte und Zeitplan",
    "Erfolgsindikatoren/Meilensteine",
    "Gesamtaufwand/Anschubkosten",
    "Finanzierungsansatz",
    "Energie- und THG-Einsparung",
    "Wertschöpfung",
    "Flankierende Maßnahmen",
    "Hinweise",
]


async def of_number(client: Client, number: str) -> str:
    items = (await client.get("/v1/measures?limit=200")).json()["items"]
    return next(str(m["id"]) for m in items if m["number"] == number)


def words(reader: PdfReader) -> str:
    """Text of a PDF without blanks and hyphens, which depend on where a line ends."""
    return squashed("\n".join(page.extract_text() for page in reader.pages))


def squashed(text: str) -> str:
    return re.sub(r"[-\s\u00ad\u2010\u202f]", "", text)


def test_the_twenty_headings_are_those_of_the_concept_in_their_order() -> None:
    assert [name.de for name, _ in HEADINGS.values()] == NAMES


@pytest.mark.parametrize("form", ["sheet", "sheet.pdf"])
async def test_all_twenty_headings_stand_on_a_full_and_on_an_empty_sheet(
    client: Client, form: str
) -> None:
    empty = await client.published(
        number="LEER-1", milestones=[], goal="", planned_start=None, planned_end=None
    )
    answer = await client.get(f"/v1/measures/{empty['id']}/{form}")
    assert answer.status_code == 200
    text = (
        words(PdfReader(io.BytesIO(answer.content)))
        if form.endswith("pdf")
        else squashed(answer.text)
    )
    for name in NAMES:
        assert squashed(name) in text, name
    assert text.count("keineAngabe") >= 12


async def test_every_example_fits_on_two_pages_and_is_marked(example: Client) -> None:
    for item in (await example.get("/v1/measures?limit=200")).json()["items"]:
        answer = await example.get(f"/v1/measures/{item['id']}/sheet.pdf")
        reader = PdfReader(io.BytesIO(answer.content))
        assert 1 <= len(reader.pages) <= 2, item["number"]
        if len(reader.pages) == 2:  # not for a few lines
            assert len(reader.pages[1].extract_text().splitlines()) > 10, item["number"]
        text = words(reader)
        assert squashed("Beispiel: Dieser Steckbrief dient der Vorführung") in text
        assert squashed(item["number"]) in text
        for name in NAMES:
            assert squashed(name) in text, (item["number"], name)


async def test_the_pdf_is_tagged_and_says_what_it_is(example: Client) -> None:
    identity = await of_number(example, "MOB-01")
    answer = await example.get(f"/v1/measures/{identity}/sheet.pdf")
    reader = PdfReader(io.BytesIO(answer.content))
    catalog: Any = reader.trailer["/Root"]
    assert catalog["/MarkInfo"]["/Marked"]
    assert "/StructTreeRoot" in catalog
    assert catalog["/Lang"] == "de"
    assert b"pdfuaid" in answer.content or "pdfuaid" in str(
        reader.xmp_metadata and reader.xmp_metadata.stream.get_data()
    )
    assert reader.metadata is not None
    assert reader.metadata.title == "MOB-01 Kreisweites Alltagsradnetz mit Lückenschlüssen"
    again = await example.get(f"/v1/measures/{identity}/sheet.pdf")
    assert again.content == answer.content


class Structure(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.levels: list[int] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if re.fullmatch("h[1-6]", tag):
            self.levels.append(int(tag[1]))


async def test_the_page_is_accessible_and_needs_nothing_from_elsewhere(example: Client) -> None:
    answer = await example.get(f"/v1/measures/{await of_number(example, 'MOB-01')}/sheet")
    page = Structure()
    page.feed(answer.text)
    assert page.levels[0] == 1
    assert set(page.levels[1:]) == {2}
    assert ("html", {"lang": "de"}) in page.tags
    names = [tag for tag, _ in page.tags]
    assert not {"script", "link", "img", "iframe"} & set(names)
    assert names.count("table") == names.count("caption")
    assert all(attributes.get("scope") for tag, attributes in page.tags if tag == "th")
    assert "http" not in re.sub(r"<style>.*?</style>", "", answer.text, flags=re.S)
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "style-src 'sha256-" in policy
    assert "verspätet" in answer.text  # a light has a word


async def test_texts_are_escaped(client: Client) -> None:
    made = await client.published(
        title="Länge < 5 & Höhe > 3", goal="Satz mit \"Zitat\" & 'Apostroph'"
    )
    page = (await client.get(f"/v1/measures/{made['id']}/sheet")).text
    assert "Länge &lt; 5 &amp; Höhe &gt; 3" in page
    pdf = await client.get(f"/v1/measures/{made['id']}/sheet.pdf")
    assert squashed("Länge < 5 & Höhe > 3") in words(PdfReader(io.BytesIO(pdf.content)))


@pytest.mark.parametrize(
    "text", ['#import "x"', "*fett* _kursiv_ $x^2$", "\\u{41} #panic()", "= Titel", "@label <label"]
)
async def test_signs_of_the_typesetter_are_ordinary_text(client: Client, text: str) -> None:
    made = await client.published(goal=text, title=text, actors=[{"name": text}])
    pdf = await client.get(f"/v1/measures/{made['id']}/sheet.pdf")
    assert pdf.status_code == 200
    assert squashed(text) in words(PdfReader(io.BytesIO(pdf.content)))


async def test_a_draft_says_so(client: Client) -> None:
    made = await client.made()
    viewer = client.as_("viewer")
    assert (
        "Entwurf, nicht veröffentlicht"
        in (await viewer.get(f"/v1/measures/{made['id']}/sheet")).text
    )
    await client.step(made["id"], "publish")
    assert "Entwurf" not in (await client.get(f"/v1/measures/{made['id']}/sheet")).text


async def test_english_on_request(example: Client) -> None:
    identity = await of_number(example, "MOB-01")
    page = await example.get(f"/v1/measures/{identity}/sheet", headers={"Accept-Language": "en"})
    assert '<html lang="en">' in page.text
    assert "Steps and schedule" in page.text
    assert (
        page.headers["etag"]
        != (await example.get(f"/v1/measures/{identity}/sheet")).headers["etag"]
    )


async def test_the_catalogue_is_made_with_progress(example_to_change: Client) -> None:
    client = example_to_change
    assert (await client.post("/v1/catalogues")).status_code == 401
    nothing = await client.as_("editor").post("/v1/catalogues?concept=1900")
    assert nothing.status_code == 422
    key = {"Idempotency-Key": "k"}
    job = await client.as_("editor").post("/v1/catalogues", headers=key)
    assert (await client.as_("editor").post("/v1/catalogues", headers=key)).json() == job.json()
    assert (job.status_code, job.json()["total"]) == (202, 27)
    state = (await client.get(job.headers["location"])).json()
    assert (state["state"], state["done"], state["total"]) == ("done", 27, 27)
    reader = PdfReader(io.BytesIO((await client.get(state["pdf"])).content))
    text = words(reader)
    assert squashed("27 Maßnahmen in 9 Handlungsfeldern") in text
    fields = [m["label"] for m in (await client.get("/v1/fields-of-action")).json()["items"]]
    places = [text.index(squashed(label)) for label in fields]
    assert places == sorted(places)
    assert len([entry for entry in reader.outline if not isinstance(entry, list)]) == 9
    assert text.count("Beispiel:DieserSteckbrief") >= 27


async def test_the_list_to_embed(example: Client) -> None:
    answer = await example.get("/embed/measures/05974040")
    assert answer.status_code == 200
    assert "frame-ancestors *" in answer.headers["content-security-policy"]
    assert "set-cookie" not in answer.headers
    assert "Klimaschutz-Maßnahmen: Soest" in answer.text
    assert not re.search(r"src=.https?:", answer.text)
    assert "Beispiele: Diese Steckbriefe dienen der Vorführung" in answer.text
    assert (await example.get("/embed/measures/05974999")).status_code == 422
