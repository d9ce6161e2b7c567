"""What is answered about a scenario: its levers and assumptions, its yearly results, who brought
them about."""

from __future__ import annotations

from typing import Any

from klima_balance.scenarios.actions.computation import DESCRIPTIONS, TITLES, Found, Model
from klima_balance.scenarios.rules.contributions import METHOD
from klima_balance.scenarios.rules.document import contribution_rows, lever_rows, residual, yearly
from klima_balance.scenarios.rules.lever_table import ScenarioTables
from klima_shared.language.numbers import Lang
from klima_shared.language.text import Text

SPLIT = Text(
    "Beitrag jedes Hebels nach Shapley: der mittlere Effekt über alle Reihenfolgen; die Summe ist die ganze Differenz.",
    "Contribution of each lever by Shapley: the mean effect over all orders; the sum is the whole difference.",
)


def title(found: Found, lang: Lang) -> str:
    return str(found.row["title"]) if found.row is not None else TITLES[found.kind].get(lang)


def head(found: Found, made: Model | None, lang: Lang) -> dict[str, Any]:
    """What identifies a scenario."""
    row = found.row
    start = made.start if made else None
    return {
        "id": found.id,
        "kind": found.kind,
        "title": title(found, lang),
        "description": str(row["description"])
        if row is not None
        else DESCRIPTIONS[found.kind].get(lang),
        "state": "published" if row is None else row["state"],
        "version": found.base_version if row is None else row["version"],
        "revision": None if row is None else row["revision"],
        "based_on": None if row is None else row["based_on"],
        "region": None
        if start is None
        else {
            "ags": start.ags,
            "name": start.region["name"],
            "kind": start.region["kind"],
            "population": start.document["region"]["population"],
        },
        "base_year": found.base_year,
        "horizon": found.horizon,
        "published_at": (start.document["published_at"] if start else None)
        if row is None
        else _time(row["published_at"]),
    }


def _time(value: Any) -> str | None:
    return None if value is None else value.isoformat().replace("+00:00", "Z")


def meta_of(made: Model, tables: ScenarioTables) -> dict[str, Any]:
    """`meta` of the balance, with the edition of the scenario tables and the sources of the
    levers."""
    meta = dict(made.start.document["meta"])
    sources = [*meta["sources"], *(row.source for row in made.levers if row.source)]
    return {
        **meta,
        "sources": list(dict.fromkeys(sources)),
        "scenario_edition": tables.edition,
        "scenario_digest": tables.digest,
        "balance_id": str(made.start.balance_id),
        "balance_version": made.start.version,
    }


def described(found: Found, made: Model, tables: ScenarioTables, lang: Lang) -> dict[str, Any]:
    """A scenario with every lever and every parameter, each with source and certainty."""
    definition = found.definition
    return {
        **head(found, made, lang),
        "levers": lever_rows(made.levers, lang),
        "parameters": [p.to_dict(lang) for p in made.resolved.used],
        "changes": {
            "without": list(definition.without),
            "parameters": dict(definition.parameters),
            "levers": [dict(row) for row in definition.levers],
        },
        "links": links(found),
        "meta": meta_of(made, tables),
    }


def links(found: Found) -> dict[str, str]:
    base = f"/v1/scenarios/{found.id}"
    return {
        "self": base,
        "results": f"{base}/results",
        "contributions": f"{base}/contributions",
        "targets": f"{base}/targets",
        "uncertainty": f"{base}/uncertainty",
        "chart": f"{base}/chart.svg",
        "iamc": f"{base}/iamc.csv",
        "datapackage": f"{base}/datapackage.zip",
    }


def results_of(found: Found, made: Model, tables: ScenarioTables, lang: Lang) -> dict[str, Any]:
    """Every year to the horizon; the first one is the balance itself. With what is left and which
    levers brought it there."""
    years = yearly(made.projection, lang)
    moved = contribution_rows(made.contributions(years=[found.horizon]), lang)
    return {
        "scenario": head(found, made, lang),
        "region": head(found, made, lang)["region"],
        "base_year": found.base_year,
        "horizon": found.horizon,
        "years": years,
        "residual": residual(years[-1]),
        "contributions": {**moved, "method": METHOD, "explanation": SPLIT.get(lang)},
        "meta": meta_of(made, tables),
    }
