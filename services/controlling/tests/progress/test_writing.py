"""Writing: who may, what is refused, what is audited; and what is reported to the measures
service."""

from typing import Any

import psycopg
import pytest

VALUE = {"region": "05974040", "period": "2025", "value": 31.5, "source": "Befragung (Beispiel)"}
EVALUATION: dict[str, Any] = {
    "evaluator": "Controlling",
    "evaluated_on": "2026-11-02",
    "evidence": [{"title": "Rechnung", "grade": "A"}],
    "comparison": {"cost": {"planned": 10.0, "actual": 12.0, "unit": "EUR"}},
    "lesson": "Früher beginnen.",
    "conclusion": "continue",
    "conclusion_owner": "Klimaschutz",
    "conclusion_due": "2027-03-31",
}
REPORT: dict[str, Any] = {
    "period": "2026-H1",
    "reported_on": "2026-07-15",
    "assessment": "late",
    "text": "Es hakt.",
    "obstacles": "geheim",
    "staff_days": "14.5",
    "savings": [{"year": 2026, "emissions_t_co2e": 35.0, "evidence": "B", "source": "Zähler"}],
}


def rows(world: Any, query: str) -> list[Any]:
    with psycopg.connect(world.database.owner_url) as connection:
        return connection.execute(query.encode()).fetchall()


async def post(
    world: Any,
    path: str,
    body: Any,
    role: str = "manager",
    region: str = "05974000",
    **headers: str,
) -> Any:
    return await world.client.post(path, json=body, headers=world.as_(role, region, **headers))


async def test_a_second_value_needs_its_revision(world: Any) -> None:
    path = "/v1/indicators/ModalSplit_UV/values"
    assert (await post(world, path, VALUE)).status_code == 201
    again = await post(world, path, VALUE | {"value": 33.0})
    assert again.status_code == 409
    assert again.json()["revision"] == 1
    assert (await post(world, path, VALUE | {"value": 33.0, "revision": 2})).status_code == 201
    listed = (await world.client.get(path)).json()["items"]
    assert [(v["revision"], v["value"]) for v in listed] == [(1, 31.5), (2, 33.0)]
    assert len(rows(world, "select 1 from controlling.audit where entity = 'indicator_value'")) == 2


async def test_an_entered_value_supersedes_and_the_computed_one_stays_behind(world: Any) -> None:
    body = VALUE | {"period": "2021", "value": 7.0}
    assert (await post(world, "/v1/indicators/THG_EW_gesamt/values", body)).status_code == 201
    answer = (await world.client.get("/v1/regions/05974040/indicators?year=2021")).json()
    found = {i["code"]: i for i in answer["items"]}
    shown = found["THG_EW_gesamt"]
    assert (shown["value"], shown["origin"]) == (7.0, "entered")
    assert shown["computed"] == pytest.approx(362520.34 / 47929, rel=1e-5)
    assert (shown["comparison"]["counted"], shown["comparison"]["expected"]) == (14, 14)
    assert len(shown["comparison"]["similar"]) == 4
    missing = found["EEV_GHD_SVB"]
    assert missing["value"] is None
    assert "Beschäftigte" in missing["reason"]
    assert len(found) == 22


@pytest.mark.parametrize(
    ("code", "change", "status"),
    [
        ("ModalSplit_UV", {"value": 100.1}, 422),
        ("ModalSplit_UV", {"value": -1.0}, 422),
        ("ModalSplit_UV", {"region": 5974040}, 422),
        ("ModalSplit_UV", {"period": "2025-H3"}, 422),
        ("ModalSplit_UV", {"value": "31"}, 422),
        ("Pkw_Dichte", {"value": 1e13}, 422),
        ("nope", {}, 404),
    ],
)
async def test_bad_values_are_refused_and_nothing_is_stored(
    world: Any, code: str, change: Any, status: int
) -> None:
    answer = await post(world, f"/v1/indicators/{code}/values", VALUE | change)
    assert (answer.status_code, answer.headers["content-type"]) == (
        status,
        "application/problem+json",
    )
    assert rows(world, "select 1 from controlling.indicator_value") == []


