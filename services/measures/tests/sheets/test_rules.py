"""The rules of a sheet without a database: types, derived values, status, phases, savings, links,
words."""

from __future__ import annotations

import json
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from klima_measures.base.model.context import Fields, FurtherField
from klima_measures.base.model.declared import declared
from klima_measures.sheets.model.codes import Criterion, Horizon, Priority
from klima_measures.sheets.model.sheet import Sheet, owner_of, years_of
from klima_measures.sheets.rules import search
from klima_measures.sheets.rules import workflow as phases
from klima_measures.sheets.rules.derived import STEPS, WEIGHTS, horizon, intermunicipal, priority
from klima_measures.sheets.rules.documents import PUBLIC_FIELDS, differences, public_form
from klima_measures.sheets.rules.links import circle
from klima_measures.sheets.rules.status import spans, status
from klima_measures.sheets.rules.sums import (
    Saving,
    check,
    claims,
    counted_once,
    effort,
    sums,
    yearly_effect,
)
from klima_shared.codes.action import MeasureStatus, Phase
from klima_shared.codes.energy import Sector

BASE: dict[str, Any] = {
    "number": "A-1",
    "title": "Titel",
    "level": "county",
    "regions": [],
    "field": "mobility",
    "type": "technical",
}


def sheet(**change: Any) -> Sheet:
    return Sheet.model_validate_json(json.dumps(BASE | change, default=str))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"title": "x" * 121}, "120"),
        ({"short_text": "x" * 301}, "300"),
        ({"title": "<script>alert(1)</script>"}, "HTML"),
        ({"goal": "Klick <a href='x'>hier</a>"}, "HTML"),
        ({"description": "Fragen an erika.muster@example.org"}, "mail address"),
        ({"actors": [{"name": "erika(at)example.org"}]}, "mail address"),
        ({"costs": [{"year": 2027, "kind": "staff", "amount_eur": "-1.00"}]}, "below zero"),
        ({"costs": [{"year": 2027, "kind": "staff", "amount_eur": 5}]}, "quotation marks"),
        ({"costs": [{"year": 2027, "kind": "staff", "amount_eur": "1.001"}]}, "2 after"),
        ({"milestones": [{"title": "M", "due": "2027-01-01", "state": "done"}]}, "done_at"),
        ({"milestones": [{"title": "M", "due": "2027-01-01", "done_at": "2027-01-01"}]}, "done_at"),
        ({"planned_start": "2027-01-02", "planned_end": "2027-01-01"}, "before"),
        ({"level": "municipality", "regions": []}, "municipality"),
        ({"level": "municipality", "regions": ["05974000"]}, "municipality"),
        ({"regions": ["05974040", "05974040"]}, "twice"),
        ({"regions": [5974040]}, "quotation marks"),
        ({"regions": ["05974040", "05974028"], "quarter": str(uuid4())}, "exactly one"),
        ({"regions": ["05974040", "05974028"], "owner": "05974040"}, "owner"),
        ({"continuous": True, "planned_end": "2027-01-01"}, "continuous"),
        (
            {
                "not_quantifiable": {"reason": "indirekt"},
                "savings": [{"year": None, "affects_bisko": True}],
            },
            "not both",
        ),
        ({"scores": [{"criterion": "saving", "points": 3, "reason": "x"}] * 2}, "twice"),
        ({"unknown": 1}, "Extra"),
        ({"contact": {"function": "K", "email": "no address"}}, "pattern"),
    ],
)
def test_a_wrong_sheet_is_refused_with_its_reason(change: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError) as refused:
        sheet(**change)
    assert said in str(refused.value)


def test_less_than_signs_are_ordinary_text() -> None:
    assert sheet(goal="Unter 5 t: x < 5 und y <= 3").goal.startswith("Unter")


def test_null_is_not_zero() -> None:
    known = sheet(costs=[{"year": 2027, "kind": "staff", "amount_eur": "0.00"}])
    unknown = sheet(costs=[{"year": 2027, "kind": "staff", "amount_eur": None}])
    once = [effort(one.costs).once.known_eur for one in (known, unknown, sheet())]
    assert once == [0, None, None]
    assert effort(unknown.costs).once.unknown == 1
    assert yearly_effect(
        sheet(savings=[{"year": None, "emissions_t_co2e": 0.0, "affects_bisko": True}])
    ) == (None, 0.0)


@pytest.mark.parametrize(
    ("level", "regions", "expected"),
    [
        ("county", [], True),
        ("county", ["05974040"], True),
        ("municipality", ["05974040"], False),
        ("municipality", ["05974040", "05974028"], True),
        ("organisation", [], False),
        ("organisation", ["05974000"], False),
    ],
)
def test_intermunicipal_is_derived(level: str, regions: list[str], expected: bool) -> None:
    assert intermunicipal(sheet(level=level, regions=regions)).value is expected


