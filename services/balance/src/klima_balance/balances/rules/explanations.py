"""A figure explains itself: the activity rows, the factor rows and the arithmetic behind it.

Works on the stored records of `records.run_record` and `records.region_record`; nothing is
recomputed.
"""

import math
from collections.abc import Mapping
from typing import Final, NamedTuple

from klima_balance.balances.rules.local_explanations import described_activity, factor_in_words
from klima_balance.engine.results import BLOCKS
from klima_balance.engine.rows import COUNTED, MISSING, SUPERSEDED
from klima_balance.engine.statistics import ENTERED
from klima_balance.method.expected import one_of
from klima_balance.method.sources import SEPARATOR, source_in
from klima_shared.language.errors import InputError
from klima_shared.language.numbers import MINUS, Lang, exact
from klima_shared.language.text import Text
from klima_shared.wire.json import Json, JsonObject

NO_LABELS: Final[Mapping[str, Text]] = {}
_UNITS: Final = {"renewables": "MWh", "process_ets": "t CO2"}
_FACTOR: Final = (
    "value",
    "unit",
    "source",
    "certainty",
    "year",
    "carried",
    "set",
    "category",
    "gas",
    "note",
)


def explain(
    run: Json,
    record: Json,
    *,
    sector: str | None = None,
    carrier: str | None = None,
    block: str = "bisko",
    language: Lang = "de",
    categories: Mapping[str, Text] = NO_LABELS,
) -> JsonObject:
    """The rows behind a cell, a sector, a carrier or a block; their emissions (of `renewables`:
    MWh) sum to `value`.

    `categories`: labels of local rows' categories (`explain_local.category_labels`); without them
    their codes stand.

    Lists apart, in no sum: `superseded` (defaults behind local data), `missing`, `memo` (shown
    beside the block).
    """
    if block not in BLOCKS:
        raise InputError.at("block", block, one_of(BLOCKS))
    wanted = {"sector": sector, "carrier": carrier}
    result: JsonObject = {"rows": [], "superseded": [], "missing": [], "memo": []}
    for index, state, quantity, key, gaps in record["lines"]:
        line = run["lines"][index]
        if line["block"] != block or any(v is not None and line[k] != v for k, v in wanted.items()):
            continue
        row = _line_row(_Line(run, record, line, quantity, key), language)
        if gaps:
            result["missing"].append(_missing(line, gaps, language))
        if state == MISSING:
            continue
        place = "superseded" if state == SUPERSEDED else "memo" if line["memo"] else "rows"
        if state == COUNTED or (state == SUPERSEDED and quantity is not None):
            result[place].append(row)
    for activity in record["activities"]:
        if activity["block"] == block and all(
            v is None or activity[k] == v for k, v in wanted.items()
        ):
            place = "memo" if activity["kind"] == "memo" else "rows"
            result[place].append(_activity_row(run, record, activity, categories, language))
    measure = "generation_mwh" if block == "renewables" else "emissions_t_co2e"
    energy = [row["final_energy_mwh"] for row in result["rows"] if "final_energy_mwh" in row]
    return {
        "region": record["region"],
        "year": run["year"],
        "block": block,
        **wanted,
        "value": math.fsum(row[measure] for row in result["rows"]),
        "unit": _UNITS.get(block, "t CO2e"),
        "final_energy_mwh": math.fsum(energy) if energy else None,
        "factor_set": run["factor_set"],
        **result,
    }


class _Line(NamedTuple):
    """A line of a run with its quantity and key in a region."""

    run: Json
    record: Json
    line: JsonObject
    quantity: float | None
    key: float | None


def _line_row(one: _Line, language: Lang) -> JsonObject:
    run, record, line, quantity, key = one
    used = _statistics(run, record, line)
    activity: JsonObject = {
        "label": line[f"label_{language}"],
        "quantity": quantity,
        "unit": line["unit"],
        "grade": line["grade"],
        "status": line["status"],
        "source": source_in(
            line["source"]
            or SEPARATOR.join(dict.fromkeys(s["source"] for s in used if s.get("source"))),
            language,
        ),
        "derivation": _derivation(one, language),
    }
    if line["sector"]:
        activity |= {"sector": line["sector"], "carrier": line["carrier"], "group": line["group"]}
    else:
        activity |= {"group": line["group"], "category": line["item"]}
    if line["kind"] == "allocated":
        activity["arithmetic"] = {
            "national_mwh": line["national"],
            "national_year": line["national_year"],
            "key": line["key"],
            "key_region": key,
            "key_germany": line["key_germany"],
        }
    if line["note"]:
        activity["note"] = line["note"]
    if used:
        activity["statistics"] = [
            one | {"source": source_in(one.get("source") or "", language)} for one in used
        ]
        if line["kind"] in ("statistic", "herd") and used[0].get("flag") == ENTERED:
            activity |= {name: used[0][name] for name in ("grade", "status")}
    return _row(activity, factor_in_words(line["factor"], language), quantity, line["block"])


