"""What must not leave, planted in every internal place there is: in sheets, registers, ideas and
records."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from ..conftest import COUNTY, LIPPSTADT, SOEST, WERL, Client

CANARY = "Kanarienvogel"
MAIL = "erika.kanarienvogel@example.org"

# Placed in a sheet that is published, and so in what the public sees of it.
INTERNAL: dict[str, Any] = {
    "internal_notes": f"{CANARY} intern {MAIL}",
    "contact": {
        "function": f"{CANARY} Funktion",
        "department": f"{CANARY} Amt",
        "phone": "02921 12345",
        "email": MAIL,
        "public": False,
        "person": {"name": f"{CANARY} Erika", "email": MAIL, "phone": "02921 54321"},
    },
    "status_override": {"status": "late", "reason": f"{CANARY} Grund", "expires_on": "2999-01-01"},
}
PERSON = {
    "function": "Klimaschutz",
    "email": "klima@example.org",
    "public": True,
    "person": {"name": f"{CANARY} Person", "email": MAIL},
}

Ids = dict[str, list[str]]


async def everything(client: Client) -> Ids:
    """Collection (`/v1/measures`) -> ids in it: published things, and beside them what is not
    public at all."""
    ids = await _registers(client)
    ids["/v1/measures"] = await _measures(client, ids)
    ids |= await _participation(client, ids["/v1/measures"][0])
    catalogue = await client.as_("manager").post("/v1/catalogues")
    assert catalogue.status_code == 202, catalogue.text
    return ids | {"/v1/catalogues": [catalogue.json()["id"]]}


async def _post(client: Client, path: str, body: Any = None) -> dict[str, Any]:
    """As a manager whose name is not to leave either."""
    answer = await client.as_("manager", subject=f"{CANARY}-subject").post(path, json=body)
    assert answer.status_code in {200, 201}, (path, answer.text)
    found: dict[str, Any] = answer.json()
    return found


async def _step(client: Client, item: str, step: str, body: Any = None) -> None:
    """A writing step on something there is, having read its present state."""
    manager = client.as_("manager", subject=f"{CANARY}-subject")
    read = await manager.get(item)
    answer = await manager.post(
        f"{item}/{step}", json=body, headers={"If-Match": read.headers["etag"]}
    )
    assert answer.status_code in {200, 201}, (item, step, answer.text)


async def _registers(client: Client) -> Ids:
    firm = {
        "name": f"{CANARY} GmbH",
        "consent": False,
        "municipality": SOEST,
        "internal_note": CANARY,
    }
    agreed = {"name": "Offener Betrieb", "consent": True, "internal_note": CANARY}
    hidden: dict[str, dict[str, Any]] = {
        "templates": {},
        "strategies": {},
        "funding-programmes": {},
        "concepts": {},
        "quarters": {"region": SOEST},
    }
    ids: Ids = {"/v1/rounds": []}
    for path, more in hidden.items():
        entries = [
            {"code": path, "title": f"{CANARY} {path}", "public": False},
            {"code": f"{path}-2", "title": "Offen"},
        ]
        ids[f"/v1/{path}"] = [
            (await _post(client, f"/v1/{path}", entry | more))["id"] for entry in entries
        ]
    round_ = {"code": "r", "title": "Runde", "programme": "ÖKOPROFIT", "firms": [firm, agreed]}
    ids["/v1/rounds"].append((await _post(client, "/v1/rounds", round_))["id"])
    return ids


async def _measures(client: Client, ids: Ids) -> list[str]:
    """A published sheet with all of it and a later draft; a draft; one archived; one with a public
    contact."""
    draft = await client.made(number="D-1", title=f"{CANARY} Entwurf", short_text=CANARY)
    hidden = {
        "links": [{"kind": "accompanies", "measure": draft["id"]}],
        "strategy": ids["/v1/strategies"][0],
        "quarter": ids["/v1/quarters"][0],
        "funding": [{"programme": ids["/v1/funding-programmes"][0]}],
    }
    shown = await client.made(number="P-1", **INTERNAL, **hidden)
    report = {"reported_on": "2026-11-01", "assessment": "at_risk", "text": f"{CANARY} Bericht"}
    await client.told(shown["id"], "status-reports", **report)
    await client.step(shown["id"], "publish")
    await client.published(number="P-2", contact=PERSON, regions=[SOEST, LIPPSTADT])
    # A draft over what is published, its move and comment, and an archived sheet that was public
    # once.
    await client.changed(
        shown["id"], title=f"{CANARY} neuer Titel", goal=CANARY, notes=CANARY, field="education"
    )
    await client.step(shown["id"], "transitions", {"to": "examined", "reason": f"{CANARY} Grund"})
    await client.step(shown["id"], "review", {"comment": f"{CANARY} Kommentar"})
    archived = await client.published(number="P-3", title=f"{CANARY} archiviert")
    await client.step(archived["id"], "archive")
    return [shown["id"], draft["id"], archived["id"]]


async def _participation(client: Client, measure: str) -> Ids:
    """Each kind of record published with its internal fields filled, and once more unpublished."""
    soon = (datetime.now(UTC) + timedelta(days=9)).isoformat()
    here, hidden = {"region": WERL, "published": True}, {"region": WERL, "published": False}
    group = await _post(
        client,
        "/v1/working-groups",
        {
            "region": COUNTY,
            "name": f"{CANARY} Kreis",
            "purpose": CANARY,
            "members": [{"function": f"{CANARY} Leitung", "organisation": CANARY}],
        },
    )
    in_group = {"group": group["id"]}
    workshop = {
        "region": WERL,
        "title": "Klimawerkstatt",
        "starts_at": soon,
        "topics": ["Wärme"],
        "notes": CANARY,
    }
    actor = {"kind": "planner", "regions": [WERL], "notes": CANARY}
    campaign = {
        "channels": ["press"],
        "starts_on": "2026-05-01",
        "regions": [WERL],
        "notes": CANARY,
    }
    records: dict[str, list[dict[str, Any]]] = {
        "/v1/kick-offs": [
            {
                "region": WERL,
                "held_on": "2026-02-11",
                "participant_roles": [CANARY],
                "notes": CANARY,
                "actors_found": [CANARY],
            }
        ],
        "/v1/workshops": [workshop, workshop | {"title": f"{CANARY} geplant"}],
        "/v1/actors": [
            here | actor | {"name": "Planung Werl", "consent_to_publish": True},
            hidden | actor | {"name": f"{CANARY} Büro"},
        ],
        "/v1/contacts": [
            here | {"function": "Klimamanagement", "mail": "klima@example.org", "notes": CANARY},
            hidden | {"function": CANARY, "mail": MAIL, "phone": "02921 54321"},
        ],
        "/v1/campaigns": [
            here
            | campaign
            | {"title": "Stadtradeln", "cost_eur": "4512.34", "measures": [measure]},
            hidden | campaign | {"title": CANARY},
        ],
        "/v1/press-items": [
            here | {"title": "Meldung", "released_at": "2026-04-02T09:00:00+02:00"},
            hidden | {"title": CANARY, "text": MAIL, "released_at": "2026-04-02T09:00:00+02:00"},
        ],
        "/v1/events": [
            here | {"title": "Auftakt", "starts_at": soon},
            hidden | {"title": CANARY, "starts_at": soon},
        ],
        "/v1/working-groups/meetings": [
            in_group
            | {"title": "Offene Sitzung", "starts_at": soon, "published": True, "minutes": CANARY},
            in_group | {"title": CANARY, "starts_at": soon, "minutes": CANARY},
        ],
        "/v1/working-groups/resolutions": [
            in_group | {"decided_on": "2026-09-15", "text": CANARY, "result": "adopted"}
        ],
        "/v1/working-groups/tasks": [
            in_group | {"title": CANARY, "due_on": "2026-10-31", "note": CANARY}
        ],
    }
    ids: Ids = {"/v1/working-groups": [group["id"]]}
    for path, bodies in records.items():
        ids[path] = [(await _post(client, path, body))["id"] for body in bodies]
    await _step(
        client, f"/v1/workshops/{ids['/v1/workshops'][0]}", "transitions", {"to": "invited"}
    )
    members = {"region": WERL, "name": "Netzwerk", "regions": [WERL], "members": []}
    networks = [members | {"published": True}, members | {"name": CANARY, "goal": CANARY}]
    ids["/v1/networks"] = [(await _post(client, "/v1/networks", body))["id"] for body in networks]
    return ids | await _ideas(client, ids["/v1/workshops"][0])


async def _ideas(client: Client, workshop: str) -> Ids:
    """Ideas that are public, new, rejected and merged; a vote that is public and one that is not; a
    package."""
    idea = {"region": WERL, "consent": True}
    said = {"workshop": workshop, "topic": "Wärme", "channel": "workshop"}
    public = (await _post(client, "/v1/ideas", idea | said | {"text": "Wärme gemeinsam planen"}))[
        "reference"
    ]
    new, rejected = [
        (await _post(client, "/v1/ideas", idea | {"text": f"{CANARY} {word} {MAIL}"}))["reference"]
        for word in ("neu", "abgelehnt")
    ]
    await _step(client, f"/v1/ideas/{public}", "moderation", {"state": "accepted"})
    await _step(
        client, f"/v1/ideas/{rejected}", "moderation", {"state": "rejected", "reason": "Werbung"}
    )
    session = {"region": WERL, "title": "Punkte", "method": "dots", "ideas": [public]}
    votes = [session | {"published": True}, session | {"title": CANARY}]
    sessions = [(await _post(client, "/v1/prioritisations", body))["id"] for body in votes]
    path = f"/v1/workshops/{workshop}"
    for state in ("held", "documented"):
        await _step(client, path, "transitions", {"to": state})
    await _post(client, f"{path}/package")
    return {"/v1/ideas": [public, new, rejected], "/v1/prioritisations": sessions}
