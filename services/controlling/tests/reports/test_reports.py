"""The yearly report: the same digits in all four forms, the same bytes every time, frozen once
approved."""

import csv
import io
import json
import re
from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from pypdf import PdfReader

BODY = {
    "region": "05974",
    "year": 2021,
    "title": "Klimabericht 2021 (Beispiel)",
    "narrative": [{"heading": "Worum es geht", "text": "Erster Absatz.\n\nZweiter <b>Absatz</b>."}],
    "decisions": ["Zur Kenntnis (Beispiel)"],
}


async def made(world: Any, **change: Any) -> Any:
    answer = await world.client.post("/v1/reports", json=BODY | change, headers=world.as_("editor"))
    assert answer.status_code == 201, answer.text
    return answer


async def published(world: Any) -> dict[str, Any]:
    answer = await made(world)
    for step in ("approve", "publish"):
        headers = world.as_("manager", **{"If-Match": answer.headers["etag"]})
        answer = await world.client.post(
            f"/v1/reports/{answer.json()['id']}/{step}", headers=headers
        )
        assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def plain(text: str) -> str:
    """A printed figure as the content holds it."""
    return re.sub(r"[\u202f\u00a0 ]", "", text).replace("\u2212", "-").replace(",", ".")


def figures(content: dict[str, Any]) -> list[str]:
    found = []
    for section in content["sections"]:
        for row in section["rows"]:
            pairs = zip(section["columns"], row, strict=True)
            found += [
                cell for column, cell in pairs if column["unit"] is not None and cell is not None
            ]
    return found


async def test_programs_read_all_digits_and_people_those_that_are_true(world: Any) -> None:
    report = await published(world)
    base = f"/v1/reports/{report['id']}"
    content = json.loads((await world.client.get(f"{base}.json")).content)["content"]
    wanted = figures(content)
    assert len(wanted) > 80

    html = (await world.client.get(f"{base}.html?lang=de")).text
    shown = re.findall(r'<data value="([^"]+)">([^<]+)</data>', html)
    assert [value for value, _ in shown] == wanted
    pairs = [(Decimal(value), Decimal(plain(text))) for value, text in shown if "unter" not in text]
    assert all(abs(exact - written) <= max(abs(exact) / 19, 50_000) for exact, written in pairs)
    # 50 kt: half the last digit of the figure that a gap belongs to.
    # National figures are written with two significant digits, measured ones as they are.
    assert any(
        len(str(abs(written)).rstrip("0").replace(".", "")) <= 2 < len(str(abs(exact)))
        for exact, written in pairs
    )

    table = (await world.client.get(f"{base}.csv?lang=de")).content.decode()
    assert [r["value"] for r in csv.DictReader(io.StringIO(table)) if r["value"]] == wanted

    pdf = PdfReader(io.BytesIO((await world.client.get(f"{base}.pdf?lang=de")).content))
    words = plain("".join(page.extract_text() for page in pdf.pages)).replace("\n", "")
    assert [text for _, text in shown if plain(text) not in words] == []


async def test_pdf_is_tagged_and_says_what_it_is(world: Any) -> None:
    report = await published(world)
    pdf = PdfReader(io.BytesIO((await world.client.get(f"/v1/reports/{report['id']}.pdf")).content))
    root = pdf.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert "/StructTreeRoot" in root
    assert pdf.metadata is not None
    assert pdf.metadata.title == BODY["title"]


async def test_same_bytes_every_time_whatever_happens_around_it(world: Any) -> None:
    report = await published(world)
    base = f"/v1/reports/{report['id']}"
    before = {
        f: (await world.client.get(f"{base}.{f}")).content for f in ("html", "pdf", "csv", "json")
    }
    value = {"region": "05974000", "period": "2021", "value": 99.0, "source": "später"}
    await world.client.post(
        "/v1/indicators/THG_EW_gesamt/values", json=value, headers=world.as_("editor")
    )
    world.balance.up = world.measures.up = False
    after = {f: (await world.client.get(f"{base}.{f}")).content for f in before}
    assert after == before


