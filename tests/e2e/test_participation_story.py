"""The story of participation, told once through HTTP with real processes: from the kick-off talk in
Werl to the citizen who looks up what became of an idea.

Two services run: the balance service knows the municipalities, the measures service (with two
worker processes) has the rest. Everything is asked and done as callers do it, with tokens of an
editor and a manager, and with none.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import socket
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import vobject

COUNTY, WERL = "05974000", "05974052"
TOPICS = ["Mobilität", "Wärme in Bestandsgebäuden", "Grün in der Stadt"]
COUNTS = {"citizens": 24, "administration": 5, "politics": 3, "business": 4}
TEXTS = [
    ("Ein Lastenrad zum Ausleihen am Bahnhof", 0),
    ("Ein durchgehender Radweg von Werl nach Soest", 0),
    ("Der Radweg Werl–Soest soll endlich lückenlos werden", 0),  # the same as the one before
    ("Bürgerbus auch am Abend", 0),
    ("Beratung zu Wärmepumpen im Altbau", 1),
    ("Gemeinsame Wärmeplanung mit den Nachbarstädten", 1),
    ("Abwärme des Schwimmbads nutzen", 1),
    ("Energiesparpreis für Schulen", 1),
    ("Bäume auf den Marktplatz", 2),
    ("Blühstreifen an allen Kreisstraßen", 2),
    ("Weniger Verpackung bundesweit vorschreiben", 2),
    ("Trinkbrunnen in der Innenstadt", 2),
]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Party:
    """Somebody with or without a token."""

    def __init__(self, base: str, headers: dict[str, str]) -> None:
        self.client = httpx.Client(base_url=base, headers=headers, timeout=30)

    def get(self, path: str, status: int = 200) -> Any:
        answer = self.client.get(path)
        assert answer.status_code == status, f"{path}: {answer.status_code} {answer.text}"
        return answer.json()

    def post(self, path: str, body: Any = None, status: int = 201, **headers: str) -> Any:
        answer = self.client.post(
            path, json=body, headers={name.replace("_", "-"): v for name, v in headers.items()}
        )
        assert answer.status_code == status, f"{path}: {answer.status_code} {answer.text}"
        return answer.json()

    def change(
        self, method: str, path: str, body: Any = None, *, of: str | None = None, status: int = 200
    ) -> Any:
        """Write to something, having read its present state."""
        read = self.client.get(of or path)
        assert read.status_code == 200, f"{of or path}: {read.status_code} {read.text}"
        answer = self.client.request(
            method, path, json=body, headers={"If-Match": read.headers["etag"]}
        )
        assert answer.status_code == status, f"{path}: {answer.status_code} {answer.text}"
        return answer.json()


@pytest.fixture
def services(fresh_database: Any, token_factory: Any, tmp_path: Path) -> Iterator[str]:
    """Address of a running measures service that asks a running balance service."""
    ports = {"balance": _free_port(), "measures": _free_port()}
    processes = []
    try:
        for service, prepared, more in (
            ("balance", [["load-method"]], []),
            ("measures", [], ["--workers", "2"]),
        ):
            environment = fresh_database(service, *prepared).environment | {
                "KLIMA_PORT": str(ports[service]),
                "KLIMA_ENVIRONMENT": "test",
                "KLIMA_AUTH_ISSUER": token_factory.issuer,
                "KLIMA_AUTH_AUDIENCE": token_factory.audience,
                "KLIMA_AUTH_JWKS": str(token_factory.jwks_path),
                "KLIMA_BALANCE_URL": f"http://127.0.0.1:{ports['balance']}",
                "KLIMA_TRUSTED_PROXIES": '["127.0.0.0/8"]',
            }
            with (tmp_path / f"{service}.log").open("wb") as log:
                line = [sys.executable, "-m", f"klima_{service}.cli", "serve", *more]
                processes.append(
                    subprocess.Popen(
                        line, env={**os.environ, **environment}, stdout=log, stderr=log
                    )
                )
            _wait(f"http://127.0.0.1:{ports[service]}", processes[-1], tmp_path / f"{service}.log")
        yield f"http://127.0.0.1:{ports['measures']}"
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(40)


def _wait(base: str, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + 120
    while time.monotonic() < end and process.poll() is None:
        try:
            if httpx.get(f"{base}/health/ready", timeout=5).status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.2)
    pytest.fail(f"{base} does not answer:\n{log.read_text(errors='replace')[-3000:]}")


def test_from_the_kick_off_talk_to_what_became_of_an_idea(
    services: str, token_factory: Any
) -> None:
    with ExitStack() as open_until_the_end:

        def party(headers: dict[str, str]) -> Party:
            found = Party(services, headers)
            open_until_the_end.callback(found.client.close)
            return found

        _tell(
            party({}),
            party(token_factory.headers("editor", region=WERL)),
            party(token_factory.headers("manager", region=COUNTY)),
        )


def _tell(citizen: Party, editor: Party, manager: Party) -> None:
    _kick_off(manager)
    workshop = _workshop(manager, editor)
    references = _ideas(citizen, editor, workshop)
    _moderate(manager, references)
    _dots(manager, editor, workshop, references)
    _triage(manager, citizen, references)
    _package(manager, editor, workshop, references)
    _measure(manager, citizen, references)
    _what_became_of_it(citizen, references)
    _contact(manager, citizen)
    _calendar(citizen, workshop)


def _kick_off(manager: Party) -> None:
    report = manager.get("/v1/kick-offs/report")
    assert (report["expected"], report["held"]) == (15, 0)
    talk = {
        "region": WERL,
        "held_on": "2026-02-11",
        "participant_roles": ["Bauamt"],
        "actors_found": ["Stadtwerke"],
    }
    manager.post("/v1/kick-offs", talk)
    report = manager.get("/v1/kick-offs/report")
    assert (report["held"], len(report["missing"])) == (1, 14)
    assert WERL not in [one["region"] for one in report["missing"]]


def _workshop(manager: Party, editor: Party) -> str:
    body = {
        "region": WERL,
        "title": "Klimawerkstatt Werl",
        "topics": TOPICS,
        "place": "Stadthalle Werl",
        "starts_at": "2026-10-20T18:00:00+02:00",
        "ends_at": "2026-10-20T21:00:00+02:00",
    }
    path = f"/v1/workshops/{editor.post('/v1/workshops', body)['id']}"
    for party, state in ((manager, "invited"), (editor, "held")):
        party.change("POST", f"{path}/transitions", {"to": state}, of=path)
    counted = editor.change("PUT", path, body | {"participants": COUNTS})
    assert (len(counted["topics"]), counted["participants_total"]) == (3, 36)
    return path


def _ideas(citizen: Party, editor: Party, workshop: str) -> list[str]:
    references = []
    for number, (text, topic) in enumerate(TEXTS):
        body = {"region": WERL, "text": text, "consent": True}
        if number < 8:  # written down at the workshop, the others come in online
            noted = {
                "workshop": workshop.split("/")[-1],
                "topic": TOPICS[topic],
                "group": "citizens",
            }
            answer = editor.post("/v1/ideas", body | noted)
        else:
            key = f"story-{number}"
            answer = citizen.post(
                "/v1/ideas", body, Idempotency_Key=key, X_Forwarded_For="203.0.113.5"
            )
            assert (
                citizen.post("/v1/ideas", body, Idempotency_Key=key) == answer
            )  # the telephone asked twice
        assert answer["state"] == "new"
        references.append(answer["reference"])
    assert len(set(references)) == 12
    assert citizen.get("/v1/ideas")["items"] == []
    for body, status in (
        ({"consent": False}, 422),
        ({"text": "<script>x</script>"}, 422),
        ({"text": "x" * 100_000}, 422),
    ):
        citizen.post(
            "/v1/ideas", {"region": WERL, "text": "Idee", "consent": True} | body, status=status
        )
    return references


def _moderate(manager: Party, references: list[str]) -> None:
    for reference in references:
        path = f"/v1/ideas/{reference}"
        manager.change("POST", f"{path}/moderation", {"state": "accepted"}, of=path)
    doubled, kept = references[2], references[1]
    merge = {"into": kept, "reason": "Derselbe Radweg"}
    manager.change("POST", f"/v1/ideas/{doubled}/merge", merge, of=f"/v1/ideas/{doubled}")
    manager.change(
        "POST",
        f"/v1/ideas/{kept}/merge",
        {"into": doubled, "reason": "im Kreis"},
        of=f"/v1/ideas/{kept}",
        status=409,
    )


def _dots(manager: Party, editor: Party, workshop: str, references: list[str]) -> None:
    on_the_wall = [reference for reference in references[:8] if reference != references[2]]
    session = {
        "region": WERL,
        "title": "Punkte",
        "method": "dots",
        "ideas": on_the_wall,
        "dots_available": 108,
        "workshop": workshop.split("/")[-1],
        "published": True,
    }
    path = f"/v1/prioritisations/{manager.post('/v1/prioritisations', session)['id']}"
    for place, reference in enumerate(on_the_wall):
        editor.post(f"{path}/votes", {"idea": reference, "value": 20 - 3 * abs(place - 1)})
    closed = manager.change("POST", f"{path}/close", of=path)
    assert closed["results"][0]["idea"] == references[1]
    assert closed["total"] == sum(20 - 3 * abs(place - 1) for place in range(7))
    editor.post(f"{path}/votes", {"idea": references[1], "value": 1}, status=409)


def _triage(manager: Party, citizen: Party, references: list[str]) -> None:
    decided = {1: "intermunicipal", 5: "intermunicipal", 9: "intermunicipal", 10: "out_of_scope"}
    for number, reference in enumerate(references):
        path = f"/v1/ideas/{reference}"
        if number == 2:
            continue
        triage = decided.get(number, "municipal")
        manager.change(
            "POST", f"{path}/triage", {"triage": triage}, of=path, status=422
        )  # without a reason
        manager.change(
            "POST", f"{path}/triage", {"triage": triage, "reason": f"Zuordnung {triage}"}, of=path
        )
    sums = manager.get(f"/v1/ideas/sums?region={WERL}")
    assert (sums["ideas"], sums["merged"], sums["undecided"]) == (12, 1, 0)
    assert (sums["municipal"], sums["intermunicipal"], sums["out_of_scope"]) == (7, 4, 1)
    assert sums["municipal"] + sums["intermunicipal"] + sums["out_of_scope"] == sums["ideas"]
    county = {item["reference"] for item in citizen.get("/v1/ideas?concept=05974")["items"]}
    own = {item["reference"] for item in citizen.get(f"/v1/ideas?concept={WERL}")["items"]}
    assert county == {references[1], references[5], references[9]}
    assert len(own) == 7
    assert not own & county


def _package(manager: Party, editor: Party, workshop: str, references: list[str]) -> None:
    path = f"{workshop}/package"
    editor.change("POST", f"{workshop}/transitions", {"to": "documented"}, of=workshop)
    drafted = manager.post(path)
    editor.change("POST", f"{path}/acknowledgement", of=path, status=409)  # not delivered yet
    manager.change(
        "POST", f"{path}/delivery", {"recipient": "Stadt Werl, Klimamanagement"}, of=path
    )
    file = editor.client.get(f"{path}.zip").content
    assert hashlib.sha256(file).hexdigest() == drafted["digest"]
    archive = zipfile.ZipFile(io.BytesIO(file))
    assert archive.read("ergebnisse.pdf").startswith(b"%PDF")
    results = json.loads(archive.read("ergebnisse.json"))
    assert [idea["reference"] for idea in results["ideas"]] == references[:8]
    assert results["workshop"]["participants_total"] == 36
    sums = results["sums"]
    assert sums["municipal"] + sums["intermunicipal"] + sums["out_of_scope"] == sums["ideas"] == 8
    acknowledged = editor.change("POST", f"{path}/acknowledgement", of=path)
    assert acknowledged["state"] == "acknowledged"
    assert editor.get(workshop)["state"] == "acknowledged"


def _measure(manager: Party, citizen: Party, references: list[str]) -> None:
    sheet = {
        "number": "MOB-77",
        "title": "Radweg Werl–Soest schließen",
        "level": "county",
        "field": "mobility",
        "type": "technical",
        "regions": [WERL, "05974040"],
        "short_text": "Lückenschluss auf vier Kilometern.",
        "origin": {"kind": "workshop_idea", "reference": references[1]},
    }
    measure = manager.post("/v1/measures", sheet)["id"]
    idea = f"/v1/ideas/{references[1]}"
    manager.change("POST", f"{idea}/measures", {"measure": measure}, of=idea)
    # A municipal idea does not enter the county's concept.
    manager.change(
        "POST",
        f"/v1/ideas/{references[0]}/measures",
        {"measure": measure},
        of=f"/v1/ideas/{references[0]}",
        status=409,
    )
    assert citizen.get(f"{idea}/state")["measures"] == []  # a draft yet
    manager.change("POST", f"/v1/measures/{measure}/publish", of=f"/v1/measures/{measure}")
    assert [one["reference"] for one in citizen.get(f"/v1/measures/{measure}/ideas")["items"]] == [
        references[1]
    ]
    manager.change(
        "PUT", f"{idea}/answer", {"answer": "Der Kreis plant den Lückenschluss mit Soest."}, of=idea
    )
    export = citizen.client.get("/v1/exports/decidim.csv").text
    assert "Radweg Werl–Soest schließen" in export
    assert references[1] in export


def _what_became_of_it(citizen: Party, references: list[str]) -> None:
    state = citizen.get(f"/v1/ideas/{references[1].lower().replace('-', '')}/state")
    assert (state["state"], state["reason"]) == ("intermunicipal", "Zuordnung intermunicipal")
    assert state["answer"] == "Der Kreis plant den Lückenschluss mit Soest."
    assert [measure["number"] for measure in state["measures"]] == ["MOB-77"]
    merged = citizen.get(f"/v1/ideas/{references[2]}/state")
    assert (merged["state"], merged["continued_in"], merged["final"]) == (
        "merged",
        references[1],
        True,
    )
    assert merged["answer"] == state["answer"]
    assert [measure["number"] for measure in merged["measures"]] == ["MOB-77"]
    scope = citizen.get(f"/v1/ideas/{references[10]}/state")
    assert (scope["state"], scope["final"]) == ("out_of_scope", True)
    citizen.get("/v1/ideas/KI-0000-0001/state", 404)


def _contact(manager: Party, citizen: Party) -> None:
    hours = {
        day: [{"from": "07:30", "to": "12:00"}]
        for day in ("tuesday", "wednesday", "thursday", "friday")
    }
    contact = {
        "region": COUNTY,
        "function": "Klimamanagement",
        "published": True,
        "opening_hours": hours | {"monday": [{"from": "08:30", "to": "12:00"}]},
    }
    path = f"/v1/contacts/{manager.post('/v1/contacts', contact)['id']}"
    for at, expected in (
        ("2026-11-24T07:30:00+01:00", True),  # a Tuesday
        ("2026-11-23T07:30:00+01:00", False),  # a Monday
        ("2026-05-01T08:00:00+02:00", False),  # 1 May, a Friday
        ("2026-03-27T06:30:00Z", True),  # the Friday before the change to summer time: 7:30
        ("2026-03-31T05:30:00Z", True),  # the Tuesday after it: 7:30 again, an hour earlier in UTC
        ("2026-03-31T05:29:00Z", False),
    ):
        answer = citizen.client.get(path, params={"at": at}).json()
        assert answer["open_now"] is expected, at


def _calendar(citizen: Party, workshop: str) -> None:
    calendar = vobject.readOne(citizen.client.get("/v1/calendar.ics").text)
    (event,) = calendar.vevent_list
    assert event.summary.value == "Klimawerkstatt Werl"
    assert event.dtstart.value.astimezone(UTC) == datetime(2026, 10, 20, 16, tzinfo=UTC)
    assert workshop.split("/")[-1] in event.uid.value