@pytest.mark.parametrize(
    ("role", "region", "status"),
    [
        ("viewer", "05974000", 403),
        ("editor", "05974028", 403),
        ("editor", "05974040", 201),
        ("editor", "05974", 201),
    ],
)
async def test_who_may_enter_values(world: Any, role: str, region: str, status: int) -> None:
    answer = await post(world, "/v1/indicators/ModalSplit_UV/values", VALUE, role, region)
    assert answer.status_code == status


async def test_repeating_with_a_key_enters_once(world: Any) -> None:
    key = {"Idempotency-Key": "k1"}
    first = await post(world, "/v1/indicators/ModalSplit_UV/values", VALUE, **key)
    again = await post(world, "/v1/indicators/ModalSplit_UV/values", VALUE, **key)
    assert first.json() == again.json()
    assert len(rows(world, "select 1 from controlling.indicator_value")) == 1


async def test_formulas_with_unknown_inputs_are_refused(world: Any) -> None:
    body = {
        "code": "Neu",
        "name_de": "n",
        "name_en": "n",
        "unit": "%",
        "kind": "output",
        "direction": "higher",
    }
    answer = await post(world, "/v1/indicators", body | {"formula": "emissions_t_co2e / wizards"})
    assert answer.status_code == 422
    assert "wizards" in answer.json()["detail"]
    made = await post(world, "/v1/indicators", body | {"formula": "emissions_t_co2e / population"})
    assert made.status_code == 201
    changed = {k: v for k, v in body.items() if k != "code"} | {"formula": None}
    path = "/v1/indicators/Neu"
    assert (
        await world.client.put(path, json=changed, headers=world.as_("manager"))
    ).status_code == 428
    good = world.as_("manager", **{"If-Match": made.headers["etag"]})
    assert (await world.client.put(path, json=changed, headers=good)).status_code == 200
    assert (await world.client.put(path, json=changed, headers=good)).status_code == 412


async def test_a_new_decision_keeps_the_old_path(world: Any) -> None:
    body = {
        "code": "soest-2030",
        "title_de": "Soest 2035",
        "title_en": "Soest 2035",
        "region": "05974040",
        "year": 2035,
        "value": 0.0,
        "decision": {"body": "Rat (Beispiel)", "decided_on": "2026-05-12"},
    }
    assert (await post(world, "/v1/targets", body, "manager", "05974028")).status_code == 403
    assert (
        await post(world, "/v1/targets", body | {"value": 1e300}, "manager", "05974040")
    ).status_code == 422
    made = await post(world, "/v1/targets", body, "manager", "05974040")
    assert (made.status_code, made.json()["version"]) == (201, 2)
    versions = (await world.client.get("/v1/targets?code=soest-2030&versions=true")).json()["items"]
    assert [(t["version"], t["year"], t["decided"]) for t in versions] == [
        (2, 2035, True),
        (1, 2030, False),
    ]

    async def light() -> dict[str, Any]:
        answer = await world.client.get("/v1/regions/05974040/status")
        assert answer.status_code == 200, answer.text
        first: dict[str, Any] = answer.json()["lights"][0]
        return first

    shown = await light()
    assert (shown["year"], shown["decision"]) == (2035, "Rat (Beispiel), 12.05.2026")

    # By law, with the national reduction up to the path's first year as the balance service has it.
    assert (await post(world, "/v1/targets", body | {"path": "law", "year": 2045})).json()[
        "version"
    ] == 3
    by_law = await light()
    points = {point["year"]: point["value"] for point in by_law["path"]}
    assert points[2030] == pytest.approx(points[2018] * 0.35 / (1 - 0.314))
    assert (by_law["path_kind"], by_law["light"], points[2045]) == ("law", "yellow", 0.0)
    assert "2018 −31,4 % (UBA" in by_law["rule"]
    moved = await post(world, "/v1/targets", body | {"region": "05974000"}, "manager")
    assert moved.status_code == 409


