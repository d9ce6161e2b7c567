"""Result packages of workshops: put together, handed over, acknowledged, read."""

from __future__ import annotations

import base64
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from klima_measures.base.actions.context import frame_of
from klima_measures.base.model.texts import Line
from klima_measures.participation.actions import packages as usecase
from klima_measures.participation.actions.workshops import WORKSHOP
from klima_measures.participation.model import PackageState
from klima_measures.participation.queries import packages as storage
from klima_measures.participation.tables import workshop
from klima_measures.records import queries as records
from klima_measures.records.actions import missing
from klima_shared.codes.lists import Role
from klima_shared.database.connections import Read, ReadConnection, Write
from klima_shared.http.auth import Editor, Manager, Principal, Viewer
from klima_shared.http.etags import RequiredIfMatch
from klima_shared.http.idempotency import Created, Idempotency
from klima_shared.http.problems import Problem, problem_responses
from klima_shared.language.text import Label, Text

router = APIRouter(prefix="/v1/workshops/{identity}", tags=["workshops"])


class Package(BaseModel):
    """Where the handing over stands. The digest is that of the ZIP file."""

    workshop: UUID
    version: int
    revision: int
    state: PackageState
    digest: str = Field(description="SHA-256 of the ZIP file, hexadecimal")
    size: int
    ideas: int
    recipient: str | None
    note: str | None
    drafted_at: datetime
    delivered_at: datetime | None
    acknowledged_at: datetime | None
    removed_at: datetime | None = Field(
        description="when the file was removed because an idea in it was deleted"
    )


class DeliveryIn(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"recipient": "Stadt Werl, Klimamanagement"}]},
    )
    recipient: Line = Field(description="a function, not a person")
    note: Line | None = None


def _view(row: dict[str, Any]) -> Package:
    same = set(Package.model_fields) - {"workshop", "ideas"}
    return Package(
        workshop=row["workshop_id"], ideas=len(row["ideas"]), **{name: row[name] for name in same}
    )


def _answer(row: dict[str, Any], response: Response) -> Package:
    response.headers["ETag"] = usecase.etag_of(row)
    return _view(row)


async def _readable(
    read: ReadConnection, viewer: Principal, identity: UUID, version: int | None
) -> dict[str, Any]:
    row = await records.find(read, workshop, identity)
    if row is None or not (row["published"] or viewer.may_read_drafts(row["region"])):
        raise missing(WORKSHOP)
    if not viewer.may_read_drafts(row["region"]):
        viewer.require(Role.VIEWER, row["region"])
    found = await storage.newest(read, identity, version=version)
    if found is None:
        raise usecase.no_package()
    return found


@router.post(
    "/package",
    status_code=201,
    summary="Put the results together",
    response_model=Package,
    responses=problem_responses(401, 403, 404, 409),
)
async def create_package(
    identity: UUID, request: Request, manager: Manager, write: Write, idempotency: Idempotency
) -> Response:
    """A ZIP file with the report (PDF), the ideas (CSV), everything (JSON) and their digests."""

    async def action() -> Created:
        row = await usecase.draft(write, manager, identity, frame_of(request))
        location = f"/v1/workshops/{identity}/package"
        return Created(_view(row), location=location, etag=usecase.etag_of(row))

    return await idempotency.run(write, action)


Version = Annotated[int | None, Query(ge=1, le=32_000, description="without: the newest")]


@router.get(
    "/package", summary="Where the handing over stands", responses=problem_responses(401, 403, 404)
)
async def get_package(
    identity: UUID, read: Read, viewer: Viewer, response: Response, version: Version = None
) -> Package:
    return _answer(await _readable(read, viewer, identity, version), response)


@router.get(
    "/package.zip",
    summary="The package itself",
    response_class=Response,
    responses={200: {"content": {"application/zip": {}}}, **problem_responses(401, 403, 404, 410)},
)
async def download_package(
    identity: UUID, read: Read, viewer: Viewer, version: Version = None
) -> Response:
    row = await _readable(read, viewer, identity, version)
    content = await storage.content(read, row["id"])
    if content is None:
        raise Problem(
            410,
            "removed",
            Label("Die Datei wurde entfernt", "The file was removed"),
            Text("An idea in it was deleted on request. A new package can be made."),
        )
    headers = {
        "ETag": f'"{row["digest"]}"',
        "Repr-Digest": f"sha-256=:{base64.b64encode(bytes.fromhex(row['digest'])).decode()}:",
        "Content-Disposition": f'attachment; filename="klimawerkstatt-v{row["version"]}.zip"',
        "Cache-Control": "private, no-cache",
    }
    return Response(content, headers=headers, media_type="application/zip")


_writing = problem_responses(400, 401, 403, 404, 409, 412, 422, 428)


@router.post("/package/delivery", summary="Hand the package over", responses=_writing)
async def deliver_package(
    identity: UUID,
    body: DeliveryIn,
    manager: Manager,
    if_match: RequiredIfMatch,
    write: Write,
    response: Response,
) -> Package:
    return _answer(
        await usecase.deliver(write, manager, identity, if_match, body.recipient, body.note),
        response,
    )


@router.post(
    "/package/acknowledgement", summary="Confirm that the package arrived", responses=_writing
)
async def acknowledge_package(
    identity: UUID, editor: Editor, if_match: RequiredIfMatch, write: Write, response: Response
) -> Package:
    """409 for a package that was not delivered."""
    return _answer(await usecase.acknowledge(write, editor, identity, if_match), response)
