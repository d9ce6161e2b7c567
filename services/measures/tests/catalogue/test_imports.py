"""Bringing catalogues in: the example, one's own files, and the round trip through Excel."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from typing import Any, get_args

import httpx
import openpyxl
import pytest

from klima_measures.catalogue.actions.files import load, shipped_file
from klima_measures.catalogue.files import rows as catalogue_rows
from klima_measures.sheets.model.sheet import Sheet

from ..conftest import LIPPSTADT, SOEST, Client, sheet

EXAMPLE = shipped_file("measures")


async def sent(
    client: Client, name: str, data: bytes, query: str = "dry_run=true", role: str = "manager"
) -> httpx.Response:
    return await client.as_(role).post(
        f"/v1/measures/imports?{query}", files={"file": (name, data)}
    )


async def test_the_27_sheets_are_published_filterable_and_marked(example: Client) -> None:
    found = (await example.get("/v1/measures?limit=200")).json()
    assert found["total"] == 27
    assert all(m["example"] for m in found["items"])
    fields = (await example.get("/v1/fields-of-action")).json()["items"]
    assert [f["measures"] for f in fields] == [3, 4, 3, 3, 3, 3, 3, 3, 2]
    shown = {m["number"]: m for m in found["items"]}
    assert shown["BLP-02"]["intermunicipal"] is True
    assert shown["ENW-02"]["intermunicipal"] is True  # two municipalities, whatever the file says
    assert shown["KNK-01"]["intermunicipal"] is False
    assert shown["KNK-04"]["cost_eur"] == "900000.00"  # spending below zero is no cost
    mob = (await example.get(f"/v1/measures/{shown['MOB-02']['id']}")).json()
    assert mob["not_quantifiable"]["reason"].startswith("nicht als dauerhafte")
    assert [r["number"] for r in mob["related"]] == ["MOB-01", "MOB-01"]
    knk = (await example.get(f"/v1/measures/{shown['KNK-03']['id']}")).json()
    assert [m["title"] for m in knk["milestones"]] == ["1 MWp installiert", "2,5 MWp installiert"]
    assert knk["savings"][0]["affects_bisko"] is False


async def test_importing_again_changes_nothing(example_to_change: Client) -> None:
    client = example_to_change
    before = client.rows("select id, revision from measures.measure order by id")
    answer = await sent(client, "katalog.yaml", EXAMPLE, "dry_run=false&publish=true")
    assert answer.status_code == 201, answer.text
    assert (answer.json()["unchanged"], answer.json()["changed"], answer.json()["created"]) == (
        27,
        0,
        0,
    )
    assert client.rows("select id, revision from measures.measure order by id") == before


async def test_a_changed_entry_changes_its_measure_only(example_to_change: Client) -> None:
    client = example_to_change
    data = EXAMPLE.replace(b"Kurze Autofahrten zwischen", b"Lange Autofahrten zwischen")
    preview = (await sent(client, "katalog.yaml", data)).json()
    assert (preview["changed"], preview["unchanged"]) == (1, 26)
    changed = next(m for m in preview["measures"] if m["state"] == "changed")
    assert [d["pointer"] for d in changed["differences"]] == ["/goal"]
    assert client.rows("select 1 from measures.measure where revision > 2") == []
    assert (await sent(client, "katalog.yaml", data, "dry_run=false")).status_code == 201
    # Imported, not published: the public still reads the old text.
    public = (await client.get(f"/v1/measures/{changed['id']}")).json()
    assert public["goal"].startswith("Kurze")


async def test_excel_round_trip(example_to_change: Client) -> None:
    client = example_to_change
    exported = await client.as_("editor").get("/v1/measures?format=xlsx")
    assert (await sent(client, "x.xlsx", exported.content)).json()["unchanged"] == 27
    book = openpyxl.load_workbook(io.BytesIO(exported.content))
    page: Any = book.worksheets[0]
    columns = {cell.value: cell.column for cell in page[1]}
    row = next(
        r for r in range(2, page.max_row + 1) if page.cell(r, columns["Nummer"]).value == "MOB-02"
    )
    page.cell(row, columns["Titel"]).value = "Neuer Titel"
    page.cell(row, columns["Zielgruppe"]).value = "Schulen; Vereine"
    page.cell(row, columns["Beginn (Plan)"]).value = "2027-02-01"
    page.cell(row, columns["Ausgangslage"]).value = None
    file = io.BytesIO()
    book.save(file)
    preview = await sent(client, "x.xlsx", file.getvalue())
    assert preview.status_code == 200, preview.text
    assert (preview.json()["changed"], preview.json()["unchanged"], preview.json()["errors"]) == (
        1,
        26,
        [],
    )
    changed = next(m for m in preview.json()["measures"] if m["state"] == "changed")
    differences = {d["pointer"]: (d["before"], d["after"]) for d in changed["differences"]}
    assert differences["/title"] == (
        "Gemeinsames Stadtradeln mit Auswertung der Kilometer",
        "Neuer Titel",
    )
    assert differences["/planned_start"] == (None, "2027-02-01")
    assert differences["/initial_situation"][1] == ""
    assert set(differences) == {"/title", "/planned_start", "/initial_situation", "/target_groups"}
    # The preview stored nothing; the import does exactly what it said; steps and costs are
    # untouched.
    path = f"/v1/measures/{changed['id']}"
    before = (await client.as_("viewer").get(path)).json()
    assert before["title"].startswith("Gemeinsames")
    done = await sent(client, "x.xlsx", file.getvalue(), "dry_run=false", role="editor")
    assert done.status_code == 201, done.text
    after = (await client.as_("viewer").get(path)).json()
    assert after["title"] == "Neuer Titel"
    assert after["target_groups"] == ["Schulen", "Vereine"]
    for name in ("steps", "costs", "milestones", "indicators", "savings", "links"):
        assert after[name] == before[name], name
    # The same file once more was made from an older revision: it would undo what came later.
    again = await sent(client, "x.xlsx", file.getvalue(), "dry_run=false")
    assert again.status_code == 422
    assert "Inzwischen geändert" in again.text


def changed_workbook(data: bytes, change: Callable[[dict[str, Any]], None]) -> bytes:
    """The workbook after somebody worked on its sheets, by their names."""
    book = openpyxl.load_workbook(io.BytesIO(data))
    change({page.title: page for page in book.worksheets})
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def test_the_sheets_of_the_workbook_hold_all_that_their_rows_hold() -> None:
    for part in catalogue_rows.PARTS:
        row = get_args(Sheet.model_fields[part.field].annotation)[0]
        fields = [name for name in row.model_fields if name != "person"]  # people are in no table
        assert [column.name for column in part.columns] == fields, part.field


PERSON = {"name": "Erika Muster", "email": "erika@example.org", "phone": "02921 1"}
CONTACT = {
    "function": "Klimaschutz",
    "department": None,
    "phone": "02921 2",
    "email": None,
    "public": False,
}
SCORES = [
    {"criterion": "saving", "points": 2, "reason": "wenig"},
    {"criterion": "visibility", "points": 5, "reason": "viel"},
]


async def linked(client: Client) -> dict[str, Any]:
    """A published measure with contact, scores, and links to a draft and to a measure of another
    concept."""
    draft = await client.made(number="D-1")
    other = await client.made(number="MOB-01", concept="2012")
    links = [
        {"kind": "depends_on", "measure": draft["id"]},
        {"kind": "accompanies", "measure": other["id"]},
    ]
    return await client.published(
        contact=CONTACT | {"person": PERSON},
        scores=SCORES,
        links=links,
        internal_notes="intern",
        regions=[LIPPSTADT],
    )


async def test_scores_links_and_contact_go_through_the_workbook(client: Client) -> None:
    made = await linked(client)
    path = f"/v1/measures/{made['id']}"
    before = (await client.as_("viewer").get(path)).json()
    exported = (await client.as_("editor").get("/v1/measures?format=xlsx")).content
    assert (await sent(client, "x.xlsx", exported)).json()["unchanged"] == 3
    assert b"Erika" not in exported
    assert "Erika" not in str(list(cells(exported)))

    def edit(pages: dict[str, Any]) -> None:
        # key columns: id, concept, number
        scores, links, contact = pages["Bewertung"], pages["Verweise"], pages["Kontakt"]
        assert [cell.value for cell in links[2]][2:] == ["MOB-01", "depends_on", "D-1"]
        scores.cell(2, 5).value, scores.cell(2, 6).value = 4, "doch mehr"
        links.cell(2, 5).value = "NEU-1"  # the draft by its new number, given in the same file
        contact.cell(2, 5).value = "Amt 61"
        daten = pages["Daten"]
        columns = {cell.value: cell.column for cell in daten[1]}
        row = next(r for r in range(2, 5) if daten.cell(r, columns["Nummer"]).value == "D-1")
        daten.cell(row, columns["Nummer"]).value = "NEU-1"

    file = changed_workbook(exported, edit)
    preview = (await sent(client, "x.xlsx", file)).json()
    assert preview["errors"] == []
    differences = {d["pointer"]: d["after"] for m in preview["measures"] for d in m["differences"]}
    assert differences == {
        "/scores/0/points": 4,
        "/scores/0/reason": "doch mehr",
        "/contact/department": "Amt 61",
        "/number": "NEU-1",
    }
    assert (await sent(client, "x.xlsx", file, "dry_run=false")).status_code == 201
    after = (await client.as_("viewer").get(path)).json()
    assert after["contact"] == CONTACT | {"department": "Amt 61", "person": PERSON}
    assert [(s["criterion"], s["points"]) for s in after["scores"]] == [
        ("saving", 4),
        ("visibility", 5),
    ]
    assert after["links"] == before["links"]

    def wrong(pages: dict[str, Any]) -> None:
        pages["Verweise"].cell(2, 5).value = "XXX-9"

    def twice(pages: dict[str, Any]) -> None:
        pages["Kontakt"].append([made["id"], None, "MOB-01", "Noch einer", None, None, None, True])

    exported = (await client.as_("editor").get("/v1/measures?format=xlsx")).content
    (fault,) = (await sent(client, "x.xlsx", changed_workbook(exported, wrong))).json()["errors"]
    assert fault["column"] == "links/0/measure"
    assert "XXX-9" in fault["message"]
    (fault,) = (await sent(client, "x.xlsx", changed_workbook(exported, twice))).json()["errors"]
    assert "höchstens eine Zeile" in fault["message"]


@pytest.mark.parametrize("role", [None, "editor"])
async def test_a_file_that_says_less_takes_nothing_away(client: Client, role: str | None) -> None:
    """Exports without those sheets: of before they existed, of the public, and of an editor who
    reads others' sheets."""
    made = await linked(client)
    path = f"/v1/measures/{made['id']}"
    before = (await client.as_("viewer").get(path)).json()
    reader = client.as_("editor", SOEST) if role else client
    exported = (await reader.get("/v1/measures?format=xlsx")).content
    titles = openpyxl.load_workbook(io.BytesIO(exported)).sheetnames
    assert "Bewertung" in titles
    assert not {"Verweise", "Kontakt"} & set(titles)
    assert "Kontakt und Verweise" in str(list(cells(exported)))
    everything = (await client.as_("editor").get("/v1/measures?format=xlsx")).content

    def older(pages: dict[str, Any]) -> None:
        for title in ("Bewertung", "Verweise", "Kontakt"):
            pages["Daten"].parent.remove(pages[title])

    for file in (exported, changed_workbook(everything, older)):
        assert [
            m["state"]
            for m in (await sent(client, "x.xlsx", file)).json()["measures"]
            if m["number"] == "MOB-01"
        ]
        assert (await sent(client, "x.xlsx", file, "dry_run=false")).status_code == 201
        assert (await client.as_("viewer").get(path)).json() == before