async def test_the_county_does_not_overwrite_a_municipality(world: Any) -> None:
    body = {
        "code": "kreis-soest-2045",
        "title_de": "K",
        "title_en": "K",
        "region": "05974000",
        "year": 2040,
        "value": 0.0,
        "applies_below": True,
    }
    assert (await post(world, "/v1/targets", body)).status_code == 201
    lights = (await world.client.get("/v1/regions/05974028/status")).json()["lights"]
    assert [(light["target"], light["inherited"]) for light in lights] == [
        ("lippstadt-2040", False),
        ("kreis-soest-2045", True),
    ]


async def test_a_measure_is_completed_only_with_an_evaluation(own_world: Any) -> None:
    world = own_world
    measure = await world.measure(phase="in_implementation")
    path = f"/v1/measures/{measure['id']}"
    headers = world.as_("manager")

    async def etag() -> str:
        found = await world.measures_client.get(path, headers=headers)
        return str(found.headers["etag"])

    ended = {"actual_end": "2026-10-31", "planned_end": None}
    changed = await world.measures_client.patch(
        path, json=ended, headers={**headers, "If-Match": await etag()}
    )
    assert changed.status_code == 200, changed.text
    move = {"to": "completed"}
    refused = await world.measures_client.post(
        f"{path}/transitions", json=move, headers={**headers, "If-Match": await etag()}
    )
    assert refused.status_code == 422
    assert "Auswertung" in refused.text
    without = await post(world, f"{path}/evaluations", EVALUATION | {"evidence": []})
    assert without.status_code == 422
    assert (await post(world, f"{path}/evaluations", EVALUATION, "editor")).status_code == 403
    made = await post(world, f"{path}/evaluations", EVALUATION)
    assert made.status_code == 201, made.text
    assert (await world.client.get(f"{path}/evaluations")).json()["items"][0]["told"] is True
    moved = await world.measures_client.post(
        f"{path}/transitions", json=move, headers={**headers, "If-Match": await etag()}
    )
    assert (moved.status_code, moved.json()["phase"]) == (201, "completed")


async def test_what_could_not_be_reported_is_reported_later(own_world: Any) -> None:
    from klima_controlling.progress.actions import report_all

    world = own_world
    measure = await world.measure(phase="in_implementation")
    path = f"/v1/measures/{measure['id']}/evaluations"
    await world.client.get(path)  # a copy of the sheet is there
    world.measures.up = False
    made = await post(world, path, EVALUATION)
    assert made.status_code == 201
    assert rows(world, "select told_at from controlling.evaluation") == [(None,)]
    world.measures.up = True
    state = world.app.state
    assert await report_all(state.database, state.context) == 1
    assert await report_all(state.database, state.context) == 0


async def test_progress_reports_hide_what_is_internal_and_move_the_status(own_world: Any) -> None:
    world = own_world
    measure = await world.measure(status="on_track")
    path = f"/v1/measures/{measure['id']}/progress-reports"
    made = await post(world, path, REPORT, "editor")
    assert made.status_code == 201, made.text
    assert (await post(world, path, REPORT, "editor")).status_code == 409
    public = await world.client.get(path)
    assert public.json()["items"][0]["text"] == "Es hakt."
    assert "geheim" not in public.text
    assert "geheim" in (await world.client.get(path, headers=world.as_("viewer"))).text
    working = await world.measures_client.get(
        f"/v1/measures/{measure['id']}", headers=world.as_("manager")
    )
    assert working.json()["status"] == "late"
    one = f"{path}/{made.json()['id']}"
    good = world.as_("editor", **{"If-Match": made.headers["etag"]})
    assert (
        await world.client.put(one, json=REPORT | {"assessment": "at_risk"}, headers=good)
    ).status_code == 200
    assert (await world.client.put(one, json=REPORT, headers=good)).status_code == 412
    found = (await world.client.get("/v1/reconciliation/05974")).json()
    assert found["bottom_up_achieved"] == {"t_co2e": 35.0, "measures": 1, "not_counted": 0}
    staff = (await world.client.get("/v1/budget", headers=world.as_("viewer"))).json()["staff"]
    assert [s["booked_days"] for s in staff if s["measure_id"] == measure["id"]] == [14.5]


