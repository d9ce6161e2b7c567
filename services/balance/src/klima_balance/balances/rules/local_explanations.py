"""What is beside the lines of all regions, told to a reader: local rows, own networks, facilities
taken off commerce."""

from collections.abc import Callable, Mapping
from typing import Final

from klima_balance.engine.figures import FLEET, FLEET_LABEL
from klima_balance.engine.waste import WASTE, WASTE_KINDS
from klima_balance.figures.rules import FACILITIES
from klima_balance.heat.rules import in_words
from klima_balance.method.model import Method
from klima_balance.method.sources import source_in
from klima_shared.codes.energy import Carrier
from klima_shared.language.numbers import Lang
from klima_shared.language.text import Label, Text
from klima_shared.wire.json import JsonObject

# What a record says in English is of older records, too: its kind is what counts.
_DERIVATIONS: Final = {
    "local": Label("vor Ort erhoben", "local figure"),
    "memo": Text("of which: contained in transport, not added"),
    "municipal": Text(
        "municipal facilities are contained in the figure of commerce and stand in a sector of "
        "their own"
    ),
}
_NETWORK: Final = Text(", with the factor of the own network")


def category_labels(method: Method) -> dict[str, Label]:
    """Categories of local rows by code: modes of transport, municipal facilities, the fleet,
    technologies."""
    rows = [*method.required_cells.to_dict("records"), *method.full_load_hours.to_dict("records")]
    found = {
        str(row.get("category") or row.get("technology")): Label(
            str(row["label_de"]), str(row["label_en"])
        )
        for row in rows
        if row.get("category") or row.get("technology")
    }
    return (
        found
        | WASTE_KINDS
        | {code: Label(*labels) for code, labels in FACILITIES.items()}
        | {FLEET: FLEET_LABEL, "road": Label("Straße", "road"), "rail": Label("Schiene", "rail")}
    )


def described_activity(
    a: JsonObject, categories: Mapping[str, Text], default: Callable[[], str], language: Lang
) -> JsonObject:
    """The activity of a stored local row. `default`: the arithmetic of the line that a network
    factor replaces."""
    carrier = Carrier(a["carrier"]).label(language) if a["carrier"] else ""
    category = (
        categories[a["category"]].get(language) if a["category"] in categories else a["category"]
    )
    network = a["kind"] == "heat_supply"
    derivation = (
        default() + _NETWORK.get(language) if network else _DERIVATIONS[a["kind"]].get(language)
    )
    return {
        "label": ", ".join(part for part in (carrier, category) if part),
        "quantity": a["quantity"],
        "unit": "t CO2e" if a["block"] == WASTE else "MWh",
        "grade": a["grade"],
        "status": a["status"],
        "source": a["source"],
        "derivation": derivation,
        "sector": a["sector"],
        "carrier": a["carrier"],
        "group": a["group"],
        "category": a["category"],
    }


def factor_in_words(factor: JsonObject | None, language: Lang) -> JsonObject | None:
    """The factor with its source in the reader's language; an own factor of district heat says in
    words which way served each network."""
    if factor is None:
        return None
    if factor["set"] != "local":
        return factor | {"source": source_in(factor["source"], language)}
    return factor | {"source": in_words(factor["source"], language)}