def cells(data: bytes) -> Iterator[Any]:
    for page in openpyxl.load_workbook(io.BytesIO(data)).worksheets:
        for row in page.iter_rows(values_only=True):
            yield from row


async def test_rows_are_edited_in_the_workbook_too(example_to_change: Client) -> None:
    client = example_to_change
    exported = (await client.as_("editor").get("/v1/measures?format=xlsx")).content
    numbers = {
        m["number"]: m["id"] for m in (await client.get("/v1/measures?limit=200")).json()["items"]
    }

    def edit(pages: dict[str, Any]) -> None:
        costs, steps = pages["Kosten"], pages["Schritte"]
        row = next(r for r in range(2, costs.max_row + 1) if costs.cell(r, 3).value == "MOB-01")
        costs.cell(row, 4).value = 2027
        costs.cell(row, 8).value = 11_500_000.5
        costs.append(
            [None, None, "MOB-01", 2028, "material", "county", False, None, "C"]
        )  # by its number, amount unknown
        costs.append([None, None, "XXX-9", 2028, "material", "county", False, 1, None])
        last = max(r for r in range(2, steps.max_row + 1) if steps.cell(r, 3).value == "MOB-01")
        steps.delete_rows(last)
        daten = pages["Daten"]
        columns = {cell.value: cell.column for cell in daten[1]}
        daten.cell(2, columns["Stand"]).value = "in Umsetzung"
        daten.cell(2, columns["Kosten einmalig, soweit bekannt [EUR]"]).value = 1
        daten.parent.create_sheet("Notizen").append(["etwas"])

    file = changed_workbook(exported, edit)
    preview = (await sent(client, "x.xlsx", file)).json()
    assert (preview["changed"], preview["unchanged"], preview["errors"]) == (1, 26, [])
    (changed,) = [m for m in preview["measures"] if m["state"] == "changed"]
    assert changed["number"] == "MOB-01"
    assert {d["pointer"].split("/")[1] for d in changed["differences"]} == {"costs", "steps"}
    # What was changed and is not taken is said, and nothing else.
    said = " ".join(notice["message"] for notice in preview["notices"])
    assert len(preview["notices"]) == 4, said
    for words in (
        "Stand „in Umsetzung“ (es gilt: beschlossen)",
        "Kosten einmalig, soweit bekannt „1",
        "Blatt „Notizen“",
        "Blatt „Kosten“",
    ):
        assert words in said
    path = f"/v1/measures/{numbers['MOB-01']}"
    before = (await client.as_("viewer").get(path)).json()
    assert (await sent(client, "x.xlsx", file, "dry_run=false")).status_code == 201
    after = (await client.as_("viewer").get(path)).json()
    assert (after["costs"][0]["year"], after["costs"][0]["amount_eur"]) == (2027, "11500000.50")
    assert after["costs"][-1] == {
        "year": 2028,
        "kind": "material",
        "payer": "county",
        "recurring": False,
        "amount_eur": None,
        "certainty": "C",
    }
    assert after["steps"] == before["steps"][:-1]
    for name in (
        "milestones",
        "indicators",
        "savings",
        "links",
        "funding",
        "actors",
        "staff",
        "decisions",
        "phase",
    ):
        assert after[name] == before[name], name


