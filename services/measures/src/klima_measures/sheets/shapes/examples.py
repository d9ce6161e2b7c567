"""Bodies that can be sent as they are: the examples of the OpenAPI document."""

from __future__ import annotations

from typing import Any, Final

SHEET_EXAMPLE: Final[dict[str, Any]] = {
    "number": "MOB-90",
    "title": "Beispiel: Abstellanlagen für Fahrräder an Bahnhöfen",
    "short_text": "Überdachte Stellplätze an allen Bahnhöfen der beteiligten Kommunen.",
    "concept": "2.0",
    "example": True,
    "level": "county",
    "regions": ["05974040", "05974028"],
    "field": "mobility",
    "type": "technical",
    "influence": ["supply"],
    "sectors": ["transport"],
    "goal": "Bahn und Rad verbinden.",
    "initial_situation": "An mehreren Bahnhöfen fehlen Stellplätze.",
    "description": "Die Kommunen bestellen gemeinsam; der Kreis beantragt die Förderung.",
    "initiator": "Kreis",
    "actors": [
        {"name": "Kommunen", "role": "lead"},
        {"name": "Verkehrsverbund", "role": "partner"},
    ],
    "target_groups": ["Berufspendelnde"],
    "contact": {"function": "Klimaschutzmanagement", "public": True},
    "planned_start": "2027-01-01",
    "planned_end": "2029-12-31",
    "precision": "month",
    "steps": [
        {
            "title": "Bedarf erheben",
            "starts_on": "2027-01-01",
            "ends_on": "2027-06-30",
            "responsible": "Kreis",
        }
    ],
    "milestones": [{"title": "Erste Anlage eröffnet", "due": "2028-06-30"}],
    "costs": [
        {
            "year": 2028,
            "kind": "investment",
            "payer": "municipality",
            "amount_eur": "250000.00",
            "certainty": "D",
        },
        {"year": 2029, "kind": "investment", "payer": "state", "amount_eur": None},
    ],
    "staff": [{"year": 2027, "days": "20"}],
    "savings": [
        {
            "year": None,
            "sector": "transport",
            "carrier": "petrol",
            "final_energy_mwh": 300.0,
            "emissions_t_co2e": 90.0,
            "method": "Beispielannahme",
            "evidence": "D",
            "affects_bisko": True,
        }
    ],
    "origin": {"kind": "example"},
}

SHEET_PATCH_EXAMPLE: Final[dict[str, Any]] = {
    "goal": "Bahn und Rad besser verbinden.",
    "notes": None,
}
