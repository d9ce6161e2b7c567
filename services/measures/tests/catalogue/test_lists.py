"""Lists: filters, full text in German, facets, orders and pages, forms, caching, number of
queries."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from klima_measures.migrations import config as migrations
from klima_shared.database.migrations import downgrade, upgrade

from ..conftest import LIPPSTADT, SOEST, WERL, Client, watch


async def numbers(client: Client, query: str, **headers: str) -> list[str]:
    answer = await client.get(f"/v1/measures?{query}", headers=headers)
    assert answer.status_code == 200, answer.text
    return [m["number"] for m in answer.json()["items"]]


@pytest.mark.parametrize(
    ("question", "number"),
    [
        ("Wärmeplanung", "BLP-03"),
        ("Waermeplanung", "BLP-03"),
        ("wärmeplanungen", "BLP-03"),
        ("WÄRME planung", "BLP-03"),
        ("Dächer", "KNK-03"),
        ("Daecher", "KNK-03"),
        ("Dach", "KNK-03"),
        ("Bäume", "GRU-02"),
        ("Baeume", "GRU-02"),
        ("Straßenbegleitgrün", "GRU-01"),
        ("Strassenbegleitgruen", "GRU-01"),
        ("Schulen", "BIL-01"),
        ("Schule", "BIL-01"),
        ("MOB-01", "MOB-01"),
        ("mob 01", "MOB-01"),
        ("Ladepunkt", "MOB-03"),
        ("Entwässerungsgraben", "LUF-02"),
    ],
)
async def test_full_text_finds_stems_umlauts_and_numbers(
    example: Client, question: str, number: str
) -> None:
    assert number in await numbers(example, f"q={question}")


@pytest.mark.parametrize("number", ["T-25e5e2e271", "T-7363e32b18", "T-12e3", "5e3"])
async def test_numbers_that_begin_like_others_are_found(client: Client, number: str) -> None:
    """Postgres reads `25e5` as a number and the rest as another word."""
    await client.published(number=number, title="Radwegenetz")
    for question in (number, f"Radweg {number}"):
        assert await numbers(client, f"q={question}") == [number]


COMPOUNDS = {
    "A": {"title": "Radwegenetz", "goal": "Solaranlagen auf Dächer setzen."},
    "B": {"title": "Solardächer fördern", "goal": "Lücken im Radweg schließen."},
    "C": {"title": "Ein Kataster", "goal": "Der Radwegeausbau. Straßengrün im Kreis."},
    "D": {"title": "Solarkataster und Grünflächen", "goal": "Die Pflicht für Solargründächer."},
}
FOUND = {
    # As written first, then compounds in the title, then compounds in the text.
    "Radweg": "B A C",
    "Radwege": "B A C",
    "radwegen": "B A C",
    "Solar": "B D A",
    "Kataster": "C D",
    "Dach": "A B D",
    "Dächer": "A B D",
    "Daecher": "A B D",
    "Solardach": "B",
    "Grün": "D C",
    "Gruen": "D C",
    "Flächen": "D",
    "Anlage": "A",
    "Solar Dach": "B A D",
    "Solar Netz": "A",
    "und Kataster": "C D",
    # Too little stands before what is left of these, or they are too short to be looked for in
    # others.
    "Reis": "",
    "Licht": "",
    "Rad": "",
    "Weg": "",
    "<hcad": "",
}


@pytest.fixture
async def compounds(client: Client) -> Client:
    for number, words in COMPOUNDS.items():
        await client.published(number=number, milestones=[], **words)
    return client


async def test_compounds_are_found_by_their_beginning_and_end(compounds: Client) -> None:
    assert {q: " ".join(await numbers(compounds, f"q={q}")) for q in FOUND} == FOUND


async def test_words_stored_before_are_found_by_their_ends_too(compounds: Client) -> None:
    """The migration makes of them what a new service writes."""
    stored = (
        "select measure_id, audience, words, title_words from measures.measure_words order by 1, 2"
    )
    new = compounds.rows(stored)
    config = migrations(compounds.database.url)
    downgrade(config, "0003")
    assert "<" not in str(compounds.rows(stored))
    upgrade(config)
    assert compounds.rows(stored) == new
    assert "<hcadra" in str(new)


async def test_hits_in_the_title_come_first(example: Client) -> None:
    found = await numbers(example, "q=Wasserstoff")
    assert found[0] == "ENW-03"


@pytest.mark.parametrize(
    "question",
    [
        "' OR 1=1 --",
        "!!",
        "a:*|b",
        "\\",
        "%",
        "😀",
        "<->",
        "x" * 200,
        "und",
        "Dach'",
        "\\'Dach\\",
        "Dach:*",
        "'<hcad':*",
        "ﬁﬂuß",
        "ǅungla",
        "٣٤٥٦",
        "x²x²",
        "日本語日本語",
        "Ä" * 200,
        "ẞẞẞẞ",
        "a\u0301bcd",
        "\ufeffDach",
        "Dach\x00Dach",
        "\x7f\x01",
        "http://dach.example/~dach",
        "<b>Dach</b>",
        "&amp;dach",
        "dach-dach/dach",
        "1e999",
        "{Dach}",
        "%s %(q)s :q",
    ],
)
async def test_any_question_is_answered(example: Client, question: str) -> None:
    answer = await example.get("/v1/measures", params={"q": question})
    assert answer.status_code == 200, answer.text


async def test_a_municipality_sees_its_own_and_those_it_takes_part_in(client: Client) -> None:
    await client.published(number="S", regions=[SOEST])
    await client.published(number="L", regions=[LIPPSTADT])
    await client.published(number="SL", regions=[SOEST, LIPPSTADT])
    await client.published(number="K", level="county", regions=["05974"])
    await client.published(number="O", level="organisation", regions=[])
    assert await numbers(client, f"region={SOEST}&sort=number") == ["K", "S", "SL"]
    assert await numbers(client, f"region={WERL}") == ["K"]
    assert await numbers(client, "region=05974&sort=number") == ["K", "L", "O", "S", "SL"]
    assert await numbers(client, "region=059740040040&sort=number") == ["K", "S", "SL"]
    assert await numbers(client, f"region={SOEST}&intermunicipal=true&sort=number") == ["K", "SL"]
    assert await numbers(client, "level=organisation") == ["O"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("field=mobility", 3),
        ("field=mobility&field=education", 6),
        ("level=organisation", 4),
        ("phase=idea", 1),
        ("phase=in_implementation", 12),
        ("type=planning", 4),
        ("priority=very_high", 6),
        ("horizon=long", 1),
        ("year=2033", 11),
        ("cost_min=1000000", 6),
        ("cost_max=0", 0),
        ("saving_min=100000", 2),
        ("example=false", 0),
        ("concept=2012", 0),
        ("intermunicipal=false", 4),
        ("example=true&level=municipality", 3),
    ],
)
async def test_filters_of_the_example(example: Client, query: str, expected: int) -> None:
    answer = (await example.get(f"/v1/measures?{query}")).json()
    assert answer["total"] == expected == len(answer["items"])


@pytest.mark.parametrize(
    "query",
    [
        "field=nonsense",
        "region=5974040",
        "region=05974999",
        "phase=x",
        "status=x",
        "level=x",
        "year=21",
        "sort=x",
        "limit=0",
        "limit=201",
        "cursor=x",
        "cost_min=-1",
        "cost_min=NaN",
        "saving_min=inf",
        "intermunicipal=maybe",
        "modified_since=2026-01-01",
        "strategy=x",
        "cursor=WyJhIl0",
    ],
)
async def test_a_wrong_question_is_a_clear_problem(example: Client, query: str) -> None:
    answer = await example.get(f"/v1/measures?{query}")
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["pointer"].startswith("/query/")


@pytest.mark.parametrize(
    "sort",
    [
        "field",
        "-field",
        "number",
        "-number",
        "title",
        "-title",
        "changed",
        "-changed",
        "start",
        "-start",
        "cost",
        "-cost",
        "saving",
        "-saving",
        "priority",
        "-priority",
        "relevance",
        "-relevance",
    ],
)
@pytest.mark.parametrize("words", ["", "&q=Kreis"])
async def test_pages_hold_everything_once_in_one_order(
    example: Client, sort: str, words: str
) -> None:
    whole = await numbers(example, f"sort={sort}&limit=200{words}")
    address, found = f"/v1/measures?sort={sort}&limit=5{words}", []
    while address:
        answer = await example.get(address)
        assert answer.status_code == 200, answer.text
        found += [m["number"] for m in answer.json()["items"]]
        assert answer.json()["total"] == len(whole)
        link = answer.headers.get("link")
        assert (link is None) == (answer.json()["next"] is None)
        address = link.split(">")[0].removeprefix("<") if link else ""
    assert found == whole
    assert len(set(found)) == len(found)


async def test_unknown_costs_come_last_in_both_orders(example: Client) -> None:
    for sort in ("saving", "-saving"):
        items = (await example.get(f"/v1/measures?sort={sort}&limit=200")).json()["items"]
        values = [m["saving_t_co2e"] for m in items]
        known = [v for v in values if v is not None]
        assert values[: len(known)] == sorted(known, reverse=sort.startswith("-"))


async def test_facets_count_what_the_filters_leave(example: Client) -> None:
    found = (await example.get("/v1/measures/facets")).json()
    assert found["total"] == 27
    assert sum(v["count"] for v in found["facets"]["field"]) == 27
    assert found["facets"]["field"][0] == {"value": "mobility", "label": "Mobilität", "count": 3}
    for facet in (
        "field",
        "phase",
        "status",
        "level",
        "intermunicipal",
        "year",
        "region",
        "priority",
    ):
        for value in found["facets"][facet]:
            if facet == "region":
                continue  # a region's list also holds what it takes part in
            answer = (await example.get(f"/v1/measures?{facet}={value['value']}")).json()
            assert answer["total"] == value["count"], (facet, value)
    narrow = (await example.get("/v1/measures/facets?field=mobility&q=Rad")).json()
    assert (
        narrow["total"] == (await example.get("/v1/measures?field=mobility&q=Rad")).json()["total"]
    )


async def test_the_shape_that_others_read(example: Client) -> None:
    answer = (await example.get("/v1/measures?limit=1")).json()
    named = {
        "id",
        "number",
        "title",
        "field",
        "level",
        "regions",
        "intermunicipal",
        "phase",
        "status",
    }
    assert named <= set(answer["items"][0])
    assert {"items", "next", "total", "meta"} <= set(answer)
    assert "erfunden" in " ".join(answer["meta"]["sources"])


async def test_reads_are_conditional(example: Client) -> None:
    item = (await example.get("/v1/measures?limit=1")).json()["items"][0]
    paths = (
        "/v1/measures",
        f"/v1/measures/{item['id']}",
        f"/v1/measures/{item['id']}/sheet",
        f"/v1/measures/{item['id']}/sheet.pdf",
        "/v1/measures/facets",
        "/v1/templates",
        "/v1/costs",
    )
    for path in paths:
        first = await example.get(path)
        assert first.headers["etag"].startswith('"')
        assert "Accept-Language" in first.headers["vary"]
        again = await example.get(path, headers={"If-None-Match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b""), path
        head = await example.head(path)
        assert (head.status_code, head.content) == (200, b"")


async def test_modified_since(client: Client) -> None:
    a = await client.published(number="A")
    since = (await client.get("/v1/measures")).json()["items"][0]["changed_at"]
    await client.published(number="B")
    found = (await client.get("/v1/measures", params={"modified_since": since})).json()
    assert {m["number"] for m in found["items"]} >= {"B"}
    later = (
        await client.get("/v1/measures", params={"modified_since": "2999-01-01T00:00:00Z"})
    ).json()
    assert later["total"] == 0
    # As of the day it was asked for: neither of 1970 nor ahead of us.
    assert (
        timedelta()
        <= datetime.now(UTC) - datetime.fromisoformat(later["meta"]["generated_at"])
        <= timedelta(hours=25)
    )
    assert a["number"] == "A"


async def test_tables_neutralise_formulas_and_keep_the_german_form(client: Client) -> None:
    await client.published(
        title="=HYPERLINK(1)", goal="-1+1", costs=[{"kind": "staff", "amount_eur": "1234.50"}]
    )
    german = await client.get("/v1/measures?format=csv-de")
    assert german.content.startswith(b"\xef\xbb\xbf")
    row = next(csv.DictReader(io.StringIO(german.text.lstrip("\ufeff")), delimiter=";"))
    assert (row["title"], row["goal"], row["cost_eur"], row["cost_eur_unit"]) == (
        "'=HYPERLINK(1)",
        "'-1+1",
        "1234,50",
        "EUR",
    )
    assert "internal_notes" not in row
    assert "internal_notes" in (await client.as_("viewer").get("/v1/measures?format=csv")).text


async def test_the_number_of_queries_does_not_grow(client: Client) -> None:
    """One measure with one row, then thirty with twenty rows each: the same statements."""
    programme = (
        await client.as_("manager").post("/v1/funding-programmes", json={"code": "p", "title": "P"})
    ).json()["id"]

    def rows(n: int) -> dict[str, Any]:
        return {
            "steps": [{"title": f"S{i}"} for i in range(n)],
            "costs": [{"year": 2027, "kind": "staff", "amount_eur": "1.00"} for _ in range(n)],
            "savings": [{"emissions_t_co2e": 1.0, "affects_bisko": True} for _ in range(n)],
            "funding": [{"programme": programme} for _ in range(n)],
            "milestones": [{"title": "M", "due": "2028-01-01"} for _ in range(n)],
        }

    async def counts() -> dict[str, int]:
        found = {}
        for path in (
            "",
            "?q=verbinden&field=mobility",
            "/facets",
            f"/{first['id']}",
            f"/{first['id']}/sheet",
            f"/{first['id']}/sheet.pdf",
            "?format=csv",
        ):
            seen = watch(client)
            answer = await client.get(f"/v1/measures{path}")
            assert answer.status_code == 200
            found[path.replace(first["id"], "*")] = len(seen)
        for path in ("/v1/costs", "/v1/savings", f"/embed/measures/{SOEST}"):
            seen = watch(client)
            await client.get(path)
            found[path] = len(seen)
        return found

    first = await client.published(number="N-0", **rows(1))
    before = await counts()
    links = [{"kind": "accompanies", "measure": first["id"]}]
    for n in range(1, 30):
        await client.published(number=f"N-{n}", links=links, **rows(4))
    await client.changed(first["id"], **rows(20))
    await client.step(first["id"], "publish")
    assert await counts() == before
    assert before[""] == 1
    assert before["?q=verbinden&field=mobility"] == 1
    assert before["/*/sheet"] <= 5


async def test_sums_by_year_and_field(client: Client) -> None:
    costs = [
        {"year": 2027, "kind": "staff", "amount_eur": "0.10"},
        {"year": 2027, "kind": "staff", "amount_eur": "0.20"},
        {"year": 2027, "kind": "staff", "amount_eur": None},
        {"year": 2028, "kind": "external", "amount_eur": None},
    ]
    await client.published(number="A", costs=costs)
    await client.published(number="B")
    found = (await client.get("/v1/costs")).json()
    rows = [(r["year"], r["kind"], r["amount_eur"], r["unknown"]) for r in found["items"]]
    assert rows == [(2027, "staff", "0.30", 1), (2028, "external", None, 1)]
    assert (found["measures"], found["measures_without_costs"]) == (2, 1)
    text = (await client.get("/v1/costs?format=csv")).text.splitlines()
    assert text[1].startswith("2027,Mobilität,Personal,false,0.30,EUR,1,1")


async def test_savings_count_overlaps_once_and_keep_bisko_apart(example: Client) -> None:
    found = (await example.get("/v1/savings")).json()
    totals = {row["affects_bisko"]: row for row in found["totals"]}
    assert totals[True]["not_counted"] == 1  # IKZ-01 is contained in BLP-02
    assert totals[False]["emissions_t_co2e"] > 800_000
    households = [
        row
        for row in found["items"]
        if row["sector"] == "households" and row["field"] == "land_use_planning"
    ]
    assert households[0]["emissions_t_co2e"] == 2100
    assert found["measures_not_quantified"] + sum(row["measures"] for row in found["totals"]) >= 26


async def test_what_falls_due_once_and_what_every_year_is_never_one_sum(client: Client) -> None:
    costs = [
        {"year": 2027, "kind": "investment", "amount_eur": "1000.00"},
        {"year": 2027, "kind": "staff", "amount_eur": "50.00", "recurring": True},
    ]
    await client.published(number="BEIDES", costs=costs)
    (item,) = (await client.get("/v1/measures?q=BEIDES")).json()["items"]
    assert (item["cost_eur"], item["cost_yearly_eur"]) == ("1000.00", "50.00")
    (row,) = csv.DictReader(io.StringIO((await client.get("/v1/measures?format=csv")).text))
    assert (row["cost_eur"], row["cost_yearly_eur"]) == ("1000.00", "50.00")
    assert row["cost_yearly_eur_unit"] == "EUR/a"