async def test_a_wrong_row_of_a_further_sheet_is_named(example_to_change: Client) -> None:
    client = example_to_change
    exported = (await client.as_("editor").get("/v1/measures?format=xlsx")).content

    def negative(pages: dict[str, Any]) -> None:
        pages["Kosten"].cell(2, 8).value = -5

    def no_number(pages: dict[str, Any]) -> None:
        pages["Personal"].cell(2, 6).value = "viele"

    (fault,) = (await sent(client, "x.xlsx", changed_workbook(exported, negative))).json()["errors"]
    assert fault["column"].startswith("costs/0/amount_eur")
    (fault,) = (await sent(client, "x.xlsx", changed_workbook(exported, no_number))).json()[
        "errors"
    ]
    assert (fault["line"], fault["column"]) == (2, "Personal/fte")
    refused = await sent(client, "x.xlsx", changed_workbook(exported, no_number), "dry_run=false")
    assert refused.status_code == 422


async def test_a_phase_of_a_file_moves_no_measure_and_that_is_said(client: Client) -> None:
    await client.made()
    entry = sheet() | {"phase": "examined", "goal": "Neu."}
    answer = await sent(client, "k.json", json.dumps([entry]).encode(), "dry_run=false")
    assert answer.json()["changed"] == 1
    assert (
        "Geprüft" in answer.json()["notices"][0]["message"]
        or "geprüft" in answer.json()["notices"][0]["message"]
    )
    assert client.rows("select phase from measures.measure") == [{"phase": "idea"}]


