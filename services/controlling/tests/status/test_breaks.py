"""A municipality that delivers its first figure: a mark of a break, no worse light."""

from typing import Any

WERL = "05974052"


async def test_one_delivered_figure_is_a_break_and_no_worse_light(own_balances: Any) -> None:
    world = own_balances
    path = f"/v1/regions/{WERL}"
    before = (await world.client.get(f"{path}/status")).json()["lights"][0]
    assert before["breaks"] == []
    assert before["light"] != "unknown"

    base = f"/v1/regions/{WERL}/balances"
    document = (await world.balance_client.get(f"{base}/2021")).json()
    gas = next(
        c for c in document["cells"] if (c["sector"], c["carrier"]) == ("households", "natural_gas")
    )
    # Enough more than the default to turn the light red, whatever it was.
    figure = {
        "quantity": gas["final_energy_mwh"] + 3 * document["totals"]["final_energy_mwh"],
        "unit": "MWh",
        "status": "measured",
        "grade": "A",
        "source": "Stadtwerke (Beispiel)",
    }
    write = world.balance_client
    answer = await write.put(
        f"{path}/activities/2021/households.natural_gas",
        json=figure,
        headers=world.as_("editor", **{"If-None-Match": "*"}),
    )
    assert answer.status_code in {200, 201}, answer.text
    draft = await write.post(base, json={"year": 2021}, headers=world.as_("editor"))
    assert draft.status_code == 201, draft.text
    reason = {"reason": "Erste Lieferung (Beispiel)"}
    address = f"/v1/balances/{draft.json()['id']}/publish"
    done = await write.post(address, json=reason, headers=world.as_("manager"))
    assert done.status_code == 200, done.text

    light = (await world.client.get(f"{path}/status")).json()["lights"][0]
    (one,) = light["breaks"]
    assert (one["year"], one["cells"]) == (2021, ["households.natural_gas"])
    assert one["reason"] == "ab 2021 gemessen: Private Haushalte, Erdgas"
    assert (light["light"], light["gap"]) == ("unknown", None)
    page = (await world.client.get(f"/regionen/{WERL}?lang=de")).text
    assert "ab 2021 gemessen" in page
    assert 'stroke-dasharray="4 4"' in page
    county = (await world.client.get("/regionen/05974?lang=de")).text
    row = county[county.index(f"/regionen/{WERL}?") :].partition("</tr>")[0]
    assert "unbekannt" in row
