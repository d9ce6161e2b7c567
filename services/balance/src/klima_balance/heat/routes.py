"""District heat networks: plant data or a declared technology, and which of them serves as the
factor."""

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from klima_balance.engine.options import DEFAULT_FACTOR_SET
from klima_balance.figures.actions import keyed
from klima_balance.figures.queries import revisions
from klima_balance.heat import actions, model, queries
from klima_balance.heat.queries import NETWORKS
from klima_balance.heat.rules import factor_of
from klima_balance.heat.shapes import Network, NetworkContent, network_of
from klima_balance.method.model import Method
from klima_balance.regions.routes.common import (
    AgsPath,
    MethodTables,
    YearPath,
    problem_of,
    region_or_404,
)
from klima_balance.regions.shapes import Revision
from klima_shared.codes.access import Role
from klima_shared.database.connections import Read
from klima_shared.http.auth import Viewer
from klima_shared.http.etags import OptionalIfMatch
from klima_shared.http.language import RequestLanguage
from klima_shared.http.paging import Page, Paging, check_key
from klima_shared.http.problems import problem_responses
from klima_shared.language.errors import InputError
from klima_shared.language.numbers import Lang
from klima_shared.revisions import entities
from klima_shared.revisions.dependencies import EditorChange, EditorWriter

router = APIRouter(prefix="/v1/regions/{ags}/heat-supply", tags=["heat supply"])

NetworkPath = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$", examples=["netz-mitte"])]


def _network(row: model.Network, method: Method, lang: Lang) -> Network:
    try:
        return network_of(row, factor_of(row, method, DEFAULT_FACTOR_SET), lang)
    except InputError as error:
        raise problem_of(error) from error


@router.get("", summary="List the heat networks", responses=problem_responses(401, 403, 404, 422))
async def list_heat_networks(
    ags: AgsPath,
    read: Read,
    viewer: Viewer,
    method: MethodTables,
    lang: RequestLanguage,
    page: Paging,
    year: Annotated[int | None, Query(ge=1990, le=2100)] = None,
) -> Page[Network]:
    """Networks by year, each with its factor and which way served: plant data, a declared
    technology, the default."""
    await region_or_404(read, ags)
    viewer.require(Role.VIEWER, ags)
    after, limit = check_key(page.after, int, str), page.limit + 1
    rows = await queries.of_region(read, ags, year, limit=limit, after=after)
    return page.answer(rows, ["year", "network"], lambda row: _network(row, method, lang))


@router.get(
    "/{year}/{network}", summary="One heat network", responses=problem_responses(401, 403, 404, 422)
)
async def get_heat_network(
    response: Response,
    ags: AgsPath,
    year: YearPath,
    network: NetworkPath,
    read: Read,
    viewer: Viewer,
    method: MethodTables,
    lang: RequestLanguage,
) -> Network:
    viewer.require(Role.VIEWER, ags)
    row = await entities.get(read, NETWORKS, ags, year, network)
    response.headers["ETag"] = NETWORKS.etag(row)
    return _network(row, method, lang)


@router.get(
    "/{year}/{network}/history",
    summary="Its revisions",
    responses=problem_responses(401, 403, 404, 422),
)
async def list_heat_network_history(
    ags: AgsPath, year: YearPath, network: NetworkPath, read: Read, viewer: Viewer
) -> Page[Revision]:
    """Every revision, the deleting one included: who changed what when."""
    viewer.require(Role.VIEWER, ags)
    key = keyed.text_of((ags, year, network))
    rows = await revisions.history(read, NETWORKS.name, key)
    if not rows:
        raise NETWORKS.missing()
    return Page(items=[Revision(**{n: r[n] for n in Revision.model_fields}) for r in rows])


@router.put(
    "/{year}/{network}",
    summary="Store a heat network",
    status_code=200,
    responses={201: {"model": Network}, **problem_responses(400, 401, 403, 404, 412, 422, 428)},
)
async def replace_heat_network(
    response: Response,
    ags: AgsPath,
    year: YearPath,
    network: NetworkPath,
    body: NetworkContent,
    writer: EditorWriter,
    method: MethodTables,
    lang: RequestLanguage,
    if_match: OptionalIfMatch,
) -> Network:
    """Create without `If-Match`, change with it. The next balance of the year uses it."""
    writer = replace(writer, if_match=if_match)
    content = body.model_dump(mode="json")
    row, new = await actions.put(writer, (ags, year, network), content)
    response.status_code = 201 if new else 200
    response.headers["ETag"] = NETWORKS.etag(row)
    return _network(row, method, lang)


@router.delete(
    "/{year}/{network}",
    summary="Remove a heat network",
    status_code=204,
    responses=problem_responses(401, 403, 404, 412, 422, 428),
)
async def delete_heat_network(
    ags: AgsPath, year: YearPath, network: NetworkPath, writer: EditorChange
) -> None:
    await actions.remove(writer, (ags, year, network))