async def test_a_table_changes_only_the_columns_it_has(client: Client) -> None:
    made = await client.made(goal="Bleibt.", notes="Bleibt auch.")
    data = "number;title\nMOB-01;Geändert\n".encode()
    assert (await sent(client, "x.csv", data, "dry_run=false")).status_code == 201
    found = (await client.as_("viewer").get(f"/v1/measures/{made['id']}")).json()
    assert (found["title"], found["goal"], found["notes"]) == (
        "Geändert",
        "Bleibt.",
        "Bleibt auch.",
    )


async def test_with_one_error_nothing_is_stored(client: Client) -> None:
    await client.made()
    data = (
        b"number,title,field,level,type,regions\nMOB-01,Neu,mobility,county,technical,\n"
        b"X-1,Y,nonsense,county,technical,\n"
    )
    preview = (await sent(client, "x.csv", data)).json()
    assert [(e["line"], e["column"]) for e in preview["errors"]] == [(3, "field")]
    refused = await sent(client, "x.csv", data, "dry_run=false")
    assert refused.status_code == 422
    assert refused.json()["rows"] == preview["errors"]
    assert [r["revision"] for r in client.rows("select revision from measures.measure")] == [1]
    good = data.replace(b"nonsense", b"education")
    assert (await sent(client, "x.csv", good, "dry_run=false")).json()["created"] == 1


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("x.yaml", b"measures: [1]"),
        ("x.yaml", b"a: &a [x]\nmeasures: [*a, *a]"),
        ("x.yaml", b"{"),
        ("x.json", b"[1"),
        ("x.yaml", b"measures: \xff"),
        ("x.xlsx", b"PK\x03\x04 not a workbook"),
        ("x.csv", b"nonsense\n1\n"),
        ("x.yaml", b"measures:\n- {id: A, handlungsfeld: XXX}"),
        ("x.yaml", b"!!python/object:os.system x"),
        ("x.yaml", b"measures:\n- {number: A}\n- {number: A}"),
        ("x.json", b'{"measures": [{"phase": "x"}]}'),
        ("x.json", b'{"measures": [], "funding_programmes": [{"code": "<b>"}]}'),
        ("x.json", b'{"measures": [], "regions": [{"ags": "1"}]}'),
        ("empty", b""),
        ("x.json", b'{"measures": [], "regions": ["x"]}'),
        ("x.json", b'{"measures": [], "templates": 5}'),
        ("x.json", b'[{"number": "A", "links": ["B"]}]'),
        ("x.json", b'[{"number": "A", "funding": 5}]'),
        (
            "x.json",
            (
                b'[{"number": ["A"], "concept": {}, "phase": [1], "links": [{"measure": {}}],'
                b' "strategy": [1]}]'
            ),
        ),
    ],
)
async def test_a_file_that_is_none_is_a_clear_error(client: Client, name: str, data: bytes) -> None:
    preview = await sent(client, name, data)
    refused = await sent(client, name, data, "dry_run=false")
    assert refused.status_code == 422, refused.text
    assert preview.status_code == 422 or preview.json()["errors"], preview.text
    assert (
        client.rows(
            "select 1 from measures.measure union all select 1 from measures.funding_programme"
        )
        == []
    )