async def test_it_names_every_revision_it_used(world: Any) -> None:
    report = await published(world)
    used = report["used"]
    assert [(b["year"], b["version"]) for b in used["balances"]] == [(2018, 1), (2021, 1)]
    assert len(used["measures"]) == 27
    assert all(m["revision"] >= 1 for m in used["measures"])
    assert {t["code"] for t in used["targets"]} == {"kreis-soest-2045", "konzern-kreis-soest-2030"}
    found = (await world.client.get(f"/v1/reports/{report['id']}/verification")).json()
    assert found == {"identical": True, "findings": [], "digest": report["digest"]}
    with psycopg.connect(world.database.owner_url, autocommit=True) as connection:
        text = "replace(convert_from(content, 'UTF8'), '8.7', '1.2')"
        connection.execute(
            f"update controlling.report set content = convert_to({text}, 'UTF8')".encode()
        )
    assert (await world.client.get(f"/v1/reports/{report['id']}/verification")).json()[
        "identical"
    ] is False


async def test_a_published_report_never_changes_and_a_correction_is_a_new_version(
    world: Any,
) -> None:
    report = await published(world)
    path = f"/v1/reports/{report['id']}"
    etag = (await world.client.get(path)).headers["etag"]
    words = {n: BODY[n] for n in ("title", "narrative", "decisions")}
    changed = await world.client.put(
        path, json=words, headers=world.as_("editor", **{"If-Match": etag})
    )
    assert changed.status_code == 409
    assert (
        await world.client.post("/v1/reports", json=BODY, headers=world.as_("editor"))
    ).status_code == 409
    without = await world.client.post(f"{path}/corrections", json={}, headers=world.as_("editor"))
    assert without.status_code == 422
    new = await world.client.post(
        f"{path}/corrections", json={"reason": "Gasdaten (Beispiel)"}, headers=world.as_("editor")
    )
    assert (new.status_code, new.json()["version"], new.json()["corrects"]) == (
        201,
        2,
        report["id"],
    )
    assert (await world.client.get(path)).json()["digest"] == report["digest"]


async def test_drafts_are_for_viewers_and_steps_for_managers(world: Any) -> None:
    draft = await made(world)
    path = f"/v1/reports/{draft.json()['id']}"
    assert (await world.client.get(path)).status_code == 404
    assert (await world.client.get(f"{path}.pdf")).status_code == 404
    assert (await world.client.get("/v1/reports")).json()["items"] == []
    assert (await world.client.get(path, headers=world.as_("viewer"))).status_code == 200
    assert (
        len((await world.client.get("/v1/reports", headers=world.as_("viewer"))).json()["items"])
        == 1
    )
    match = {"If-Match": draft.headers["etag"]}
    assert (
        await world.client.post(f"{path}/approve", headers=world.as_("editor", **match))
    ).status_code == 403
    assert (
        await world.client.post(f"{path}/publish", headers=world.as_("manager", **match))
    ).status_code == 409
    assert (
        await world.client.post(f"{path}/approve", headers=world.as_("manager"))
    ).status_code == 428


