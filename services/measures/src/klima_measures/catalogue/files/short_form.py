"""The short form in which example sheets are written (German keys, one saving, one cost): to the
full sheet.

The form says less than a sheet holds. What it does not say stays unknown: costs get no year, a
share of a post no days.
"""

import json
import re
from calendar import monthrange
from datetime import date
from importlib.resources import files
from typing import Final

from klima_shared.wire.json import Json

# The words of the short form and what the sheet has for them.
WORDS: Final = json.loads(
    files("klima_measures.catalogue.files").joinpath("short_form.json").read_text("utf-8")
)
DECIDED: Final = {"decided", "in_implementation"}


def is_short(entry: Json) -> bool:
    return "handlungsfeld" in entry


def sheet_of(entry: Json, top: Json) -> dict[str, object]:
    """The sheet (JSON-like, with `phase`; links by number, programmes by name) of an entry in the
    short form.

    `top` holds what is said once for the file: municipalities, concept, the decision of examples.
    Raises `KeyError` with the word that is not known.
    """
    phase = WORDS["phases"][entry["status"]]
    everyone = [one["ags"] for one in top.get("regions", ()) if one["kind"] == "municipality"]
    communes = entry.get("communes", [])
    sheet: dict[str, object] = {
        "number": entry["id"],
        "title": entry["title"],
        "concept": str(top.get("concept", "2.0")),
        "example": bool(top.get("example", False)),
        "level": WORDS["levels"][entry["level"]],
        "regions": everyone if communes == "all" else list(communes),
        "field": WORDS["fields"][entry["handlungsfeld"]],
        "type": WORDS["types"][entry["type"]],
        "sectors": [entry["sector"]] if entry.get("sector") else [],
        "goal": entry.get("goal", ""),
        "initial_situation": entry.get("baseline", ""),
        "description": entry.get("description", ""),
        "initiator": entry.get("initiator"),
        "actors": [{"name": name} for name in entry.get("actors", ())],
        "target_groups": list(entry.get("target_groups", ())),
        "continuous": str(entry.get("duration", "")).startswith("dauerhaft"),
        "precision": "month",
        "duration": str(entry.get("duration", "")),
        "horizon_stated": WORDS["horizons"][entry["introduction"]],
        "priority_stated": WORDS["priorities"][entry["priority"]],
        "steps": [_step(step) for step in entry.get("steps", ())],
        "milestones": [_milestone(milestone) for milestone in entry.get("milestones", ())],
        "indicators": [_indicator(indicator) for indicator in entry.get("indicators", ())],
        "strategy": entry.get("strategy"),
        "links": [
            {"kind": "accompanies", "measure": number} for number in entry.get("flanking", ())
        ],
        "funding": [_funding(row) for row in entry.get("funding", ())],
        "decisions": [top["decision"]] if phase in DECIDED and top.get("decision") else [],
        "origin": _origin(str(entry.get("origin", ""))),
        "phase": phase,
    }
    return sheet | _costs(entry.get("cost", {})) | _savings(entry)


def _month(text: object, *, end: bool) -> str | None:
    """`2024-09` as its first or last day; a date as it is."""
    if text is None or isinstance(text, date):
        return text.isoformat() if text else None
    found = re.fullmatch(r"([0-9]{4})-([0-9]{2})", str(text))
    if found is None:
        return str(text)
    year, month = int(found[1]), int(found[2])
    return date(year, month, monthrange(year, month)[1] if end else 1).isoformat()


def _step(step: Json) -> dict[str, object]:
    return {
        "title": step["title"],
        "starts_on": _month(step.get("from"), end=False),
        "ends_on": _month(step.get("to"), end=True),
        "responsible": step.get("responsible"),
        "state": step.get("state", "open"),
    }


def _rejoined(entry: Json, name: str, known: set[str]) -> str:
    """A text whole again: unquoted in YAML's flow style, "2,5 MWp" falls apart at its comma into 2
    and a key."""
    rest = [str(key) for key, value in entry.items() if key not in known and value is None]
    return ",".join([str(entry.get(name, "")), *rest])


_SAVING: Final = {"energy_mwh_a", "co2e_t_a", "method", "data_quality"}
_MILESTONE: Final = {"title", "due", "done"}


def _milestone(milestone: Json) -> dict[str, object]:
    done = milestone.get("done")
    return {
        "title": _rejoined(milestone, "title", _MILESTONE),
        "due": _month(milestone["due"], end=True),
        "done_at": _month(done, end=True),
        "state": "done" if done else "open",
    }


def _indicator(indicator: Json) -> dict[str, object]:
    texts = {
        name: _text(indicator.get(name)) for name in ("baseline", "target", "interval", "source")
    }
    return {
        "name": indicator["name"],
        "unit": str(indicator["unit"]),
        "kind": indicator["kind"],
        **texts,
    }


def _text(value: object) -> str | None:
    return (
        None
        if value is None
        else str(value).replace(".", ",")
        if isinstance(value, float)
        else str(value)
    )


def _funding(row: Json) -> dict[str, object]:
    likelihood = row.get("certainty")
    return {
        "programme": row["programme"],
        "rate_percent": row.get("rate_pct"),
        "likelihood": WORDS["likelihoods"][likelihood] if likelihood else None,
        "note": row.get("note"),
    }


def _costs(cost: Json) -> dict[str, object]:
    """One row each for what falls due once and every year. Yearly spending below zero is no cost;
    it is said in words."""
    evidence = cost.get("quality")
    rows: list[dict[str, object]] = []
    notes = ""
    for name, recurring, kind in (
        ("invest_eur", False, "investment"),
        ("annual_eur", True, "material"),
    ):
        if name not in cost:
            continue
        amount = cost[name]
        if amount is not None and amount < 0:
            notes = f"Laufende Minderausgaben von {-amount} EUR je Jahr (Güte {evidence})."
            continue
        text = None if amount is None else f"{amount:.2f}"
        rows.append(
            {
                "year": None,
                "kind": kind,
                "recurring": recurring,
                "amount_eur": text,
                "certainty": evidence,
            }
        )
    share = cost.get("staff_fte")
    staff = [{"year": None, "fte": str(share)}] if share is not None else []
    return {"costs": rows, "staff": staff, "notes": notes}


def _savings(entry: Json) -> dict[str, object]:
    saving = entry.get("savings") or {}
    energy, emissions = saving.get("energy_mwh_a"), saving.get("co2e_t_a")
    method = _rejoined(saving, "method", _SAVING) or "keine Angabe"
    if energy is None and emissions is None:
        return {"not_quantifiable": {"reason": method}}
    row = {
        "year": None,
        "sector": entry.get("sector"),
        "carrier": entry.get("carrier"),
        "final_energy_mwh": float(energy) if energy is not None else None,
        "emissions_t_co2e": float(emissions) if emissions is not None else None,
        "method": method,
        "evidence": saving.get("data_quality"),
        "overlap_group": entry.get("overlap"),
        "affects_bisko": bool(entry.get("bisko", True)),
    }
    return {"savings": [row]}


def _origin(text: str) -> dict[str, object]:
    if text == "konzept":
        return {"kind": "concept", "reference": "im Klimaschutzkonzept 2.0 genannt"}
    if text.startswith("public:"):
        return {"kind": "example", "reference": f"angelehnt an {text.removeprefix('public:')}"}
    return {"kind": "example", "reference": "selbst entworfen"}
