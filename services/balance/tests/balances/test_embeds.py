"""Widgets of the balance service say what is missing; nothing of it is drawn as zero."""

from typing import Any

import pytest

from klima_balance.balances.pages import balance_widget, renewables_widget
from klima_shared.language.numbers import Lang
from klima_shared.look.beside import emissions_trading

SECTORS = [
    ("households", "Private Haushalte", 10.0),
    ("commerce", "Gewerbe", None),
    ("industry", "Industrie", 0.0),
]
DOCUMENT: dict[str, Any] = {
    "region": {"ags": "05974040", "name": "Musterstadt & Söhne"},
    "year": 2021,
    "version": 2,
    "published_at": "2026-11-22T10:00:00Z",
    "data_quality": None,
    "members": {"expected": 1, "present": 1},
    "totals": {
        "final_energy_mwh": None,
        "bisko_t_co2e": None,
        "bisko_t_co2e_per_inhabitant": None,
        "agriculture_t_co2e": None,
        "land_use_t_co2e": None,
        "process_ets_t_co2": None,
        "renewable_generation_mwh": None,
    },
    "sectors": [
        {
            "sector": s,
            "label": w,
            "final_energy_mwh": None,
            "emissions_t_co2e": v,
            "data_quality": None,
        }
        for s, w, v in SECTORS
    ],
    "blocks": {
        "renewables": [
            {"label": "Photovoltaik", "generation_mwh": 5.0, "grade": "C"},
            {"label": "Wind", "generation_mwh": None, "grade": None},
        ]
    },
    "meta": {
        "attribution": "Quelle A",
        "licence": "dl-de/by-2-0",
        "licence_url": "https://www.govdata.de/dl-de/by-2-0",
    },
}


@pytest.mark.parametrize("lang", ["de", "en"])
def test_what_is_missing_is_said(lang: Lang) -> None:
    widget = balance_widget(DOCUMENT, lang)
    wide, narrow = widget.html().split('<div class="only-narrow">')
    missing = {"de": "keine Angabe", "en": "no data"}[lang]
    assert missing in wide
    assert missing in narrow
    for picture in (wide, narrow):
        assert picture.count('class="c-') == 2, "a bar for each sector that is known"
    assert "Musterstadt &amp; Söhne" in widget.html()
    assert widget.svg is not None
    renewables = renewables_widget(DOCUMENT, lang)
    assert "5 MWh" in renewables.html().replace("\u202f", " ").replace("\u00a0", " ")
    assert ">0 MWh" not in renewables.html()


def test_every_widget_names_source_state_and_licence() -> None:
    for lang, words in (
        ("de", ("Quelle:", "Stand:", "Lizenz:")),
        ("en", ("Source:", "As of:", "Licence:")),
    ):
        text = balance_widget(DOCUMENT, lang).html()  # type: ignore[arg-type]
        assert all(word in text for word in words)
        assert "22" in text
        assert 'rel="license"' in text


@pytest.mark.parametrize(
    ("tonnes", "cement", "words"),
    [
        (
            2_909_400.0,
            2_623_014.0,
            "dazu 2 909 kt CO₂ aus Zementwerken und anderem Emissionshandel",
        ),
        (50_440.0, 0.0, "dazu 50,4 kt CO₂ aus Anlagen des Emissionshandels"),
        (0.0, 0.0, ""),
        (None, 0.0, ""),
    ],
)
def test_the_whole_stands_beside_the_headline(
    tonnes: float | None, cement: float, words: str
) -> None:
    rows = [{"category": "ets_industry", "quantity": tonnes}]
    rows.append({"category": "ets_cement", "quantity": cement})
    found = emissions_trading(tonnes, rows, "de") or ""
    assert found.replace("\u202f", " ") == (words and f"{words}, nicht in BISKO")
