"""Ideas from CSV and JSON files: all or nothing, every fault named, a repeat changes nothing."""

from __future__ import annotations

import hashlib
import json
from typing import Any

PATH = "/v1/ideas/imports"
GOOD = (
    "region,text,field,group,received_on\n05974052,Radweg nach"
    " Soest,mobility,citizens,2026-03-17\n05974040,Dachgrün,,,\n"
)


async def _send(
    client: Any,
    data: str | bytes,
    name: str = "ideen.csv",
    query: str = "consent=true&dry_run=false",
) -> Any:
    content = data.encode() if isinstance(data, str) else data
    return await client.manager.post(f"{PATH}?{query}", files={"file": (name, content)})


async def test_csv_is_taken_in_once(start: Any) -> None:
    client = await start()
    preview = await _send(client, GOOD, query="consent=true")
    assert preview.status_code == 200, preview.text
    assert (preview.json()["accepted"], preview.json()["references"]) == (2, [])
    done = await _send(client, GOOD)
    assert done.status_code == 201
    assert (done.json()["rows"], done.json()["accepted"], len(done.json()["references"])) == (
        2,
        2,
        2,
    )
    again = await _send(client, GOOD)
    assert (again.json()["accepted"], again.json()["known"]) == (0, 2)
    rows = client.sql("select * from measures.idea order by created_at")
    assert [row["channel"] for row in rows] == ["import", "import"]
    assert rows[0]["created_at"].date().isoformat() == "2026-03-17"
    assert {row["moderation"] for row in rows} == {"new"}
    assert len(client.audit("action = 'hand_in'")) == 2
    assert "Radweg" not in str(client.audit("true"))


async def test_german_excel_and_json(start: Any) -> None:
    client = await start()
    german = "region;text\r\n05974052;Fußgängerzone für Bürgerinnen\r\n".encode("cp1252")
    assert (await _send(client, german)).json()["accepted"] == 1
    ideas = {
        "ideas": [{"region": "05974052", "text": "Aus der anderen Plattform", "source_id": "17"}]
    }
    assert (await _send(client, json.dumps(ideas), "ideen.json")).json()["accepted"] == 1
    ideas["ideas"][0]["text"] = "Dort inzwischen geändert"
    assert (await _send(client, json.dumps(ideas), "ideen.json")).json()["known"] == 1
    texts = [
        row["text"]
        for row in client.sql("select text from measures.idea order by created_at, text")
    ]
    assert sorted(texts) == ["Aus der anderen Plattform", "Fußgängerzone für Bürgerinnen"]


async def test_every_fault_is_named_and_nothing_stored(start: Any) -> None:
    client = await start()
    bad = (
        "region,text,field,group,received_on\n"
        "05974052,Gut,mobility,,\n"
        "5974052,Führende Null fehlt,,,\n"
        "05974052,<script>alert(1)</script>,,,\n"
        "05974052,Feld,zauberei,,\n"
        "05974052,Gruppe,,freunde,\n"
        "05974052,Datum,,,gestern\n"
        "05111000,Düsseldorf,,,\n"
        "05974052,,,,\n"
    )
    answer = await _send(client, bad)
    assert answer.status_code == 422
    places = [(row["line"], row["column"]) for row in answer.json()["rows"]]
    assert {
        (3, "region"),
        (4, "text"),
        (5, "field"),
        (6, "group"),
        (7, "received_on"),
        (8, "region"),
        (9, "text"),
    } <= set(places)
    assert 2 not in [line for line, _ in places]
    assert client.sql("select count(*) as n from measures.idea") == [{"n": 0}]
    preview = await _send(client, bad, query="consent=true&dry_run=true")
    assert (preview.status_code, preview.json()["import_id"]) == (200, None)
    assert preview.status_code == 200
    assert preview.json()["accepted"] == 0
    assert len(preview.json()["errors"]) == len(places)


async def test_files_that_are_none(client: Any) -> None:
    for data in (
        b"",
        b"{",
        b"[1, 2]",
        b'{"ideas": 5}',
        b"\x00\x01\x02",
        b"nur ein Wort",
        b"[" * 100_000,
    ):
        answer = await _send(client, data)
        assert answer.status_code == 422, data[:20]
    many = json.dumps([{"region": "05974052", "text": f"Idee {n}"} for n in range(5001)])
    assert (await _send(client, many)).status_code == 422


