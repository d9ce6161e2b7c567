"""Bodies of the registers that can be sent as they are; all are inventions and say so."""

from __future__ import annotations

from typing import Any, Final

CONCEPT: Final[dict[str, Any]] = {
    "code": "beispiel-2027",
    "title": "Beispiel: Fortschreibung des Konzepts",
    "decided_on": "2027-03-01",
    "source": "Beispiel",
    "example": True,
}
TEMPLATE: Final[dict[str, Any]] = {
    "code": "beispiel-bau",
    "title": "Beispiel: Bauvorhaben mit Förderung",
    "example": True,
    "steps": [
        {
            "title": "Bedarf erheben",
            "starts_after_months": 0,
            "months": 6,
            "responsible": "Fachamt",
        },
        {
            "title": "Förderantrag stellen",
            "starts_after_months": 6,
            "months": 3,
            "responsible": "Fachamt",
        },
        {"title": "Bauen", "starts_after_months": 12, "months": 24, "responsible": "Baulastträger"},
    ],
    "gates": [{"title": "Förderbescheid liegt vor", "after_months": 12}],
    "roles": [{"name": "Fachamt", "role": "lead"}, {"name": "Planungsbüro", "role": "external"}],
}
PROGRAMME: Final[dict[str, Any]] = {
    "code": "beispiel-programm",
    "title": "Beispielprogramm Radabstellanlagen",
    "giver": "Land (Beispiel)",
    "rate_percent": 70,
    "applicants": "Kommunen",
    "valid_from": "2026-01-01",
    "valid_to": "2027-12-31",
    "as_of": "2026-11-01",
    "source": "Beispiel",
    "example": True,
}
ROUND: Final[dict[str, Any]] = {
    "code": "beispiel-runde",
    "title": "Beispiel: ÖKOPROFIT-Runde",
    "programme": "ÖKOPROFIT",
    "number": 1,
    "starts_on": "2026-01-01",
    "ends_on": "2026-12-31",
    "example": True,
    "firms": [
        {
            "name": "Beispielbetrieb A",
            "consent": True,
            "municipality": "05974040",
            "measures": [
                {
                    "title": "Druckluft abdichten",
                    "investment_eur": "2000.00",
                    "saving_eur": "1500.00",
                    "final_energy_mwh": 10.0,
                    "emissions_t_co2e": 4.0,
                }
            ],
        },
        {"name": "Beispielbetrieb B", "consent": False, "measures": []},
    ],
}
STRATEGY: Final[dict[str, Any]] = {
    "code": "beispiel-strategie",
    "title": "Beispiel: Wasserstoffstrategie",
    "goal": "Beispielziel",
    "example": True,
}
QUARTER: Final[dict[str, Any]] = {
    "code": "beispielquartier",
    "title": "Beispielquartier",
    "region": "05974040",
    "example": True,
}