@pytest.mark.parametrize(
    "change",
    [
        {"savings": [{"year": 2026, "emissions_t_co2e": 1.0, "source": "x"}]},
        {"reported_on": "2099-01-01"},
        {"period": "2026"},
        {"staff_days": "-1"},
        {"savings": [{"year": 2026, "evidence": "A", "source": "x"}]},
    ],
)
async def test_bad_progress_reports_are_refused(world: Any, change: Any) -> None:
    measure = await world.measure()
    answer = await post(world, f"/v1/measures/{measure['id']}/progress-reports", REPORT | change)
    assert answer.status_code == 422


@pytest.mark.parametrize("path", ["/v1/reconciliation/05974999", "/v1/regions/05974999/status"])
async def test_a_region_nobody_has_is_not_found(world: Any, path: str) -> None:
    answer = await world.client.get(path)
    assert (answer.status_code, answer.json()["title"]) == (404, "Nicht gefunden")


async def test_budget_sum_is_that_of_the_sheets(world: Any) -> None:
    measure = await world.measure()
    entry = {
        "measure_id": measure["id"],
        "year": 2026,
        "kind": "investment",
        "stage": "spent",
        "amount_eur": "12.34",
    }
    assert (
        await post(world, "/v1/budget", entry | {"stage": "planned_concept"})
    ).status_code == 422
    assert (await post(world, "/v1/budget", entry | {"amount_eur": "-1.00"})).status_code == 422
    assert (await post(world, "/v1/budget", entry, "editor")).status_code == 201
    public = (await world.client.get("/v1/budget")).json()
    assert (public["entries_included"], "spent_eur" in public["totals"]) == (False, False)
    inside = (await world.client.get("/v1/budget", headers=world.as_("viewer"))).json()
    assert inside["totals"]["spent_eur"] == "12.34"
    costs = (await world.measures_client.get("/v1/costs?region=05974&version=published")).json()
    for recurring, totals in ((False, "totals"), (True, "totals_recurring")):
        cents = sum(
            round(float(c["amount_eur"]) * 100)
            for c in costs["items"]
            if c["amount_eur"] is not None and c["recurring"] is recurring
        )
        assert round(float(public[totals]["planned_concept_eur"]) * 100) == cents > 0
    table = await world.client.get("/v1/budget?format=csv")
    assert table.text.splitlines()[0].startswith(
        "number,title,year,kind_label,recurring,planned_concept_eur,planned_concept_eur_unit"
    )


async def test_deliveries_follow_their_interval(world: Any) -> None:
    body = {
        "title": "Gas",
        "kind": "energy_data",
        "region": "05974040",
        "deliverer": "Werke (Beispiel)",
        "recipient": "Klimaschutz",
        "interval_months": 12,
        "first_due": "2024-03-31",
    }
    made = await post(world, "/v1/data-deliveries", body, "editor")
    assert made.status_code == 201, made.text
    late = (await world.client.get("/v1/data-deliveries?overdue=true")).json()["items"]
    assert [d["title"] for d in late] == ["Gas"]
    assert "Subject: Überfällig: Gas" in late[0]["notice"]
    path = f"/v1/data-deliveries/{made.json()['id']}"
    receipt = {"due_on": "2024-03-31", "delivered_on": "2024-04-02"}
    assert (await post(world, f"{path}/receipts", receipt, "editor")).status_code == 201
    assert (await post(world, f"{path}/receipts", receipt, "editor")).status_code == 409
    now = await world.client.get(path)
    assert now.json()["due_on"] == "2025-03-31"
    good = world.as_("editor", **{"If-Match": now.headers["etag"]})
    changed = await world.client.put(path, json=body | {"interval_months": 24}, headers=good)
    assert changed.json()["due_on"] == "2026-03-31"
    assert (
        b"BEGIN:VCALENDAR" in (await world.client.get("/v1/data-deliveries/calendar.ics")).content
    )
    assert (await world.client.get("/v1/data-deliveries?limit=2")).json()["next"]


