"""Result packages of workshops: put together, handed over, acknowledged, read."""

import base64
from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from klima_measures.base.routes import context_of
from klima_measures.participation.actions import packages as actions
from klima_measures.participation.actions.workshops import WORKSHOP
from klima_measures.participation.model.workshops import PackageRow
from klima_measures.participation.queries.workshops import PACKAGE, newest_package, package_file
from klima_measures.participation.shapes.workshops import DeliveryIn, ResultPackage
from klima_shared.codes.access import Role
from klima_shared.database.connections import Read, ReadConnection, database_of
from klima_shared.http.auth import Manager, Principal, Viewer
from klima_shared.http.idempotency import Created, Idempotency
from klima_shared.http.problems import Problem, problem_responses, serving
from klima_shared.language.text import Label, Text
from klima_shared.revisions import records
from klima_shared.revisions.dependencies import EditorChange, ManagerChange
from klima_shared.revisions.writing import Writer, writing

router = APIRouter(prefix="/v1/workshops/{identity}", tags=["workshops"])
_SAME = ResultPackage.model_fields.keys() - {"workshop", "ideas"}


def _view(row: PackageRow) -> ResultPackage:
    same = {name: getattr(row, name) for name in _SAME}
    return ResultPackage(workshop=row.workshop_id, ideas=len(row.ideas), **same)


def _answer(row: PackageRow, response: Response) -> ResultPackage:
    response.headers["ETag"] = PACKAGE.etag(row)
    return _view(row)


async def _readable(
    read: ReadConnection, viewer: Principal, identity: UUID, version: int | None
) -> PackageRow:
    workshop = await records.readable(read, WORKSHOP, viewer, identity)
    if not viewer.may_read_drafts(workshop.region):
        viewer.require(Role.VIEWER, workshop.region)
    package = await newest_package(read, identity, version=version)
    if package is None:
        raise actions.no_package()
    return package


@router.post(
    "/package",
    status_code=201,
    summary="Put the results together",
    response_model=ResultPackage,
    responses=problem_responses(401, 403, 404, 409),
)
async def create_package(
    identity: UUID, request: Request, manager: Manager, idempotency: Idempotency
) -> Response:
    """A ZIP file with the report (PDF), the ideas (CSV), everything (JSON) and their digests."""
    database, fields = database_of(request), context_of(request).fields.labels("de")
    async with database.read() as connection:
        if (known := await idempotency.replay(connection)) is not None:
            return known
    prepared = await actions.prepare(database, manager, identity, fields)

    async def action(writer: Writer) -> Created:
        row = await actions.draft(writer, identity, fields, prepared)
        location = f"/v1/workshops/{identity}/package"
        return Created(_view(row), location=location, etag=PACKAGE.etag(row))

    async with writing(database, manager) as writer:
        return await idempotency.run(writer.connection, partial(action, writer))


Version = Annotated[int | None, Query(ge=1, le=32_000, description="without: the newest")]


@router.get(
    "/package", summary="Where the handing over stands", responses=problem_responses(401, 403, 404)
)
async def get_package(
    identity: UUID, read: Read, viewer: Viewer, response: Response, version: Version = None
) -> ResultPackage:
    return _answer(await _readable(read, viewer, identity, version), response)


@router.get(
    "/package.zip",
    summary="The package itself",
    **serving("application/zip", 401, 403, 404, 410, format="binary"),
)
async def download_package(
    identity: UUID, read: Read, viewer: Viewer, version: Version = None
) -> Response:
    row = await _readable(read, viewer, identity, version)
    content = await package_file(read, row.id)
    if content is None:
        raise Problem(
            410,
            "removed",
            Label("Die Datei wurde entfernt", "The file was removed"),
            Text("An idea in it was deleted on request. A new package can be made."),
        )
    headers = {
        "ETag": f'"{row.digest}"',
        "Repr-Digest": f"sha-256=:{base64.b64encode(bytes.fromhex(row.digest)).decode()}:",
        "Content-Disposition": f'attachment; filename="klimawerkstatt-v{row.version}.zip"',
        "Cache-Control": "private, no-cache",
    }
    return Response(content, headers=headers, media_type="application/zip")


_changing = problem_responses(400, 401, 403, 404, 409, 412, 422, 428)


@router.post("/package/delivery", summary="Hand the package over", responses=_changing)
async def deliver_package(
    identity: UUID, body: DeliveryIn, writer: ManagerChange, response: Response
) -> ResultPackage:
    row = await actions.deliver(writer, identity, body.recipient, body.note)
    return _answer(row, response)


@router.post(
    "/package/acknowledgement", summary="Confirm that the package arrived", responses=_changing
)
async def acknowledge_package(
    identity: UUID, writer: EditorChange, response: Response
) -> ResultPackage:
    """409 for a package that was not delivered."""
    return _answer(await actions.acknowledge(writer, identity), response)
