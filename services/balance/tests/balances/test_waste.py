"""Waste and waste water: as delivered, beside every total; nothing where nobody delivered."""

from typing import Any

import httpx

SOEST = "/v1/regions/05974040"
FIGURE = {
    "quantity": 1200.0,
    "unit": "t CO2e",
    "status": "measured",
    "grade": "B",
    "source": "Deponiebetrieb (Beispiel)",
}


async def test_waste_is_delivered_and_in_no_total(
    writer: httpx.AsyncClient, token_factory: Any
) -> None:
    headers = token_factory.headers("manager", region="05974040")
    before = (await writer.get(f"{SOEST}/balances/2021")).json()
    assert (before["totals"]["waste_t_co2e"], before["blocks"]["waste"]) == (None, [])
    place = f"{SOEST}/activities/2021/waste.landfill"
    wrong = await writer.put(place, json=FIGURE | {"unit": "MWh"}, headers=headers)
    assert wrong.status_code == 422, wrong.text
    unknown = f"{SOEST}/activities/2021/waste.incineration"
    assert (await writer.put(unknown, json=FIGURE, headers=headers)).status_code == 422
    stored = await writer.put(place, json=FIGURE, headers=headers)
    assert stored.status_code == 201, stored.text
    answer = await writer.post(f"{SOEST}/balances", json={"year": 2021}, headers=headers)
    draft = answer.json()
    assert answer.status_code == 201, answer.text
    (row,) = draft["blocks"]["waste"]
    assert (row["label"], row["emissions_t_co2e"], row["unit"]) == ("Deponien", 1200.0, "t CO2e")
    assert draft["totals"]["waste_t_co2e"] == 1200.0
    rest = {name: value for name, value in before["totals"].items() if name != "waste_t_co2e"}
    assert {name: draft["totals"][name] for name in rest} == rest, "no other total has it"
    assert draft["cells"] == before["cells"]
    reason = {"reason": "Deponie geliefert (Beispiel)"}
    address = f"/v1/balances/{draft['id']}/publish"
    done = await writer.post(address, json=reason, headers=headers)
    assert done.status_code == 200, done.text
    why = (await writer.get(f"{SOEST}/balances/2021/explain?block=waste")).json()
    assert (why["value"], why["unit"], why["final_energy_mwh"]) == (1200.0, "t CO2e", None)
    assert why["rows"][0]["activity"]["label"] == "Deponien"
    english = {"Accept-Language": "en"}
    read = (await writer.get(f"{SOEST}/balances/2021", headers=english)).json()
    assert read["blocks"]["waste"][0]["label"] == "Landfills"
    table = (await writer.get(f"{SOEST}/balances/2021?format=csv&block=waste")).text
    assert "1200" in table
    assert "Abfall und Abwasser" in (await writer.get("/embed/balance/05974040?lang=de")).text
