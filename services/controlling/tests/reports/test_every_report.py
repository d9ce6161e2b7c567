"""The yearly report in all its forms, for every region and year, whatever its texts are."""

import asyncio
import io
import json
import time
from typing import Any, Final

import psycopg
import pytest
from pypdf import PdfReader

from klima_shared.look.pdf import PAGES
from tests.fixtures.hostile import SCRIPTS, TEXTS, Path, leaves, with_leaves
from tests.fixtures.working import connections_held

FORMS: Final = ("html", "pdf", "csv", "json")
LANGS: Final = ("de", "en")
WITHOUT, WITH = 2017, 2021  # the balances are of 2018 and 2021
WORDS: Final = {
    "title": "Klimabericht",
    "narrative": [{"heading": "Was war", "text": "Einiges."}],
    "decisions": ["Zur Kenntnis"],
}
# What a release of ours wrote and no person: keys, codes, names of columns.
CODES: Final = {"id", "ags", "kind", "name", "unit", "schema", "code"}


async def composed(world: Any, region: str, year: int) -> dict[str, Any]:
    answer = await world.client.post(
        "/v1/reports",
        json={"region": region, "year": year, **WORDS},
        headers=world.as_("editor", region="DG"),
    )
    assert answer.status_code == 201, (region, year, answer.text)
    report: dict[str, Any] = answer.json()
    return report


async def served(world: Any, report: dict[str, Any], form: str, lang: str) -> bytes:
    """A form of the report; asserted to be one that a program for it opens."""
    answer = await world.client.get(
        f"/v1/reports/{report['id']}.{form}?lang={lang}", headers=world.as_("viewer", region="DG")
    )
    assert answer.status_code == 200, (report["region"], report["year"], form, lang, answer.text)
    if form == "pdf":
        assert PdfReader(io.BytesIO(answer.content)).pages
    if form == "json":
        json.loads(answer.content)
    content: bytes = answer.content
    return content


async def regions(world: Any) -> list[str]:
    found = [
        (await world.balance_client.get(f"/v1/regions?{q}")).json()["items"]
        for q in ("kind=country", "kind=state", "kind=county", "parent=05974")
    ]
    return [item["ags"] for items in found for item in items]


@pytest.mark.parametrize("region", ["05974000", "05974040", "05000000", "DG"])
async def test_every_kind_of_region_with_and_without_a_balance(world: Any, region: str) -> None:
    for year in (WITHOUT, WITH):
        report = await composed(world, region, year)
        for form in FORMS:
            await served(world, report, form, "de")


async def test_a_report_without_a_balance_says_so(world: Any) -> None:
    report = await composed(world, "05974040", WITHOUT)
    pdf = PdfReader(io.BytesIO(await served(world, report, "pdf", "de")))
    html = (await served(world, report, "html", "de")).decode()
    for text in ("".join(page.extract_text() for page in pdf.pages), html):
        assert "lag keine Bilanz vor" in text.replace("\n", " ")
        assert "None" not in text


@pytest.mark.fuzz
async def test_every_region_and_year_in_every_form(world: Any) -> None:
    for region in await regions(world):
        for year in (WITHOUT, 2018, 2019, WITH, 2030):
            report = await composed(world, region, year)
            for form in FORMS:
                for lang in LANGS:
                    await served(world, report, form, lang)


def changed(stored: dict[str, Any], new: Any) -> dict[str, Any]:
    """The row with `new(place, leaf)` for each text that a person or another service wrote."""

    def one(path: Path, leaf: Any) -> Any:
        is_figure = isinstance(leaf, str) and leaf.lstrip("-").replace(".", "", 1).isdigit()
        if path[-1] in CODES or not isinstance(leaf, str) or is_figure:
            return leaf
        return new(path, leaf)

    return dict(with_leaves(stored, one))


def store(world: Any, identity: str, row: dict[str, Any]) -> None:
    """As a release without today's rules could have stored it."""
    with psycopg.connect(world.database.owner_url, autocommit=True) as connection:
        connection.execute(
            b"update controlling.report set content = %s, title = %s, reason = %s,"
            b" narrative = %s, decisions = %s where id = %s",
            (
                json.dumps(row["content"]).encode(),
                row["title"].replace("\x00", ""),
                None if row["reason"] is None else row["reason"].replace("\x00", ""),
                json.dumps(row["narrative"]).replace("\\u0000", ""),
                json.dumps(row["decisions"]).replace("\\u0000", ""),
                identity,
            ),
        )


def row_of(report: dict[str, Any]) -> dict[str, Any]:
    row = {name: report[name] for name in ("content", "title", "reason", "narrative", "decisions")}
    return {**row, "reason": "Berichtigt"}


@pytest.mark.parametrize("kind", TEXTS)
async def test_whatever_the_texts_are(world: Any, kind: str) -> None:
    report = await composed(world, "05974040", WITH)
    endless = len(TEXTS[kind]) > 300  # in one cell of each section, and wherever words stand

    def new(path: Path, leaf: str) -> str:
        in_table = "rows" in path and path[4:6] != (0, 0)
        return leaf if endless and (in_table or "columns" in path) else TEXTS[kind]

    store(world, report["id"], changed(row_of(report), new))
    for form in FORMS:
        await served(world, report, form, "en")


