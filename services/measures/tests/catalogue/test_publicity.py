"""Nothing internal leaves: every GET route is walked by nobody, with marked words in every internal place."""

from __future__ import annotations

import io
import re
import zipfile
from typing import Any

import pytest
from pypdf import PdfReader

from .conftest import COUNTY, LIPPSTADT, SOEST, Client

CANARY = "Kanarienvogel"
MAIL = "erika.kanarienvogel@example.org"

# Placed in a sheet that is published, and so in what the public sees of it.
INTERNAL: dict[str, Any] = {
    "internal_notes": f"{CANARY} intern {MAIL}",
    "contact": {
        "function": f"{CANARY} Funktion", "department": f"{CANARY} Amt", "phone": "02921 12345", "email": MAIL,
        "public": False, "person": {"name": f"{CANARY} Erika", "email": MAIL, "phone": "02921 54321"},
    },
    "status_override": {"status": "late", "reason": f"{CANARY} Grund", "expires_on": "2999-01-01"},
}  # fmt: skip
PERSON = {"function": "Klimaschutz", "email": "klima@example.org", "public": True,
          "person": {"name": f"{CANARY} Person", "email": MAIL}}  # fmt: skip


async def planted(client: Client) -> dict[str, str]:
    """Published sheets with internal places filled, later drafts of them, drafts, archived ones, registers."""
    manager = client.as_("manager", subject=f"{CANARY}-subject")

    async def register(path: str, **entry: Any) -> str:
        answer = await manager.post(f"/v1/{path}", json={"code": path, "title": path} | entry)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    firm = {"name": f"{CANARY} GmbH", "consent": False, "municipality": SOEST, "internal_note": CANARY}
    agreed = {"name": "Offener Betrieb", "consent": True, "internal_note": CANARY}
    ids = {
        "round": await register("rounds", programme="ÖKOPROFIT", firms=[firm, agreed]),
        "template": await register("templates", title=f"{CANARY} Vorlage", public=False),
        "strategy": await register("strategies", title=f"{CANARY} Strategie", public=False),
        "funding_programme": await register("funding-programmes", title=f"{CANARY} Programm", public=False),
        "concept": await register("concepts", title=f"{CANARY} Konzept", public=False),
        "quarter": await register("quarters", title=f"{CANARY} Quartier", public=False, region=SOEST),
    }
    draft = await client.made(number="D-1", title=f"{CANARY} Entwurf", short_text=CANARY)
    hidden = {
        "links": [{"kind": "accompanies", "measure": draft["id"]}], "strategy": ids["strategy"],
        "quarter": ids["quarter"], "funding": [{"programme": ids["funding_programme"]}],
    }  # fmt: skip
    shown = await client.made(number="P-1", **INTERNAL, **hidden)
    report = {"reported_on": "2026-11-01", "assessment": "at_risk", "text": f"{CANARY} Bericht"}
    await client.told(shown["id"], "status-reports", **report)
    await client.step(shown["id"], "publish")
    await client.published(number="P-2", contact=PERSON, regions=[SOEST, LIPPSTADT])
    # A draft over what is published, its move and comment, and an archived sheet that was public once.
    await client.changed(shown["id"], title=f"{CANARY} neuer Titel", goal=CANARY, notes=CANARY, field="education")
    await client.step(shown["id"], "transitions", {"to": "examined", "reason": f"{CANARY} Grund"})
    await client.step(shown["id"], "review", {"comment": f"{CANARY} Kommentar"})
    archived = await client.published(number="P-3", title=f"{CANARY} archiviert")
    await client.step(archived["id"], "archive")
    catalogue = await manager.post("/v1/catalogues")
    assert catalogue.status_code == 202, catalogue.text
    return ids | {
        "measure_id": shown["id"], "draft": draft["id"], "archived": archived["id"],
        "catalogue_id": catalogue.json()["id"],
    }  # fmt: skip


def content(answer: Any) -> str:
    """Headers and body as text; PDF, Excel and ZIP files opened."""
    head = "\n".join(f"{name}: {value}" for name, value in answer.headers.items())
    kind, body = answer.headers.get("content-type", ""), answer.content
    if kind == "application/pdf":
        reader = PdfReader(io.BytesIO(body))
        return head + "\n".join(page.extract_text() for page in reader.pages) + str(reader.metadata)
    if body.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            return head + "\n".join(archive.read(name).decode("utf-8", "replace") for name in archive.namelist())
    return head + body.decode("utf-8", "replace")


