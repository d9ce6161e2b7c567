"""Reads a balance, a measure and a light with the generated, typed clients.

openapi-python-client generate --path services/balance/openapi.json --meta none --output-path
balance_api openapi-python-client generate --path services/measures/openapi.json --meta none
--output-path measures_api openapi-python-client generate --path services/controlling/openapi.json
--meta none --output-path controlling_api python read.py http://127.0.0.1:8001 http://127.0.0.1:8002
http://127.0.0.1:8003
"""

import sys

from balance_api.api.balances import get_published_balance
from balance_api.client import Client as BalanceClient
from controlling_api.api.status import get_region_status
from controlling_api.client import Client as ControllingClient
from measures_api.api.measures import list_measures
from measures_api.client import Client as MeasuresClient


def main(balance_url: str, measures_url: str, controlling_url: str) -> None:
    with BalanceClient(base_url=balance_url) as client:
        balance = get_published_balance.sync("05974040", 2021, client=client)
    print(balance.region.name, round(balance.totals.bisko_t_co2e), "t CO2e")
    with MeasuresClient(base_url=measures_url) as client:
        measure = list_measures.sync(client=client, limit=1).items[0]
    print(measure.number, measure.title)
    with ControllingClient(base_url=controlling_url) as client:
        light = get_region_status.sync("05974000", client=client).lights[0]
    print(light.target, light.light)


if __name__ == "__main__":
    main(*sys.argv[1:4])
