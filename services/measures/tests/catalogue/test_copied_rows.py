"""Rows of a catalogue that were copied: a question, never an overwrite."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from ..conftest import SOEST, Client


async def sent(
    client: Client, rows: str, query: str = "dry_run=false", region: str = "05974000"
) -> httpx.Response:
    return await client.as_("manager", region).post(
        f"/v1/measures/imports?{query}", files={"file": ("katalog.csv", rows.encode())}
    )


def table(*rows: tuple[str, str, str]) -> str:
    return "id,number,title\n" + "".join(f"{','.join(row)}\n" for row in rows)


async def title_of(client: Client, measure: dict[str, Any]) -> str:
    answer = await client.as_("manager").get(f"/v1/measures/{measure['id']}")
    return str(answer.json()["title"])


async def test_two_rows_with_one_id_name_both_rows(client: Client) -> None:
    measure = await client.made()
    for second in (("MOB-02", "Ganz anders"), ("MOB-03", "Radnetz schließen")):
        rows = table(
            (measure["id"], "MOB-01", "Radnetz schließen"), (measure["id"].upper(), *second)
        )
        answer = await sent(client, rows)
        assert answer.status_code == 422
        found = {r["line"]: r["message"] for r in answer.json()["rows"] if r["column"] == "id"}
        assert set(found) == {2, 3}
        assert f"3 ({second[0]})" in found[2]
        assert "2 (MOB-01)" in found[3]
    assert await title_of(client, measure) == "Radnetz schließen"


async def test_an_id_with_another_number_and_title_is_a_question(client: Client) -> None:
    measure = await client.made()
    rows = table((measure["id"], "MOB-09", "Lastenräder fördern"))
    preview = await sent(client, rows, "dry_run=true")
    assert [(e["line"], e["column"]) for e in preview.json()["errors"]] == [(2, "id")]
    for named in ("MOB-01", "Radnetz schließen", "MOB-09", "Lastenräder fördern", measure["id"]):
        assert named in preview.json()["errors"][0]["message"]
    assert (await sent(client, rows)).status_code == 422
    other = "confirm=00000000-0000-0000-0000-000000000001"
    assert (await sent(client, rows, f"dry_run=false&{other}")).status_code == 422
    assert await title_of(client, measure) == "Radnetz schließen"
    done = await sent(client, rows, f"dry_run=false&{other}&confirm={measure['id']}")
    assert (done.status_code, done.json()["changed"]) == (201, 1)
    assert await title_of(client, measure) == "Lastenräder fördern"


@pytest.mark.parametrize("row", [("MOB-09", "Radnetz schließen"), ("MOB-01", "Lastenräder")])
async def test_another_number_or_title_alone_is_a_change(
    client: Client, row: tuple[str, str]
) -> None:
    measure = await client.made()
    assert (await sent(client, table((measure["id"], *row)))).json()["changed"] == 1


async def test_the_question_tells_nothing_of_others_measures(client: Client) -> None:
    measure = await client.made(regions=[SOEST], title="Geheimer Entwurf")
    rows = table((measure["id"], "MOB-09", "Lastenräder fördern"))
    answer = await sent(client, rows, "dry_run=true", region="05974028")
    assert "Geheimer" not in json.dumps(answer.json(), ensure_ascii=False)
    assert await title_of(client, measure) == "Geheimer Entwurf"
