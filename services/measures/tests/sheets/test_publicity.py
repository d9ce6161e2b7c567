"""Nothing internal leaves: every GET route is walked by nobody, with marked words in every internal
place."""

from __future__ import annotations

import io
import re
import zipfile
from typing import Any

import pytest
from fastapi.routing import iter_route_contexts
from pypdf import PdfReader

from ..conftest import COUNTY, SOEST, Client
from .planted import CANARY, MAIL, PERSON, Ids, everything

# What nobody may read at all. A route that is neither here nor answered in the walk fails it.
CLOSED = {
    "/v1/ideas/sums",
    "/v1/kick-offs",
    "/v1/kick-offs/report",
    "/v1/kick-offs/{identity}",
    "/v1/workshops/{identity}/package",
    "/v1/workshops/{identity}/package.zip",
    "/v1/working-groups",
    "/v1/working-groups/{identity}",
    "/v1/working-groups/resolutions",
    "/v1/working-groups/resolutions/{identity}",
    "/v1/working-groups/tasks",
    "/v1/working-groups/tasks/{identity}",
}
# Beside the document: its own pages, and figures of the process.
UNDESCRIBED = {"/openapi.json", "/docs", "/docs/oauth2-redirect", "/redoc", "/metrics"}
DATASETS = "/v1/datasets"
RECORDS = {
    f"/v1/{name}"
    for name in (
        "kick-offs",
        "workshops",
        "actors",
        "networks",
        "contacts",
        "campaigns",
        "press-items",
        "events",
        "prioritisations",
    )
}


def content(answer: Any) -> str:
    """Headers and body as text; PDF, Excel and ZIP files opened."""
    head = "\n".join(f"{name}: {value}" for name, value in answer.headers.items())
    kind, body = answer.headers.get("content-type", ""), answer.content
    if kind == "application/pdf":
        reader = PdfReader(io.BytesIO(body))
        return head + "\n".join(page.extract_text() for page in reader.pages) + str(reader.metadata)
    if body.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            return head + "\n".join(
                archive.read(name).decode("utf-8", "replace") for name in archive.namelist()
            )
    return head + body.decode("utf-8", "replace")


def addresses(document: dict[str, Any], ids: Ids) -> dict[str, list[str]]:
    """Path of the document -> addresses, with every id there is of its kind; tables in every form,
    all versions."""
    found: dict[str, list[str]] = {}
    for path, operations in document["paths"].items():
        if "get" not in operations:
            continue
        filled = [path]
        for name in re.findall(r"{(\w+)}", path):
            collection = path.split("/{")[0]
            values = {"ags": [SOEST, COUNTY], "revision": ["1", "2", "3", "4", "5"]}.get(
                name, ids.get(collection, [])
            )
            assert values, f"{path}: the walk has nothing of this kind; plant something"
            filled = [one.replace("{" + name + "}", value) for one in filled for value in values]
        names = {p["name"] for p in operations["get"].get("parameters", ())}
        asked = {
            "format": [f"format={form}" for form in ("csv", "csv-de", "xlsx")],
            "version": ["version=working"],
            "editorial": [f"editorial={state}" for state in ("draft", "in_review", "archived")],
            "moderation": [f"moderation={state}" for state in ("new", "rejected")],
            "q": [f"q={CANARY}", "q=erika", "field=education"],
            "all": ["all=true"],
            "view": ["view=table"],
        }
        queries = [query for name, some in asked.items() if name in names for query in some]
        found[path] = filled + [f"{one}?{query}" for one in filled for query in queries]
    return found


async def test_no_get_route_shows_nobody_anything_internal(client: Client) -> None:
    ids = await everything(client)
    document = (await client.get("/openapi.json")).json()
    ids[DATASETS] = [entry["id"] for entry in (await client.get(DATASETS)).json()["items"]]
    described = {path for path, operations in document["paths"].items() if "get" in operations}
    routed = {
        route.path
        for route in iter_route_contexts(client.app.routes)
        if "GET" in (route.methods or ())
    }
    assert "/v1/measures" in routed
    assert routed - described <= UNDESCRIBED, (
        "a route that the document does not name is walked by nobody"
    )
    draft = ids["/v1/measures"][1]
    statuses: dict[str, set[int]] = {}
    for path, asked in addresses(document, ids).items():
        for address in asked:
            for language in ("de", "en") if "?" not in address else ("de",):
                answer = await client.get(address, headers={"Accept-Language": language})
                assert answer.status_code < 500, (address, answer.text[:300])
                statuses.setdefault(path, set()).add(answer.status_code)
                text = content(answer).replace(CANARY.lower(), CANARY)
                # The problem repeats the address; what was asked for is no secret.
                text = text.replace(f'"instance":"{address.split("?")[0]}"', "")
                assert CANARY not in text, (address, text[max(0, text.index(CANARY) - 200) :][:400])
                assert MAIL not in text, address
                assert "4512.34" not in text, address  # what a campaign costs is internal
                assert draft in address or draft not in text, address
    # The walk went through all of them: a route is answered, or it is one that nobody may read.
    assert {path for path, seen in statuses.items() if 200 not in seen} == CLOSED
    assert all(statuses[path] <= {401, 403, 404} for path in CLOSED), statuses


async def test_the_walk_would_find_something(client: Client) -> None:
    """The same words are there for those who may read them: the walk above looks for something that
    exists."""
    ids = await everything(client)
    viewer = client.as_("viewer")
    measure, draft, _ = ids["/v1/measures"]
    shown = f"/v1/measures/{measure}"
    for address in (
        shown,
        shown + "/history",
        "/v1/measures?format=csv",
        f"/v1/rounds/{ids['/v1/rounds'][0]}",
        f"/v1/measures/{draft}/sheet.pdf",
        *(f"/v1/ideas/{reference}" for reference in ids["/v1/ideas"][1:]),
        *(f"{path}/{ids[path][-1]}" for path in ids if "working-groups" in path or path in RECORDS),
    ):
        assert CANARY in content(await viewer.get(address)), address
    public = (await client.get("/v1/measures?q=verbinden&sort=number")).json()["items"]
    assert [m["number"] for m in public] == ["P-1", "P-2"]


async def test_the_public_sees_the_function_of_a_public_contact_and_no_person(
    client: Client,
) -> None:
    made = await client.published(contact=PERSON)
    contact = (await client.get(f"/v1/measures/{made['id']}")).json()["contact"]
    assert (contact["email"], contact["person"]) == ("klima@example.org", None)
    page = (await client.get(f"/v1/measures/{made['id']}/sheet")).text
    assert "klima@example.org" in page


async def test_a_link_shows_once_its_target_is_published(client: Client) -> None:
    draft = await client.made(number="D-1")
    made = await client.published(
        number="P-1", links=[{"kind": "accompanies", "measure": draft["id"]}]
    )
    path = f"/v1/measures/{made['id']}"
    assert (await client.get(path)).json()["links"] == []
    await client.step(draft["id"], "publish")
    assert [r["number"] for r in (await client.get(path)).json()["related"]] == ["D-1"]


@pytest.mark.parametrize("claim", ["expired", "alg none", "foreign key", "foreign audience"])
async def test_a_bad_token_is_refused_even_where_none_is_needed(client: Client, claim: str) -> None:
    token = client.tokens.refused("manager", region=COUNTY)[claim]
    answer = await client.get("/v1/measures", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 401