def test_the_owner_is_the_one_municipality_or_the_county() -> None:
    county = "05974000"
    assert owner_of(sheet(level="municipality", regions=["05974040"]), county) == "05974040"
    assert owner_of(sheet(level="municipality", regions=["05974040", "05974028"]), county) == county
    assert owner_of(sheet(regions=["05974040"]), county) == county


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        ("2024-02-29", Horizon.SHORT),
        ("2027-02-28", Horizon.SHORT),
        ("2027-03-01", Horizon.MEDIUM),
        ("2031-02-28", Horizon.MEDIUM),
        ("2031-03-01", Horizon.LONG),
    ],
)
def test_horizon_borders_are_three_and_seven_years(start: str, expected: Horizon) -> None:
    found = horizon(sheet(planned_start=start, horizon_stated="long"), date(2024, 2, 29))
    assert found.value is expected
    assert found.inputs["stated"] == "long"


def test_without_dates_the_horizon_is_what_the_concept_states() -> None:
    assert (
        horizon(sheet(horizon_stated="medium", planned_start="2027-01-01"), None).value
        is Horizon.MEDIUM
    )
    assert horizon(sheet(), date(2024, 1, 1)).value is None


def test_priority_follows_from_stated_weights() -> None:
    assert sum(WEIGHTS.values()) == 100
    assert set(WEIGHTS) == set(Criterion)
    scores = [{"criterion": c.value, "points": 4, "reason": "x"} for c in Criterion]
    scores[0]["points"] = 5  # saving: 4 + 0.3
    found = priority(sheet(scores=scores, priority_stated="low"))
    assert found.inputs["weighted_mean"] == 4.3
    assert found.value is Priority.VERY_HIGH
    few = priority(
        sheet(
            scores=[{"criterion": "visibility", "points": 5, "reason": "x"}], priority_stated="low"
        )
    )
    assert few.value is Priority.LOW
    assert "saving" in few.inputs["missing"]
    assert priority(sheet()).value is None
    assert [lowest for lowest, _ in STEPS] == sorted((lowest for lowest, _ in STEPS), reverse=True)


TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("phase", "change", "expected"),
    [
        ("idea", {}, "not_started"),
        ("decided", {"planned_start": "2026-11-22"}, "not_started"),
        ("decided", {"planned_start": "2026-11-21"}, "late"),
        ("in_implementation", {}, "unknown"),
        ("in_implementation", {"milestones": [{"title": "M", "due": "2026-11-22"}]}, "on_track"),
        ("in_implementation", {"milestones": [{"title": "M", "due": "2026-11-21"}]}, "at_risk"),
        ("in_implementation", {"milestones": [{"title": "M", "due": "2026-10-23"}]}, "at_risk"),
        ("in_implementation", {"milestones": [{"title": "M", "due": "2026-10-22"}]}, "late"),
        (
            "in_implementation",
            {
                "milestones": [
                    {"title": "M", "due": "2026-10-22", "done_at": "2026-11-01", "state": "done"}
                ]
            },
            "on_track",
        ),
        (
            "in_implementation",
            {"status_reports": [{"reported_on": "2026-11-01", "assessment": "at_risk"}]},
            "at_risk",
        ),
        (
            "in_implementation",
            {"status_reports": [{"reported_on": "2026-01-01", "assessment": "at_risk"}]},
            "unknown",
        ),
        ("in_implementation", {"planned_end": "2026-11-21"}, "late"),
        ("completed", {}, "achieved"),
        ("completed", {"milestones": [{"title": "M", "due": "2026-01-01"}]}, "unknown"),
        ("postponed", {"milestones": [{"title": "M", "due": "2026-01-01"}]}, "unknown"),
        (
            "idea",
            {"status_override": {"status": "late", "reason": "x", "expires_on": "2026-11-22"}},
            "late",
        ),
        (
            "idea",
            {"status_override": {"status": "late", "reason": "x", "expires_on": "2026-11-21"}},
            "not_started",
        ),
    ],
)
def test_status_of_the_day(phase: str, change: dict[str, Any], expected: str) -> None:
    found = status(sheet(**change), Phase(phase), TODAY)
    assert found.value == expected
    assert found.rule.de
    assert found.inputs["phase"] == phase


days = st.dates(date(2024, 1, 1), date(2028, 12, 31))