async def test_who_may_import(client: Any) -> None:
    assert (
        await client.post(f"{PATH}?consent=true", files={"file": ("i.csv", b"x")})
    ).status_code == 401
    assert (await _send(client, GOOD, query="dry_run=false")).status_code == 422  # without consent
    soest = client.as_("editor", "05974040")
    answer = await soest.post(
        f"{PATH}?consent=true&dry_run=false", files={"file": ("i.csv", GOOD.encode())}
    )
    assert answer.status_code == 422
    assert [row["line"] for row in answer.json()["rows"]] == [2]


async def test_an_id_counts_within_one_list_of_one_municipality(start: Any) -> None:
    client = await start()
    head = "region,text,source_id\n"
    rows = head + "05974052,Idee aus Werl,17\n05974040,Idee aus Soest,17\n"
    assert (await _send(client, rows)).json()["accepted"] == 2
    other = head + "05974052,Idee einer zweiten Liste,17\n"
    query = "consent=true&dry_run=false&list=Werkstatt%202026"
    assert (await _send(client, other, query=query)).json()["accepted"] == 1
    again = (await _send(client, other, query=query)).json()
    assert (again["accepted"], again["known"], again["changes"]) == (0, 1, [])
    assert len(client.sql("select 1 from measures.idea")) == 3


async def test_ideas_of_before_are_known_by_the_key_of_then(start: Any) -> None:
    client = await start()
    rows = "region,text,source_id\n05974052,Idee aus Werl,17\n"
    assert (await _send(client, rows)).json()["accepted"] == 1
    key = hashlib.sha256(b"id 17").hexdigest()
    client.sql(f"update measures.idea set source_key = '{key}' returning 1")
    assert (await _send(client, rows)).json()["known"] == 1
    assert (await _send(client, rows.replace("05974052", "05974040"))).json()["accepted"] == 1


async def test_doubles_within_a_file_are_faults(start: Any) -> None:
    client = await start()
    ids = "region,text,source_id\n05974052,Eins,W1\n05974052,Zwei,W1\n05974052,Drei,W1\n"
    answer = await _send(client, ids)
    assert answer.status_code == 422
    assert [(r["line"], r["column"]) for r in answer.json()["rows"]] == [
        (3, "source_id"),
        (4, "source_id"),
    ]
    texts = "region,text\n05974052,Eins\n05974052,Eins\n05974040,Eins\n"
    answer = await _send(client, texts)
    assert [(r["line"], r["column"]) for r in answer.json()["rows"]] == [(3, "text")]
    assert client.sql("select 1 from measures.idea") == []


async def test_a_changed_text_is_shown_and_stays(start: Any) -> None:
    client = await start()
    rows = "region,text,source_id\n05974052,So war es,17\n05974052,Bleibt,18\n"
    first = (await _send(client, rows)).json()
    changed = rows.replace("So war es", "So ist es jetzt")
    for query in ("consent=true", "consent=true&dry_run=false"):
        answer = (await _send(client, changed, query=query)).json()
        assert (answer["known"], answer["accepted"]) == (2, 0)
        assert answer["changes"] == [
            {
                "line": 2,
                "reference": first["references"][0],
                "before": "So war es",
                "after": "So ist es jetzt",
            }
        ]
    texts = client.sql("select text from measures.idea order by text")
    assert [row["text"] for row in texts] == ["Bleibt", "So war es"]


async def test_german_dates_and_groups_are_read(start: Any) -> None:
    client = await start()
    rows = "region;text;group;received_on\n" + "".join(
        f"05974052;Idee {n};{group};{day}\n"
        for n, (group, day) in enumerate(
            [
                ("Bürgerschaft", "01.03.2025"),
                (" vereine und verbände ", "1.3.2025"),
                ("citizens", "2025-03-01"),
                ("Citizens", "31.12.2024"),
            ]
        )
    )
    assert (await _send(client, rows)).status_code == 201
    found = client.sql("select author_group, created_at from measures.idea order by text")
    assert [row["author_group"] for row in found] == [
        "citizens",
        "associations",
        "citizens",
        "citizens",
    ]
    assert [f"{row['created_at']:%Y-%m-%d}" for row in found] == ["2025-03-01"] * 3 + ["2024-12-31"]
    for day in ("31.02.2025", "1.3.25", "03/01/2025", "01.13.2025"):
        answer = await _send(client, f"region;text;received_on\n05974052;Idee;{day}\n")
        assert answer.json()["rows"][0]["column"] == "received_on", day