async def test_the_full_form_in_json_with_links_and_programmes_by_name(client: Client) -> None:
    data = b"""{"funding_programmes": [{"code": "p1", "title": "Programm 1"}], "measures": [
      {"number": "A", "title": "A", "level": "county", "regions": [],
       "field": "mobility", "type": "planning",
       "links": [{"kind": "depends_on", "measure": "B"}], "funding": [{"programme": "p1"}]},
      {"number": "B", "title": "B", "level": "county", "regions": [],
       "field": "mobility", "type": "planning",
       "funding": [{"programme": "Programm 1"}]}]}"""
    for expected in (2, 0):
        answer = await sent(client, "k.json", data, "dry_run=false")
        assert answer.status_code == 201, answer.text
        assert answer.json()["created"] == expected
    unknown = data.replace(b'"Programm 1"}]}]}', b'"Programm 2"}]}]}')
    assert (
        "steht nicht im Register" in (await sent(client, "k.json", unknown, "dry_run=false")).text
    )


async def test_a_command_with_one_fault_stores_nothing_either(client: Client) -> None:
    data = b"""{"funding_programmes": [{"code": "p1", "title": "P1"}], "measures": [
      {"number": "A", "title": "A", "level": "county", "regions": [],
       "field": "mobility", "type": "planning"},
      {"number": "B", "title": "B", "level": "county", "regions": [],
       "field": "nonsense", "type": "planning"}]}"""
    state = client.app.state
    result = await load(state.database, state.context, data)
    assert [(fault.place.line, fault.place.field) for fault in result.faults] == [(2, "field")]
    assert (
        client.rows(
            "select 1 from measures.measure union all select 1 from measures.funding_programme"
        )
        == []
    )