def _activity_row(
    run: Json, record: Json, a: JsonObject, categories: Mapping[str, Text], language: Lang
) -> JsonObject:
    def default() -> str:
        """The arithmetic of the line whose quantity it is."""
        for index, state, quantity, key, _ in record["lines"]:
            line = run["lines"][index]
            if state == SUPERSEDED and all(
                line[n] == a[n] for n in ("block", "sector", "carrier", "group")
            ):
                return _derivation(_Line(run, record, line, quantity, key), language)
        return f"{exact(a['quantity'], language)} MWh"

    activity = described_activity(a, categories, default, language)
    return _row(activity, factor_in_words(a["factor"], language), a["quantity"], a["block"])


def _row(
    activity: JsonObject, factor: JsonObject | None, quantity: float | None, block: str
) -> JsonObject:
    amount = quantity or 0.0
    row: JsonObject = {
        "activity": activity,
        "factor": {k: factor[k] for k in _FACTOR} if factor else None,
    }
    row["emissions_t_co2e"] = amount * factor["t_per_unit"] if factor else 0.0
    if block == "renewables":
        row["generation_mwh"] = amount
    elif activity["unit"] == "MWh":
        row["final_energy_mwh"] = amount
    return row


def _missing(line: JsonObject, gaps: int, language: Lang) -> JsonObject:
    return {
        "label": line[f"label_{language}"],
        "sector": line["sector"],
        "carrier": line["carrier"],
        "group": line["group"],
        "category": line["item"],
        "key": line["key"],
        "status": "missing",
        "members": gaps,
    }


def _statistics(run: Json, record: Json, line: JsonObject) -> list[JsonObject]:
    """The official figures of the region behind a line (of a sum: none, they are its members')."""
    known = record.get("statistics", {})
    named = run["keys"].get(line["key"])
    names = named["statistics"].split(";") if named else _PARTS.get(line["key"], (line["key"],))
    return [{"statistic": name, **known[name]} for name in names if name in known]


_PARTS: Final = {
    "forest_ha": (
        "forest_ha",
        "forest_deciduous_ha",
        "forest_coniferous_ha",
        "forest_mixed_ha",
        "afforested_ha",
    ),
    "moor_ha": ("moor_ha", "rewetted_ha"),
    "settlement_and_traffic_ha": ("settlement_area_ha", "traffic_area_ha"),
    "cropland_ha": ("cropland_ha", "grassland_ha", "agricultural_area_ha"),
}


def _derivation(one: _Line, language: Lang) -> str:
    run, record, line, quantity, key = one
    kind, en = line["kind"], language == "en"

    def n(value: float | None) -> str:
        return "?" if value is None else exact(value, language)

    if kind == "allocated":
        named = run["keys"][line["key"]]
        where = f"Germany {line['national_year']}" if en else f"Deutschland {line['national_year']}"
        share = (
            f"{n(key)} / {n(line['key_germany'])} {named['unit']} ({named[f'label_{language}']})"
        )
        text = f"{n(line['national'])} MWh ({where}) x {share}"
    elif kind == "heat_pump":
        text = f"{MINUS} {n(key)} MWh {'heat' if en else 'Wärme'} / {n(line['hours'])}"
    elif kind == "generation":
        text = f"{n(key)} kW x {n(line['hours'])} h / 1000"
    elif kind == "herd" and key:
        state = record.get("state", {})
        heads, area = state.get(line["key"]), state.get("agricultural_area_ha")
        text = (
            f"{n(heads)} {'heads of the state' if en else 'Tiere des Landes'} x {n(key)} ha /"
            f" {n(area)} ha"
            if heads is not None
            else f"{n(quantity)} "
            + (
                "(state herd by agricultural area)"
                if en
                else "(Landesbestand nach Landwirtschaftsfläche)"
            )
        )
    else:
        text = f"{n(quantity)} {line['unit']}"
    members = record.get("members")
    if members is None:
        return text
    count = len(members["regions"])
    return text + (f", sum of {count} municipalities" if en else f", Summe von {count} Gemeinden")