async def test_whatever_is_not_known(world: Any) -> None:
    """Every cell and every sentence about the whole may be missing, every list empty; figures may
    all be zero or below it."""
    report = await composed(world, "05974040", WITH)
    for value in (None, "0", "-0.00", "-12345.60", "9" * 300):
        row = row_of(report)
        for section in row["content"]["sections"]:
            for cells in section["rows"]:
                for index, column in enumerate(section["columns"]):
                    if column["unit"] is not None or value is None:
                        cells[index] = value
        if value is None:
            for name in ("licence", "attribution", "factor_set"):
                row["content"][name] = None
        store(world, report["id"], row)
        for form in FORMS:
            await served(world, report, form, "de")
    row = {**row_of(report), "narrative": [], "decisions": [], "reason": None}
    row["content"] |= {"sources": []}
    for section in row["content"]["sections"]:
        section["rows"] = []
    store(world, report["id"], row)
    for form in FORMS:
        await served(world, report, form, "de")


ALL_KINDS: Final = {**TEXTS, **SCRIPTS}


def places(row: dict[str, Any]) -> list[Path]:
    """One text of each place of a report; the cells of a column are one."""
    texts = [path for path, leaf in leaves(row) if isinstance(leaf, str)]
    first: dict[tuple[object, ...], Path] = {}
    for path in texts:
        first.setdefault((*(part for part in path if isinstance(part, str)), path[1:3]), path)
    return list(first.values())


async def printed_with(world: Any, report: dict[str, Any], path: Path, text: str) -> None:
    row = changed(row_of(report), lambda at, leaf: text if at == path else leaf)
    store(world, report["id"], row)
    for form in ("html", "pdf"):
        await served(world, report, form, "de")


async def test_each_place_takes_some_text_and_some_place_takes_each(world: Any) -> None:
    """Every place once, every kind of text at least once."""
    report = await composed(world, "05974040", WITH)
    where, kinds = places(row_of(report)), list(ALL_KINDS.values())
    for number in range(max(len(where), len(kinds))):
        path, text = where[number % len(where)], kinds[number % len(kinds)]
        await printed_with(world, report, path, text)


@pytest.mark.fuzz
@pytest.mark.parametrize("kind", TEXTS)
async def test_each_place_takes_each_text(world: Any, kind: str) -> None:
    report = await composed(world, "05974040", WITH)
    for path in places(row_of(report)):
        await printed_with(world, report, path, TEXTS[kind])


@pytest.mark.fuzz
@pytest.mark.parametrize("script", SCRIPTS)
async def test_all_places_take_every_script(world: Any, script: str) -> None:
    report = await composed(world, "05974040", WITH)
    store(world, report["id"], changed(row_of(report), lambda _path, _leaf: SCRIPTS[script]))
    for form in FORMS:
        await served(world, report, form, "de")


async def test_a_monstrous_report_is_refused_and_others_are_served(world: Any) -> None:
    """Ten thousand characters in every cell took over 20 GB."""
    report = await composed(world, "05974040", WITH)
    ordinary = await composed(world, "05974000", WITH)
    row = row_of(report)
    for section in row["content"]["sections"]:
        if section["id"] == "emissions":
            continue  # its figures become bars
        words = [c["unit"] is None and c["name"] != "unit" for c in section["columns"]]
        section["rows"] = [["Klimaschutz " * 833 if word else None for word in words]] * 100
    store(world, report["id"], row)
    began = time.monotonic()

    async def ask(one: dict[str, Any]) -> Any:
        headers = world.as_("viewer", region="DG")
        return await world.client.get(f"/v1/reports/{one['id']}.pdf", headers=headers)

    refused, *good = await asyncio.gather(ask(report), ask(ordinary), ask(ordinary))
    assert refused.status_code == 422, refused.text
    assert "zu viel Zeit oder Speicher" in refused.json()["detail"]
    assert [answer.status_code for answer in good] == [200, 200]
    assert time.monotonic() - began < PAGES.deadline + 10
    await served(world, ordinary, "pdf", "de")


@pytest.mark.parametrize("field", ["title", "heading", "text", "decision", "reason"])
@pytest.mark.parametrize("text", ["a\x00b", "a\x07b", "a\x9fb", "a\u202eb", "   "])
async def test_control_characters_and_blanks_are_refused_with_their_place(
    world: Any, field: str, text: str
) -> None:
    body: dict[str, Any] = {"region": "05974040", "year": WITH, **WORDS}
    path, place = "/v1/reports", {"heading": "/body/narrative/0/heading"}.get(field)
    if field == "reason":
        path, body = "/v1/reports/00000000-0000-0000-0000-000000000000/corrections", {}
        body["reason"], place = text, "/body/reason"
    elif field == "title":
        body["title"], place = text, "/body/title"
    elif field == "decision":
        body["decisions"], place = ["Gut", text], "/body/decisions/1"
    else:
        body["narrative"] = [{"heading": "Was", "text": "Das", field: text}]
        place = f"/body/narrative/0/{field}"
    answer = await world.client.post(path, json=body, headers=world.as_("editor"))
    assert answer.status_code == 422, answer.text
    assert [error["pointer"] for error in answer.json()["errors"]] == [place]


async def test_no_connection_is_held_while_a_report_is_set(
    world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = await composed(world, "05974040", WITH)
    held = connections_held(monkeypatch, world.app.state.database)
    await served(world, report, "pdf", "de")
    assert held == {"pdf": [0]}
