"""Every id in paths and bodies of controlling's operations that belongs to another municipality or
organisation is refused for the manager of a third; a draft is answered like one that is not
there."""

import json
import re
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import httpx
import psycopg

from klima_shared.codes.references import ORGANISATION, REGION
from klima_shared.http.references import reference_fields, reference_values
from tests.rights.planted import NOTHING, Operation, model_of, operations, put

SOEST, LIPPSTADT = "05974040", "05974028"
# Nothing of one municipality is behind these parameters.
SHARED: Final = {
    "code": "ModalSplit_UV",
    "form": "json",
    "dataset": "targets",
    "organisation": "konzern-kreis-soest",
}
BODIES: Final[dict[str, dict[str, Any]]] = {
    "create_indicator": {
        "code": "Radwege_km",
        "direction": "higher",
        "kind": "impact",
        "name_de": "Radwege",
        "name_en": "Cycle ways",
        "unit": "km",
    },
    "replace_indicator": {
        "direction": "higher",
        "kind": "impact",
        "name_de": "Radwege",
        "name_en": "Cycle ways",
        "unit": "km",
    },
    "create_value": {
        "period": "2025",
        "value": 1.0,
        "source": "Zählung",
        "region": "",
        "organisation": "",
    },
    "create_target": {
        "code": "ziel-neu",
        "title_de": "Ziel",
        "title_en": "Target",
        "year": 2040,
        "value": 0.0,
        "region": "",
        "organisation": "",
    },
    "create_data_delivery": {
        "title": "Gas",
        "kind": "energy_data",
        "region": "",
        "deliverer": "Werke",
        "recipient": "Amt",
        "interval_months": 12,
        "first_due": "2027-03-31",
    },
    "create_receipt": {"due_on": "2027-03-31", "delivered_on": "2026-10-01"},
    "create_budget_entry": {
        "measure_id": "",
        "year": 2027,
        "kind": "investment",
        "stage": "planned_budget",
        "amount_eur": "12.00",
    },
    "create_progress_report": {
        "period": "2026-H1",
        "reported_on": "2026-07-15",
        "assessment": "at_risk",
        "text": "Stand.",
    },
    "create_evaluation": {
        "comparison": {"cost": {"actual": 1.0, "planned": 2.0, "unit": "EUR"}},
        "conclusion": "continue",
        "conclusion_due": "2027-03-31",
        "conclusion_owner": "Amt",
        "evaluated_on": "2026-11-02",
        "evaluator": "Controlling",
        "evidence": [{"grade": "A", "title": "Rechnung"}],
        "lesson": "Früh beginnen.",
    },
    "create_cycle_note": {"severity": "note", "stage": "check", "text": "Geprüft", "year": 2026},
    "create_corrective_action": {"due": "2027-01-31", "owner": "Amt", "title": "Nachfordern"},
    "create_report": {"region": "", "title": "Bericht", "year": 2018},
    "replace_report": {"title": "Bericht"},
    "create_correction": {"reason": "Nachgeliefert"},
    "approve_report": {},
    "publish_report": {},
}
BODIES["replace_data_delivery"] = BODIES["create_data_delivery"]
BODIES["replace_progress_report"] = BODIES["create_progress_report"]


async def _made(client: httpx.AsyncClient, path: str, body: Any, headers: dict[str, str]) -> Any:
    answer = await client.post(path, json=body, headers=headers)
    assert answer.status_code == 201, (path, answer.text)
    return answer.json()


async def planted(world: Any, region: str) -> dict[str, list[str]]:
    """Ids of what a municipality has, by the parameter that names it; what is public last."""
    manager, county = world.as_("manager", region), world.as_("manager")

    async def made(path: str, **body: Any) -> Any:
        return await _made(world.client, path, body, manager)

    sheet = {
        "number": f"MOB-{region[-2:]}",
        "title": "Radnetz",
        "level": "municipality",
        "regions": [region],
        "owner": region,
        "field": "mobility",
        "type": "technical",
    }
    draft = await _made(world.measures_client, "/v1/measures", sheet, manager)
    public = (await world.measure())["id"]  # the county's
    progress = {**BODIES["create_progress_report"], "period": f"2025-H{1 + (region == SOEST)}"}
    reported = await _made(
        world.client, f"/v1/measures/{public}/progress-reports", progress, county
    )
    delivery = {**BODIES["create_data_delivery"], "region": region, "title": f"Gas {region}"}
    note = await made(f"/v1/regions/{region}/audit-cycle", **BODIES["create_cycle_note"])
    report = {**BODIES["create_report"], "region": region, "year": 2021}
    key = f"werke-{region}"
    target = {**BODIES["create_target"], "region": region, "organisation": key}
    await made("/v1/targets", **{**target, "code": f"ziel-{region}"})
    return {
        "measure_id": [draft["id"], public],
        "progress_report": [reported["id"]],
        "report_id": [(await made("/v1/reports", **report))["id"]],
        "delivery_id": [(await made("/v1/data-deliveries", **delivery))["id"]],
        "note_id": [note["id"]],
        "organisation": [key],
        "region": [region],
    }


