"""Who changed a row last stands in it, for every kind of record that can be changed."""

from typing import Any

import psycopg
import pytest

from klima_controlling.migrations import migrations
from klima_shared.database.migrations import downgrade, upgrade

DELIVERY: dict[str, Any] = {
    "title": "Gas",
    "kind": "energy_data",
    "region": "05974040",
    "deliverer": "Werke (Beispiel)",
    "recipient": "Klimaschutz",
    "interval_months": 12,
    "first_due": "2024-03-31",
}
INDICATOR: dict[str, Any] = {
    "code": "Neu",
    "name_de": "n",
    "name_en": "n",
    "unit": "%",
    "kind": "output",
    "direction": "higher",
}
REPORT: dict[str, Any] = {"region": "05974040", "year": 2021, "title": "Bericht (Beispiel)"}
KINDS = {
    "data_delivery": ("/v1/data-deliveries", DELIVERY, ()),
    "indicator": ("/v1/indicators", INDICATOR, ("code",)),
    "report": ("/v1/reports", REPORT, ("region", "year")),
}


def rows(database: Any, query: str) -> list[Any]:
    with psycopg.connect(database.owner_url) as connection:
        return connection.execute(query.encode()).fetchall()


@pytest.mark.parametrize("table", KINDS)
async def test_a_change_names_who_made_it(world: Any, table: str) -> None:
    path, body, fixed = KINDS[table]
    first = world.tokens.headers("manager", region="05974000", subject="first")
    second = world.tokens.headers("manager", region="05974000", subject="second")
    made = await world.client.post(path, json=body, headers=first)
    assert made.status_code == 201, made.text
    stamped = f"select revision, changed_by from controlling.{table} order by changed_at desc"
    assert rows(world.database, stamped)[0] == (1, "first")
    changed = {name: value for name, value in body.items() if name not in fixed}
    match = {**second, "If-Match": made.headers["etag"]}
    answer = await world.client.put(made.headers["location"], json=changed, headers=match)
    assert answer.status_code == 200, answer.text
    assert rows(world.database, stamped)[0] == (2, "second")
    noted = f"select subject from controlling.audit where entity = '{table}' order by id desc"
    assert [who for (who,) in rows(world.database, noted)][:2] == ["second", "first"]
    assert (
        await world.client.put(made.headers["location"], json=changed, headers=match)
    ).status_code == 412


def test_rows_of_before_say_who_made_them_or_unknown(fresh_database: Any) -> None:
    """Whoever made a row that was never changed is who wrote it last; of others nobody noted it."""
    database = fresh_database("controlling", ["load-shipped"])
    config = migrations(database.url)
    downgrade(config, "0003")
    changed = "update controlling.data_delivery set revision = 2 where interval_months = 36"
    with psycopg.connect(database.owner_url) as connection:
        connection.execute(changed)
    upgrade(config)
    states = "select distinct revision, changed_by from controlling.data_delivery order by 1"
    assert rows(database, states) == [(1, "load-shipped"), (2, "unknown")]
    assert rows(database, "select distinct changed_by from controlling.indicator") == [("unknown",)]
