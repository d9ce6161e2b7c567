"""Formulas of any content: bounded at entry, and a value or "unknown" when they are computed."""

import ast
import math
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from klima_controlling.formulas.inputs import LABELS
from klima_controlling.formulas.rules import DEEPEST, GREATEST, LONGEST, evaluate, parse
from klima_shared.language.errors import InputError

INPUTS = ("population", "emissions_t_co2e", "area_ha")
numbers = st.one_of(
    st.integers(min_value=0).map(str),
    st.integers(0, 390).map(lambda digits: "9" * digits),
    st.floats(min_value=0, allow_nan=False).map(repr),
    st.sampled_from(["1e400", "1e308", "5e-324", "0", "0.0", "0x10", "1_000", "1j", "True"]),
)
formulas = st.recursive(
    st.one_of(numbers, st.sampled_from(INPUTS)),
    lambda parts: st.one_of(
        st.tuples(parts, st.sampled_from(["+", "-", "*", "/", "//", "**", "%"]), parts).map(
            "".join
        ),
        parts.map(lambda part: f"({part})"),
        parts.map(lambda part: f"-{part}"),
        st.tuples(st.integers(1, 395), parts).map(lambda found: "-" * found[0] + found[1]),
        st.tuples(st.integers(1, 250), parts).map(lambda f: "(" * f[0] + f[1] + ")" * f[0]),
    ),
    max_leaves=12,
)
values = st.one_of(
    st.none(), st.floats(), st.integers(-(10**400), 10**400), st.sampled_from([0, 0.0, 5e-324])
)


@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    formula=st.one_of(formulas, st.text(max_size=LONGEST + 5)),
    inputs=st.fixed_dictionaries(dict.fromkeys(INPUTS, values)),
)
def test_any_formula_gives_a_value_or_unknown(formula: str, inputs: dict[str, Any]) -> None:
    outcome = evaluate(formula, inputs)
    if outcome.value is None:
        assert outcome.reason is not None
    else:
        assert math.isfinite(outcome.value)
        assert abs(outcome.value) <= GREATEST


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(formula=formulas)
def test_what_is_accepted_is_bounded(formula: str) -> None:
    try:
        tree = parse(formula)
    except InputError:
        return
    constants = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)]
    assert all(math.isfinite(float(value)) and value <= GREATEST for value in constants)
    assert len(formula) <= LONGEST


@pytest.mark.parametrize(
    ("formula", "says"),
    [
        ("9" * 380, "at most 1e+15"),
        ("1e400", "at most 1e+15"),
        ("population * 1e16", "at most 1e+15"),
        ("-" * (DEEPEST + 1) + "1", f"at most {DEEPEST} deep"),
        ("+".join(["1"] * (DEEPEST + 2)), f"at most {DEEPEST} deep"),
        ("1" + "+1" * LONGEST, f"at most {LONGEST} characters"),
    ],
)
def test_bounds_at_entry(formula: str, says: str) -> None:
    with pytest.raises(InputError) as caught:
        parse(formula)
    assert says in caught.value.text.en


@pytest.mark.parametrize("formula", ["9" * 380, "1e400", "-" * 399 + "1", "(" * 300, "\ud800"])
async def test_a_formula_without_bounds_is_refused_and_a_stored_one_spoils_no_page(
    world: Any, formula: str
) -> None:
    """What an earlier release accepted stands in the database: its indicator is unknown, every
    page answers."""
    body = {
        "code": "Grenze",
        "name_de": "Grenze",
        "name_en": "Bound",
        "unit": "t",
        "kind": "impact",
        "direction": "lower",
        "formula": "population",
    }
    headers = world.as_("manager")
    asked = {**body, "formula": formula}
    if formula.isascii():
        refused = await world.client.post("/v1/indicators", json=asked, headers=headers)
        assert refused.status_code == 422
        assert refused.json()["errors"][0]["pointer"] == "/body/formula"
        assert (
            await world.client.post("/v1/indicators", json=body, headers=headers)
        ).status_code == 201
        with psycopg.connect(world.database.owner_url) as connection:
            connection.execute(
                "update controlling.indicator set formula = %s where code = 'Grenze'", (formula,)
            )
            connection.execute("update controlling.target set metric = %s", (formula,))
    for path in ("/", "/regionen/05974040", "/v1/regions/05974/status", "/v1/targets"):
        assert (await world.client.get(path)).status_code == 200
    found = (await world.client.get("/v1/regions/05974000/indicators")).json()["items"]
    mine = [item for item in found if item["code"] == "Grenze"]
    assert [(item["value"], bool(item["reason"])) for item in mine] == [(None, True)] * len(mine)


def test_shipped_inputs_are_formulas() -> None:
    assert all(evaluate(name, {name: 1.0}).value == 1.0 for name in LABELS)


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("0-0-0", 0.0),
        ("--1", 1.0),
        ("-0", 0.0),
        ("1/0", None),
        ("0/0", None),
        ("population/(population-population)", None),
        ("1e400", None),
        ("1e15*1e15", None),
        ("-1e15-1e15", None),
        ("1/5e-324", None),
        ("population/1e-320", None),
    ],
)
def test_odd_formulas_by_hand(formula: str, value: float | None) -> None:
    """A value, or unknown with its reason."""
    outcome = evaluate(formula, {"population": 1.0})
    assert outcome.value == value
    assert (outcome.reason is None) == (value is not None)


@pytest.mark.parametrize(
    "formula", ["0-0-0", "--1", "1/0", "1e400", "population/0", "--population"]
)
async def test_odd_formulas_over_http(world: Any, formula: str) -> None:
    """Stored by SQL, where entry refuses them, too: never a 5xx where indicators are shown."""
    body = {
        "code": "Probe",
        "direction": "lower",
        "kind": "impact",
        "name_de": "Probe",
        "name_en": "Probe",
        "unit": "1",
        "formula": formula,
    }
    entered = await world.client.post("/v1/indicators", json=body, headers=world.as_("manager"))
    assert entered.status_code in {201, 422}, entered.text
    with psycopg.connect(world.database.owner_url) as connection:
        connection.execute(
            "update controlling.indicator set formula = %s where code = 'THG_EW_gesamt'", [formula]
        )
    answer = await world.client.get("/v1/regions/05974040/indicators")
    assert answer.status_code == 200, answer.text
    (shown,) = [i for i in answer.json()["items"] if i["code"] == "THG_EW_gesamt"]
    assert shown["value"] is not None or shown["reason"]
    assert (await world.client.get("/regionen/05974040")).status_code == 200