class Case(NamedTuple):
    """A request that holds one id of somebody else."""

    of: str
    value: str
    path: str
    body: Any


def _kind(name: str, template: str = "") -> str:
    """What a parameter or a mark names."""
    if name == "report_id" and "progress-reports" in template:
        return "progress_report"
    kinds = {"ags": "region", REGION: "region", ORGANISATION: "organisation"}
    return kinds.get(name, "measure_id" if name == "measure" else name)


def _cases(
    app: Any, operation: Operation, own: dict[str, list[str]], foreign: dict[str, list[str]]
) -> Iterator[Case]:
    template, body = operation.template, BODIES.get(operation.name)
    names = [name for name in re.findall(r"{(\w+)}", template) if name not in SHARED]
    ids = {name: own[_kind(name, template)][-1] for name in names}
    model = model_of(app, operation) if body else None
    for place in reference_fields(model) if model else ():
        if place.path[0] in (body or {}):
            body = put(body, place.path, own[_kind(place.reference.kind)][-1])
    for name in names:
        for value in foreign[_kind(name, template)]:
            yield Case(
                _kind(name, template), value, template.format(**SHARED | ids | {name: value}), body
            )
    for one in reference_values(model, body) if model else ():
        place, kind = tuple(one.pointer.split("/")[1:]), _kind(one.reference.kind)
        for value in foreign[kind]:
            yield Case(kind, value, template.format(**SHARED | ids), put(body, place, value))


def _digest(world: Any) -> list[Any]:
    """What every table holds, but for the last good answers of the other services."""
    with psycopg.connect(world.database.owner_url) as connection:
        return [
            connection.execute(
                b"select md5(string_agg(t::text, '' order by t::text)) from %s t"
                % table.fullname.encode()
            ).fetchone()
            for table in world.app.state.database.metadata.sorted_tables
            if "answer" not in table.name
        ]


async def _send(
    world: Any, operation: Operation, case: Case, headers: dict[str, str]
) -> httpx.Response:
    more = {"If-Match": "*"} if "If-Match" in str(operation.document["parameters"]) else {}
    answer: httpx.Response = await world.client.request(
        operation.method, case.path, headers=headers | more, json=case.body
    )
    return answer


async def test_nothing_of_others_is_written_nor_a_draft_read(own_world: Any) -> None:
    """Who is of Lippstadt, with ids of Soest and of the county; the county itself gets through."""
    world = own_world
    foreign, own = await planted(world, SOEST), await planted(world, LIPPSTADT)
    drafts = {foreign["measure_id"][0], foreign["report_id"][0], foreign["note_id"][0]}
    before, wrong, allowed = _digest(world), [], list[tuple[Operation, Case]]()
    stranger = world.as_("manager", LIPPSTADT)
    for operation in operations(world.app):
        assert operation.name in BODIES or not operation.document.get("requestBody"), operation
        for case in _cases(world.app, operation, own, foreign):
            if not operation.writes and case.value not in drafts and case.of != "note_id":
                continue  # public
            answer = await _send(world, operation, case, stranger)
            if answer.status_code not in {403, 404}:
                wrong.append(f"{operation} {case}: {answer.status_code} {answer.text[:200]}")
            if case.value not in drafts:
                allowed.append((operation, case))
                continue
            other = case._replace(
                path=case.path.replace(case.value, NOTHING),
                body=json.loads(json.dumps(case.body).replace(case.value, NOTHING)),
            )
            said = [answer.text, (await _send(world, operation, other, stranger)).text]
            if said[0].replace(case.value, NOTHING) != said[1]:
                wrong.append(f"{operation} {case} tells of a draft: {said}")
    assert wrong == []
    assert _digest(world) == before
    assert len(allowed) > 10
    county, refused, written = world.as_("manager"), list[str](), set[str]()
    for operation, case in allowed:
        answer = await _send(world, operation, case, county)
        if answer.status_code in {401, 403, 404}:
            refused.append(f"{operation} {case.of}: {answer.text[:200]}")
        elif answer.status_code in {200, 201, 409}:
            written.add(operation.name)
    assert refused == []
    # what is left mixes two regions' things, which nobody writes
    assert written >= {
        "create_budget_entry",
        "create_cycle_note",
        "create_data_delivery",
        "create_evaluation",
        "create_progress_report",
        "create_receipt",
        "create_report",
    }
