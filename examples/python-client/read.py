"""Reads a balance, a measure and a light with the generated, typed clients; no token is needed.

README.md says how they are made.
"""

import sys

from balance_api.api.balances import get_published_balance
from balance_api.client import Client as BalanceClient
from balance_api.models import BalanceDocument
from controlling_api.api.status import get_region_status
from controlling_api.client import Client as ControllingClient
from controlling_api.models import Status
from measures_api.api.measures import get_measure, list_measures
from measures_api.client import Client as MeasuresClient
from measures_api.models import MeasureAnswer, MeasurePage


def main(balance_url: str, measures_url: str, controlling_url: str) -> None:
    with BalanceClient(base_url=balance_url) as balance_client:
        balance = get_published_balance.sync("05974040", 2021, client=balance_client)
    if not isinstance(balance, BalanceDocument):
        sys.exit(f"no balance: {balance}")
    emissions = balance.totals.bisko_t_co2e
    print(balance.region.name, "unknown" if emissions is None else f"{emissions:.0f} t CO2e")

    with MeasuresClient(base_url=measures_url) as measures_client:
        page = list_measures.sync(client=measures_client, limit=1)
        if not isinstance(page, MeasurePage):
            sys.exit(f"no measures: {page}")
        measure = get_measure.sync(page.items[0].id, client=measures_client)
    if not isinstance(measure, MeasureAnswer):
        sys.exit(f"no measure: {measure}")
    print(measure.number, measure.title)

    with ControllingClient(base_url=controlling_url) as controlling_client:
        status = get_region_status.sync("05974000", client=controlling_client)
    if not isinstance(status, Status):
        sys.exit(f"no status: {status}")
    light = status.lights[0]
    print(light.target, light.light)


if __name__ == "__main__":
    main(*sys.argv[1:4])