async def test_who_may_import(client: Client) -> None:
    data = (
        b"number,title,field,level,type,regions\nX-1,Y,mobility,municipality,technical,05974040\n"
    )
    nobody = await client.post("/v1/measures/imports", files={"file": ("x.csv", data)})
    assert nobody.status_code == 401
    foreign = await client.as_("editor", LIPPSTADT).post(
        "/v1/measures/imports?dry_run=false", files={"file": ("x.csv", data)}
    )
    assert foreign.status_code == 422
    assert client.rows("select 1 from measures.measure") == []
    publishing = await sent(client, "x.csv", data, "dry_run=false&publish=true", role="editor")
    assert publishing.status_code == 403


async def test_a_phase_in_a_file_needs_what_it_needs(client: Client) -> None:
    data = b"""{"measures": [{"number": "A", "title": "A", "level": "county", "regions": [],
      "field": "mobility", "type": "planning", "phase": "decided"}]}"""
    answer = await sent(client, "k.json", data)
    assert "Beschluss" in answer.json()["errors"][0]["message"]
    decided = data.replace(
        b'"phase"', b'"decisions": [{"body": "Kreistag", "decided_on": "2026-01-15"}], "phase"'
    )
    by_editor = await sent(client, "k.json", decided, role="editor")
    assert "manager" in by_editor.json()["errors"][0]["message"]
    assert (await sent(client, "k.json", decided)).json()["errors"] == []


def test_the_example_names_no_one_and_says_what_it_is() -> None:
    text = EXAMPLE.decode()
    assert "KEINE amtlichen Steckbriefe" in text
    assert "@" not in text