def addresses(document: dict[str, Any], ids: dict[str, str]) -> list[str]:
    """Every GET address of the document, with every id there is in every parameter; tables in every form."""
    found: list[str] = []
    for path, operations in document["paths"].items():
        if "get" not in operations or path in {"/metrics"}:
            continue
        names = re.findall(r"{(\w+)}", path)
        filled = [path]
        for name in names:
            if name in {"ags", "region"}:
                values = [SOEST, COUNTY]
            elif name == "revision":
                values = ["1", "2", "3", "4", "5"]
            else:
                values = list(ids.values())
            filled = [one.replace("{" + name + "}", value) for one in filled for value in values]
        found += filled
        parameters = {p["name"] for p in operations["get"].get("parameters", ())}
        if not names and "format" in parameters:
            found += [f"{path}?format={form}" for form in ("csv", "csv-de", "xlsx")]
        if "version" in parameters:
            found += [f"{one}?version=working" for one in filled]
        if "editorial" in parameters:
            found += [f"{path}?editorial={state}" for state in ("draft", "in_review", "archived")]
        if "q" in parameters:
            found += [f"{path}?q={CANARY}", f"{path}?q=erika", f"{path}?field=education"]
        if "all" in parameters:
            found.append(f"{path}?all=true")
    return found


async def test_no_get_route_shows_nobody_anything_internal(client: Client) -> None:
    ids = await planted(client)
    document = (await client.get("/openapi.json")).json()
    asked = addresses(document, ids)
    answered = set()
    for address in asked:
        for language in ("de", "en"):
            answer = await client.get(address, headers={"Accept-Language": language})
            assert answer.status_code < 500, (address, answer.text[:300])
            text = content(answer).replace(CANARY.lower(), CANARY)
            # The problem repeats the address; what was asked for is no secret.
            text = text.replace(f'"instance":"{address.split("?")[0]}"', "")
            assert CANARY not in text, (address, text[max(0, text.index(CANARY) - 200) :][:400])
            assert MAIL not in text, address
            assert ids["draft"] in address or ids["draft"] not in text, address
            if answer.status_code == 200:
                answered.add(re.sub(r"[0-9a-f-]{36}", "*", address.split("?")[0]))
    # The walk went through: these were really answered.
    for path in ("/v1/measures", "/v1/measures/*", "/v1/measures/*/sheet", "/v1/measures/*/sheet.pdf", "/v1/rounds",
                 "/v1/measures/*/history", "/v1/measures/*/revisions", "/v1/measures/*/transitions", "/v1/costs",
                 "/v1/savings", "/v1/catalogues/*.pdf", f"/embed/measures/{SOEST}", "/v1/measures/facets"):  # fmt: skip
        assert path in answered, path


async def test_the_walk_would_find_something(client: Client) -> None:
    """The same words are there for those who may read them: the walk above looks for something that exists."""
    ids = await planted(client)
    viewer = client.as_("viewer")
    shown = f"/v1/measures/{ids['measure_id']}"
    for address in (
        shown,
        shown + "/history",
        "/v1/measures?format=csv",
        f"/v1/rounds/{ids['round']}",
        f"/v1/measures/{ids['draft']}/sheet.pdf",
    ):
        assert CANARY in content(await viewer.get(address)), address
    public = (await client.get("/v1/measures?q=verbinden&sort=number")).json()["items"]
    assert [m["number"] for m in public] == ["P-1", "P-2"]


async def test_the_public_sees_the_function_of_a_public_contact_and_no_person(client: Client) -> None:
    made = await client.published(contact=PERSON)
    contact = (await client.get(f"/v1/measures/{made['id']}")).json()["contact"]
    assert (contact["email"], contact["person"]) == ("klima@example.org", None)
    page = (await client.get(f"/v1/measures/{made['id']}/sheet")).text
    assert "klima@example.org" in page


async def test_a_link_shows_once_its_target_is_published(client: Client) -> None:
    draft = await client.made(number="D-1")
    made = await client.published(number="P-1", links=[{"kind": "accompanies", "measure": draft["id"]}])
    path = f"/v1/measures/{made['id']}"
    assert (await client.get(path)).json()["links"] == []
    await client.step(draft["id"], "publish")
    assert [r["number"] for r in (await client.get(path)).json()["related"]] == ["D-1"]


@pytest.mark.parametrize("claim", ["expired", "alg none", "foreign key", "foreign audience"])
async def test_a_bad_token_is_refused_even_where_none_is_needed(client: Client, claim: str) -> None:
    token = client.tokens.refused("manager", region=COUNTY)[claim]
    answer = await client.get("/v1/measures", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 401