async def test_audit_cycle_is_internal_and_links_actions(world: Any) -> None:
    path = "/v1/regions/05974/audit-cycle"
    made = await post(
        world,
        path,
        {"year": 2026, "stage": "check", "text": "Daten fehlen", "severity": "deviation"},
        "editor",
    )
    assert made.status_code == 201, made.text
    action = {"title": "Nachfordern", "owner": "Gebäude", "due": "2027-01-31"}
    linked = await post(world, f"/v1/audit-cycle/{made.json()['id']}/actions", action, "editor")
    assert linked.status_code == 201
    assert (await world.client.get(path)).status_code == 401
    found = (await world.client.get(path, headers=world.as_("viewer"))).json()["items"]
    assert [a["title"] for a in found[0]["actions"]] == ["Nachfordern"]


async def test_every_kind_of_bad_token_is_refused(world: Any) -> None:
    for fault, token in world.tokens.refused("manager", region="05974000").items():
        answer = await world.client.get(
            "/v1/indicators", headers={"Authorization": f"Bearer {token}"}
        )
        assert answer.status_code == 401, fault


async def test_with_a_measure_its_reports_are_withdrawn(own_world: Any) -> None:
    """No public address tells of the measure, nor of what was reported about it."""
    world = own_world
    measure = await world.measure()
    path = f"/v1/measures/{measure['id']}/progress-reports"
    made = await post(world, path, REPORT | {"text": "Bericht über Zurückgezogenes"})
    assert made.status_code == 201, made.text
    one = f"{path}/{made.json()['id']}"
    assert (await world.client.get(one)).status_code == 200
    manager = world.as_("manager", **{"If-Match": "*"})
    archived = await world.measures_client.post(
        f"/v1/measures/{measure['id']}/archive", json={}, headers=manager
    )
    assert archived.status_code == 200, archived.text
    told = {}
    for template, item in world.app.openapi()["paths"].items():
        address = template.replace("{measure_id}", measure["id"])
        address = address.replace("{report_id}", made.json()["id"]).replace("{ags}", "05974000")
        if "get" not in item or "{" in address or template.startswith("/health"):
            continue
        answer = await world.client.get(address)
        words = ("Zurückgezogenes", measure["title"])
        if any(word in answer.text for word in words) or (
            "{measure_id}" in template and answer.status_code != 404
        ):
            told[template] = answer.status_code
    assert told == {}
    assert (await world.client.get(one, headers=world.as_("viewer"))).status_code == 200


async def test_a_target_per_inhabitant_with_a_residual(world: Any) -> None:
    """From the first published figure per head in equal amounts down to 1 t that is left."""
    body = {
        "code": "soest-je-kopf",
        "title_de": "1 t je Kopf",
        "title_en": "1 t per head",
        "region": "05974040",
        "metric": "emissions_t_co2e / population",
        "unit": "t CO2e/inhabitant",
        "year": 2040,
        "value": 1.0,
    }
    assert (await post(world, "/v1/targets", body, "manager", "05974040")).status_code == 201
    lights = (await world.client.get("/v1/regions/05974040/status")).json()["lights"]
    one = next(light for light in lights if light["target"] == "soest-je-kopf")
    first, last = one["path"]
    assert 3 < first["value"] < 20
    assert (last["year"], last["value"], one["goal"]) == (2040, 1.0, 1.0)
    share = (one["actual_year"] - first["year"]) / (2040 - first["year"])
    assert one["path_value"] == pytest.approx(first["value"] + (1 - first["value"]) * share)
    assert "BISKO" in one["covers"]
