"""What one service reads of another is what the other writes: every type of `klima_shared.wire`
against the shape of the operation it belongs to, field by field."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, TypeAlias, get_args, get_origin

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts
from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema
from typing_extensions import get_type_hints, is_typeddict

from klima_balance.balances.rules.document import document
from klima_balance.engine.balance import start_balances
from klima_balance.engine.figures import figures_of
from klima_balance.engine.observations import wide
from klima_balance.method import load_method
from klima_controlling.base.model import Assessment
from klima_shared.upstream.model import Page
from klima_shared.wire import balance, measures, meta

Schema: TypeAlias = Mapping[str, Any]

READ: dict[tuple[str, str], Any] = {
    ("balance", "/v1/regions"): Page[balance.RegionDocument],
    ("balance", "/v1/regions/{ags}"): balance.RegionDocument,
    ("balance", "/v1/regions/{ags}/balances"): Page[balance.BalanceHead],
    ("balance", "/v1/regions/{ags}/balances/{year}"): balance.BalanceDocument,
    ("balance", "/v1/regions/{ags}/balances/{year}/uncertainty"): balance.BalanceBands,
    ("balance", "/v1/regions/{ags}/timeseries"): balance.Timeseries,
    ("balance", "/v1/comparisons"): balance.Comparison,
    ("balance", "/v1/scenarios"): Page[balance.ScenarioHead],
    ("balance", "/v1/scenarios/{scenario_id}/uncertainty"): balance.ScenarioBands,
    ("balance", "/v1/climate-targets"): balance.ClimateTargets,
    ("balance", "/v1/organisations"): Page[balance.OrganisationDocument],
    ("balance", "/v1/organisations/{organisation_id}"): balance.OrganisationDocument,
    ("balance", "/v1/organisations/{organisation_id}/timeseries"): balance.OrganisationSeries,
    ("measures", "/v1/measures"): Page[measures.ListedMeasure],
    ("measures", "/v1/measures/{measure_id}"): measures.MeasureSheet,
}
REPORTED: dict[str, Any] = {
    "/v1/measures/{measure_id}/evaluations": measures.EvaluationReport,
    "/v1/measures/{measure_id}/status-reports": measures.StatusReport,
}
ALWAYS = "read at times, written always"
YEAR = "balance /v1/regions/{ags}/balances/{year} "
SHEET = "measures /v1/measures/{measure_id} "
# Every difference there is. A new one is a mistake on one side; one that is gone is taken out.
TOLERATED = {
    # a copy that an earlier release wrote has no such mark
    f"balance /v1/regions/{{ags}}/balances .items[].provisional: {ALWAYS}",
    f"{YEAR}.provisional: {ALWAYS}",
    f"balance /v1/regions/{{ags}}/timeseries .breaks[].delivered: {ALWAYS}",
    f"balance /v1/regions/{{ags}}/timeseries .breaks[].change_t_co2e: {ALWAYS}",
    f"{YEAR}.totals.process_ets_t_co2: {ALWAYS}",
    f"{YEAR}.totals.waste_t_co2e: {ALWAYS}",
    f"{YEAR}.sectors[].data_quality: {ALWAYS}",
    f"{SHEET}.costs[].recurring: {ALWAYS}",
    # the last page, and a list in one page, may leave it out
    f"balance /v1/organisations .next: {ALWAYS}",
    f"balance /v1/regions .next: {ALWAYS}",
    f"balance /v1/regions/{{ags}}/balances .next: {ALWAYS}",
    f"balance /v1/scenarios .next: {ALWAYS}",
    f"measures /v1/measures .next: {ALWAYS}",
    # one type for a region in a list and by itself
    "balance /v1/regions .items[].area_km2: is not written",
    "balance /v1/regions .items[].population: is not written",
    f"balance /v1/regions .items[].parent: {ALWAYS}",
    f"balance /v1/regions/{{ags}} .area_km2: {ALWAYS}",
    f"balance /v1/regions/{{ags}} .parent: {ALWAYS}",
    f"balance /v1/regions/{{ags}} .population: {ALWAYS}",
    # the API leaves open which blocks there are and what their rows say; their test is below
    f"{YEAR}.blocks.land_use: read always, written at times",
    f"{YEAR}.blocks.land_use[]: names are left open",
    f"{YEAR}.blocks.process_ets[]: names are left open",
    f"{YEAR}.blocks.renewables: read always, written at times",
    f"{YEAR}.blocks.renewables[]: names are left open",
    # null in drafts only, which no other service reads
    f"{YEAR}.published_at: reads string, written null|string",
    f"{YEAR}.version: reads integer, written integer|null",
    # readers that accept more than is written
    f"{YEAR}.sectors[].emissions_t_co2e: reads null|number, written number",
    f"{YEAR}.sectors[].final_energy_mwh: reads null|number, written number",
    f"{SHEET}.savings[].emissions_t_co2e: {ALWAYS}",
    f"{SHEET}.savings[].evidence: {ALWAYS}",
    f"{SHEET}.savings[].overlap_group: {ALWAYS}",
    f"{SHEET}.savings[].sector: {ALWAYS}",
    f"{SHEET}.staff[].days: {ALWAYS}",
    f"{SHEET}.staff[].days: reads null|number|string, written null|string",
    f"{SHEET}.staff[].year: {ALWAYS}",
}


class Complete(GenerateJsonSchema):
    """A field with a default is in every answer, too."""

    def field_is_required(self, field: Any, total: bool) -> bool:
        if field["type"] == "typed-dict-field":
            return super().field_is_required(field, total)
        return True


@cache
def app_of(service: str) -> FastAPI:
    settings = importlib.import_module(f"klima_{service}.settings").Settings
    app: FastAPI = importlib.import_module(f"klima_{service}.app").create_app(
        settings(environment="test", database_url="postgresql+psycopg://nobody@127.0.0.1:1/none")
    )
    return app


def answer_of(service: str, path: str) -> Schema:
    """The schema of what a GET answers."""
    (route,) = (
        context
        for context in iter_route_contexts(app_of(service).routes)
        if context.path == path and "GET" in (context.methods or ())
    )
    assert isinstance(route.original_route, APIRoute)
    assert not route.original_route.response_model_exclude_unset
    assert not route.original_route.response_model_exclude_none
    return schema_of(route.original_route.response_model)


def schema_of(shape: Any) -> Schema:
    return TypeAdapter(shape).json_schema(mode="serialization", schema_generator=Complete)


def body_of(path: str) -> Schema:
    """The schema of what a POST to the measures service accepts."""
    document = app_of("measures").openapi()
    body = document["paths"][path]["post"]["requestBody"]["content"]["application/json"]
    return {**document, **body["schema"]}


def resolved(schema: Schema, root: Schema) -> Schema:
    while "$ref" in schema:
        found: Any = root
        for name in schema["$ref"].removeprefix("#/").split("/"):
            found = found[name]
        schema = found
    return schema


def kinds(schema: Schema, root: Schema) -> dict[str, Schema]:
    """`{JSON type: schema}` of the alternatives."""
    schema = resolved(schema, root)
    found: dict[str, Schema] = {}
    for alternative in schema.get("anyOf", ()):
        found |= kinds(alternative, root)
    return found or {schema["type"]: schema}


def values_of(schema: Schema) -> Schema | None:
    """The schema of the values of an object whose names are data."""
    patterns: dict[str, Schema] = schema.get("patternProperties", {})
    if patterns:
        return next(iter(patterns.values()))
    more = schema.get("additionalProperties")
    return more if isinstance(more, dict) else None


def differences(
    reader: Schema, writer: Schema, roots: tuple[Schema, Schema], place: str
) -> Iterator[str]:
    """Where the writer's schema is not what the reader's says, as `place: what`."""
    ours, theirs = kinds(reader, roots[0]), kinds(writer, roots[1])
    if set(ours) != set(theirs):
        yield f"{place}: reads {'|'.join(sorted(ours))}, written {'|'.join(sorted(theirs))}"
    for kind in sorted(set(ours) & set(theirs)):
        one, other = ours[kind], theirs[kind]
        if kind == "array":
            yield from differences(one["items"], other["items"], roots, f"{place}[]")
        if kind == "object":
            yield from _of_objects(one, other, roots, place)


def _of_objects(
    one: Schema, other: Schema, roots: tuple[Schema, Schema], place: str
) -> Iterator[str]:
    required, written = set(one.get("required", ())), set(other.get("required", ()))
    offered: Schema = other.get("properties", {})
    data = values_of(other)
    if not offered and other.get("additionalProperties") is True:
        yield f"{place}: names are left open"
        return
    for name, field in one.get("properties", {}).items():
        at = f"{place}.{name}"
        if name not in offered and data is None:
            yield f"{at}: is not written"
            continue
        if (name in required) != (name in written):
            told = ["at times", "always"]
            yield f"{at}: read {told[name in required]}, written {told[name in written]}"
        if name in offered or data:
            yield from differences(field, offered.get(name, data), roots, at)
    if "properties" not in one:
        inner = values_of(one)
        if inner is None or data is None:
            yield f"{place}: names are data on one side only"
        else:
            yield from differences(inner, data, roots, f"{place}{{}}")


def all_differences() -> set[str]:
    found: set[str] = set()
    for (service, path), shape in READ.items():
        reader, writer = schema_of(shape), answer_of(service, path)
        found |= set(differences(reader, writer, (reader, writer), f"{service} {path} "))
    return found


def test_what_is_read_is_what_is_written() -> None:
    assert all_differences() == TOLERATED


@pytest.mark.parametrize("path", REPORTED)
def test_what_is_reported_is_accepted(path: str) -> None:
    sent, accepted = schema_of(REPORTED[path]), body_of(path)
    properties = resolved(accepted, accepted)["properties"]
    assert set(resolved(accepted, accepted)["required"]) <= set(sent["required"])
    for name, field in sent["properties"].items():
        assert set(kinds(field, sent)) <= set(kinds(properties[name], accepted)), name


BLOCKS: dict[str, Any] = {
    "land_use": balance.LandRow,
    "process_ets": balance.SiteRow,
    "renewables": balance.PlantRow,
}


def block_rows() -> Iterator[tuple[str, Mapping[str, object]]]:
    """(block, row) of documents as the engine writes them: counted, missing, and delivered rows."""
    method = load_method()
    plant = {"region": "05974040", "year": 2021, "sector": "renewables", "carrier": "wind"}
    told = {"quantity_mwh": 3.0, "status": "measured", "grade": "A"}
    statistics = wide(method.statistics, 2021)
    whole = start_balances(statistics, method, 2021, local=figures_of([plant | told]))
    gaps = dict.fromkeys(
        ("forest_ha", "agricultural_area_ha", "wind_kw", "pv_kw", "ets_industry_t")
    )
    rows = method.statistics[~method.statistics["statistic"].isin(gaps)]
    for balances in (whole, start_balances(wide(rows, 2021), method, 2021)):
        for region in balances.regions:
            blocks = document(balances, str(region))["blocks"]
            yield from ((block, row) for block in BLOCKS for row in blocks[block])


def test_the_rows_of_blocks_are_read_as_they_are_written() -> None:
    names = {type(None): "null", str: "string", int: "number", float: "number", bool: "boolean"}
    written: dict[str, dict[str, set[str]]] = {block: {} for block in BLOCKS}
    for block, row in block_rows():
        TypeAdapter(BLOCKS[block]).validate_python(row, strict=True)
        for name, value in row.items():
            written[block].setdefault(name, set()).add(names[type(value)])
    found = set()
    for block, shape in BLOCKS.items():
        reader = schema_of(shape)
        for name, field in reader["properties"].items():
            ours, theirs = set(kinds(field, reader)), written[block].get(name, set())
            if ours != theirs:
                found.add(f"{block}.{name}: reads {sorted(ours)}, written {sorted(theirs)}")
    # A row of plants whose power is not known has no field for it.
    assert found == {"renewables.installed_kw: reads ['null', 'number'], written ['number']"}


def test_a_light_has_the_same_words_on_both_sides() -> None:
    accepted = body_of("/v1/measures/{measure_id}/status-reports")
    light = resolved(accepted, accepted)["properties"]["assessment"]
    assert resolved(light, accepted)["enum"] == [word.value for word in Assessment]


def test_every_wire_type_is_compared() -> None:
    seen = {
        type_.__name__ for shape in [*READ.values(), *REPORTED.values()] for type_ in within(shape)
    }
    declared = {
        value.__name__
        for module in (balance, measures, meta)
        for value in vars(module).values()
        if is_typeddict(value)
    }
    assert declared == seen - {"Page"}


def within(shape: Any) -> Iterator[Any]:
    """The typed dicts a shape consists of."""
    origin = get_origin(shape)
    if is_typeddict(shape) or is_typeddict(origin):
        yield origin or shape
        for field in get_type_hints(origin or shape).values():
            yield from within(field)
    for part in get_args(shape):
        yield from within(part)