@pytest.mark.parametrize("four_eyes", [False, True])
async def test_who_approved_is_shown_as_a_role(world: Any, four_eyes: bool) -> None:
    """With four eyes nobody approves what he wrote; without, it is said that he did."""
    world.app.state.context = replace(world.app.state.context, four_eyes=four_eyes)
    author, other = (
        world.tokens.headers("manager", region="05974000", subject=f"person-{name}")
        for name in "ab"
    )
    made = await world.client.post("/v1/reports", json=BODY, headers=author)
    path, match = f"/v1/reports/{made.json()['id']}", {"If-Match": made.headers["etag"]}
    words = {"title": "Anders", "narrative": [], "decisions": []}
    changed = await world.client.put(path, json=words, headers=author | match)
    match = {"If-Match": changed.headers["etag"]}
    step = await world.client.post(f"{path}/approve", headers=author | match)
    assert step.status_code == (403 if four_eyes else 200), step.text
    if four_eyes:
        step = await world.client.post(f"{path}/approve", headers=other | match)
    match = {"If-Match": step.headers["etag"]}
    assert (await world.client.post(f"{path}/publish", headers=author | match)).status_code == 200
    found = (await world.client.get(path)).json()
    assert (found["approved_role"], found["four_eyes"]) == ("manager", four_eyes)
    html = (await world.client.get(f"{path}.html")).text
    assert "freigegeben von: Leitung" in html
    assert ("(vier Augen)" in html) == four_eyes
    for form in ("", ".html", ".json", ".csv"):
        assert "person-" not in (await world.client.get(path + form)).text
    assert (await world.client.get(f"{path}.pdf")).status_code == 200


async def test_markup_in_words_stays_words(world: Any) -> None:
    report = await published(world)
    html = (await world.client.get(f"/v1/reports/{report['id']}.html")).text
    assert "Zweiter &lt;b&gt;Absatz&lt;/b&gt;." in html


@pytest.mark.parametrize("cut", ["balance", "measures"])
async def test_no_report_out_of_copies(world: Any, cut: str) -> None:
    await made(world, year=2018)
    getattr(world, cut).up = False
    answer = await world.client.post("/v1/reports", json=BODY, headers=world.as_("editor"))
    assert answer.status_code == 503


async def test_a_file_of_a_report_can_only_be_read(world: Any) -> None:
    for form in ("html", "pdf", "csv", "json"):
        answer = await world.client.put(
            f"/v1/reports/{uuid4()}.{form}", json={}, headers=world.as_("editor")
        )
        assert answer.status_code == 405, form


async def test_drafts_are_listed_to_their_regions_and_to_those_around_them(world: Any) -> None:
    draft = (await made(world)).json()["id"]

    async def listed(region: str) -> bool:
        answer = await world.client.get("/v1/reports", headers=world.as_("viewer", region))
        return draft in [row["id"] for row in answer.json()["items"]]

    wanted = {"05974": True, "05": True, "DG": True, "05974040": False, "05970": False}
    assert {region: await listed(region) for region in wanted} == wanted


@pytest.mark.parametrize("form", ["pdf", "csv", "json"])
async def test_a_file_comes_in_parts(world: Any, form: str) -> None:
    """With a length and an ETag, and from where a broken download stopped."""
    report = await published(world)
    path = f"/v1/reports/{report['id']}.{form}"
    whole = await world.client.get(path)
    assert int(whole.headers["content-length"]) == len(whole.content)
    headers = {"Range": "bytes=10-", "If-Range": whole.headers["etag"]}
    rest = await world.client.get(path, headers=headers)
    assert (rest.status_code, rest.content) == (206, whole.content[10:])
    assert rest.headers["etag"] == whole.headers["etag"]
    lines = [("If-None-Match", '"other"'), ("If-None-Match", whole.headers["etag"])]
    assert (await world.client.get(path, headers=lines)).status_code == 304


async def test_several_lines_of_if_match_are_one_list(world: Any) -> None:
    made_now = await made(world)
    path = f"/v1/reports/{made_now.json()['id']}/approve"
    manager, etag = list(world.as_("manager").items()), made_now.headers["etag"]
    for lines in (["", ""], ['"a"', '"b"']):
        headers = [*manager, *(("If-Match", line) for line in lines)]
        answer = await world.client.post(path, headers=headers)
        assert answer.status_code in {412, 422}, answer.text
    headers = [*manager, ("If-Match", '"other"'), ("If-Match", etag)]
    answer = await world.client.post(path, headers=headers)
    assert answer.status_code == 200, answer.text