@given(
    due=st.lists(days, max_size=4),
    done=st.booleans(),
    reports=st.lists(days, max_size=2),
    start=st.none() | days,
    until=st.none() | days,
    phase=st.sampled_from(list(Phase)),
    today=days,
)
def test_the_stored_spans_say_what_the_rule_says_on_every_day(
    due: list[date],
    done: bool,
    reports: list[date],
    start: date | None,
    until: date | None,
    phase: Phase,
    today: date,
) -> None:
    milestones = [{"title": "M", "due": d} for d in due]
    if done and due:
        milestones[0] |= {"done_at": due[0], "state": "done"}
    one = sheet(
        milestones=milestones,
        status_reports=[{"reported_on": d, "assessment": "at_risk"} for d in reports],
        planned_start=start,
        planned_end=max(start, date(2027, 1, 1)) if start else None,
        status_override={"status": "late", "reason": "x", "expires_on": until} if until else None,
    )
    starts, statuses = spans(one, phase)
    here = [value for day, value in zip(starts, statuses, strict=True) if day <= today][-1]
    assert here is status(one, phase, today).value


def test_every_phase_guard() -> None:
    def refused(
        of: Sheet, a: str, b: str, reason: str | None = None, superseded: bool = False
    ) -> list[str]:
        move = phases.Move(Phase(a), Phase(b), reason, TODAY, superseded)
        return [text.en for text in phases.refusals(of, move)]

    decided = {"decisions": [{"body": "Kreistag", "decided_on": "2026-01-01"}]}
    done = decided | {
        "actual_end": "2026-01-01",
        "evaluations": [{"evaluated_on": "2026-02-01", "by": "Controlling"}],
    }
    merged = {"links": [{"kind": "merged_into", "measure": str(uuid4())}]}
    assert not refused(sheet(), "idea", "examined")
    assert "no way" in refused(sheet(**decided), "idea", "decided")[0]
    assert "decision" in refused(sheet(), "examined", "decided")[0]
    assert not refused(sheet(**decided), "examined", "decided")
    assert len(refused(sheet(**decided), "in_implementation", "completed")) == 2
    assert not refused(sheet(**done), "in_implementation", "completed")
    assert not refused(sheet(**done), "completed", "made_permanent")
    for out in ("rejected", "postponed"):
        assert "reason" in refused(sheet(), "idea", out)[0]
        assert "reason" in refused(sheet(), "idea", out, "  ")[0]
        assert not refused(sheet(), "idea", out, "Kein Geld")
    assert "supersedes" in refused(sheet(), "idea", "replaced")[0]
    assert not refused(sheet(), "idea", "replaced", superseded=True)
    assert "merged" in refused(sheet(), "idea", "merged")[0]
    assert not refused(sheet(**merged), "idea", "merged")
    assert "reason" in refused(sheet(**decided), "in_preparation", "decided")[0]
    assert not refused(sheet(**decided), "in_preparation", "decided", "Neu geplant")
    assert "no way" in refused(sheet(), "merged", "idea", "x")[0]


def saving(measure: str, tonnes: float | None, group: str | None = None, **more: Any) -> Saving:
    fields = {
        "field": "mobility",
        "year": None,
        "sector": None,
        "carrier": None,
        "final_energy_mwh": None,
        "affects_bisko": True,
    } | more
    return Saving(measure=measure, emissions_t_co2e=tonnes, overlap_group=group, **fields)


def test_of_an_overlap_group_only_the_largest_measure_counts() -> None:
    rows = [
        saving("a", 10, "g"),
        saving("b", 6, "g"),
        saving("b", 5, "g"),
        saving("c", 1),
        saving("d", None),
    ]
    counted, left_out = counted_once(rows)
    assert {row.measure for row in left_out} == {"a"}
    total = sums(rows, ("affects_bisko",))[(True,)]
    assert (total.emissions_t_co2e, total.rows, total.not_counted) == (12, 4, 1)
    assert len(counted) + len(left_out) == len(rows)


@given(
    st.lists(
        st.tuples(st.sampled_from("abcd"), st.floats(0, 1e6), st.sampled_from([None, "g", "h"])),
        max_size=12,
    )
)
def test_counting_once_never_depends_on_the_order(
    rows: list[tuple[str, float, str | None]],
) -> None:
    made = [saving(*row) for row in rows]
    total = sums(made, ("affects_bisko",))
    assert {k: pytest.approx(v.emissions_t_co2e) for k, v in total.items()} == {
        k: v.emissions_t_co2e for k, v in sums(made[::-1], ("affects_bisko",)).items()
    }


def test_savings_outside_the_balance_stay_apart() -> None:
    rows = [saving("a", 10), saving("b", 100, affects_bisko=False)]
    found = sums(rows, ("affects_bisko",))
    assert (found[(True,)].emissions_t_co2e, found[(False,)].emissions_t_co2e) == (10, 100)


