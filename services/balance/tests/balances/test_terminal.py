"""What `./klima balance` prints: German words, no codes."""

from __future__ import annotations

import pytest

from klima_balance.balances import pages


def test_a_balance_in_the_terminal_has_no_codes(capsys: pytest.CaptureFixture[str]) -> None:
    document = {
        "region": {"ags": "05974040", "name": "Soest", "population": 47929},
        "year": 2021,
        "version": 1,
        "factor_set": {"version": "2026.1"},
        "totals": {
            "final_energy_mwh": 1.0,
            "bisko_t_co2e": 2.0,
            "bisko_t_co2e_per_inhabitant": 7.6,
            "agriculture_t_co2e": None,
            "land_use_t_co2e": -1.0,
            "process_ets_t_co2": 0.0,
            "renewable_generation_mwh": 5.0,
        },
        "sectors": [
            {
                "label": "Private Haushalte",
                "final_energy_mwh": 1.0,
                "emissions_t_co2e": 2.0,
                "data_quality": 0.5,
            }
        ],
        "data_quality": 0.5,
        "blocks": {},
        "members": {"expected": 1, "present": 1},
        "conformity": {"state": "incomplete", "findings": [{}, {}]},
        "meta": {"attribution": "Kreis Soest", "licence": "dl-de/by-2-0"},
    }
    pages.balance_table(document)
    shown = capsys.readouterr().out
    assert "Konformität: unvollständig (2 Hinweise)" in shown
    assert "incomplete" not in shown
    assert "keine Angabe" in shown