def test_a_claim_is_the_largest_year_of_what_the_balance_falls_by() -> None:
    rows = [
        {"year": 2027, "sector": "transport", "emissions_t_co2e": 5.0, "affects_bisko": True},
        {"year": 2028, "sector": "transport", "emissions_t_co2e": 6.0, "affects_bisko": True},
        {"year": 2028, "sector": "transport", "emissions_t_co2e": 1.0, "affects_bisko": True},
        {"year": 2028, "sector": "industry", "emissions_t_co2e": 9.0, "affects_bisko": False},
    ]
    assert claims(sheet(savings=rows)) == {Sector.TRANSPORT: 7.0}
    assert check("05974040", Sector.TRANSPORT, 7, {"transport": 7.0}, 2021).state == "ok"
    assert check("05974040", Sector.TRANSPORT, 7.1, {"transport": 7.0}, 2021).state == "exceeds"
    assert check("05974040", Sector.TRANSPORT, 7.1, None, None).state == "no_balance"


def test_a_circle_of_links_is_found() -> None:
    a, b, c, d = (UUID(int=n) for n in range(4))
    assert circle(a, [b], {b: [c], c: [a]}) == [a, b, c, a]
    assert circle(a, [b], {b: [c], c: [d], d: [b]}) is None
    assert circle(a, [a], {}) == [a, a]


def test_differences_name_the_place() -> None:
    assert differences({"a": [1, {"b": 2}]}, {"a": [1, {"b": 3}], "c": None}) == [("/a/1/b", 2, 3)]
    assert differences({"a": [1]}, {"a": [1, 2]}) == [("/a", [1], [1, 2])]


def test_every_field_is_either_public_or_internal() -> None:
    assert [field.name for field in declared(Sheet)] == list(Sheet.model_fields)
    assert set(Sheet.model_fields) - PUBLIC_FIELDS == {"internal_notes"}


def test_the_public_form_has_no_person() -> None:
    person = {"name": "Erika Muster", "email": "erika@example.org"}
    contact = {
        "function": "Klimaschutz",
        "email": "klima@example.org",
        "public": True,
        "person": person,
    }
    public = public_form(
        sheet(
            contact=contact,
            internal_notes="geheim",
            status_reports=[{"reported_on": "2026-01-01", "assessment": "late", "text": "geheim"}],
        )
    )
    text = public.model_dump_json()
    assert "klima@example.org" in text
    assert "Erika" not in text
    assert "erika@" not in text
    assert "geheim" not in text
    assert public_form(sheet(contact=contact | {"public": False})).contact is None


def test_a_question_becomes_words_in_both_spellings() -> None:
    assert search.asked("Grünflächen & !x") == [["Grünflächen", "Gruenflaechen"], ["x"]]
    assert search.asked("  -- '") == []
    assert (
        search.as_beginning(["Grünflächen", "Gruenflaechen"]) == "Grünflächen:* | Gruenflaechen:*"
    )
    assert search.as_beginning(["Rad"]) == search.as_written(["Rad"]) == "Rad"
    assert search.number_key("MOB-2") < search.number_key("MOB-10")


def test_places_find_own_parts_and_what_one_takes_part_in() -> None:
    def found(regions: list[str], owner: str, region: str) -> bool:
        return bool(
            set(search.region_numbers(regions, owner)) & set(search.numbers_asked_for(region))
        )

    county = "05974000"
    assert found(["05974040"], "05974040", "05974040")
    assert found(["05974040"], county, county)
    assert found([county], county, "05974040")
    assert not found(["05974040"], county, "05974028")
    assert not found([], county, "05974028")
    assert found([], county, county)
    assert found([], county, "05000000")
    assert not found([county], county, "05978004")


def test_years_come_from_dates_or_steps() -> None:
    assert years_of(sheet(planned_start="2027-01-01", planned_end="2029-01-01")) == (2027, 2029)
    assert years_of(
        sheet(steps=[{"title": "S", "starts_on": "2025-01-01", "ends_on": "2026-01-01"}])
    ) == (2025, 2026)
    assert years_of(sheet(planned_start="2027-01-01", continuous=True)) == (2027, None)


def test_further_fields_are_added_after_the_nine_and_never_replace_one() -> None:
    fields = Fields((FurtherField(code="health", de="Gesundheit", en="Health"),))
    assert list(fields.codes())[-1] == "health"
    assert len(list(fields.codes())) == 10
    with pytest.raises(ValueError, match="taken"):
        Fields((FurtherField(code="mobility", de="x", en="x"),))


def test_the_statuses_of_the_domain_are_those_of_the_wire() -> None:
    assert {s.value for s in MeasureStatus} == {
        "not_started",
        "on_track",
        "at_risk",
        "late",
        "achieved",
        "unknown",
    }
