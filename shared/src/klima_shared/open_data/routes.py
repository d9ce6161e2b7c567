"""Routes of a service's catalogue: as RDF for portals, as a list for people's programs, and each
dataset described. What is in it comes from the `catalogue` of `create_service`."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, Any, Final

import anyio.to_thread
import orjson
from fastapi import APIRouter, Depends, Path, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from klima_shared.database.connections import Read, ReadConnection
from klima_shared.http.language import RequestLanguage
from klima_shared.http.problems import not_found, problem_responses
from klima_shared.language.numbers import Lang
from klima_shared.language.text import Text
from klima_shared.open_data.catalog import Catalogue, Dataset, Publisher
from klima_shared.open_data.data_package import csv_on_the_web, data_package
from klima_shared.open_data.rdf import serialize
from klima_shared.wire.json import JsonObject
from klima_shared.wire.meta import LICENCE, NoNext

Build = Callable[[Request, ReadConnection], Awaitable[Catalogue]]
_TURTLE: Final = "text/turtle"
_JSONLD: Final = "application/ld+json"
DatasetPath = Annotated[str, Path(pattern=r"^[a-z0-9-]{1,60}$", examples=["balances"])]


class DatasetFile(BaseModel):
    format: str = Field(examples=["csv"])
    title: str
    url: str


class DatasetInfo(BaseModel):
    """One table of open data."""

    id: str = Field(examples=["balances"])
    title: str
    description: str
    licence: str = LICENCE
    modified: datetime
    example: bool = Field(description="contains invented figures for demonstration")
    operation: str = Field(description="operationId that gives it")
    files: list[DatasetFile]
    data_package: str
    csvw: str | None


class DataPackage(BaseModel):
    """A data package (datapackage.org, version 2); what else it has, the standard says."""

    model_config = ConfigDict(extra="allow")

    name: str = Field(examples=["balances"])
    title: str
    description: str
    resources: list[JsonObject]


class Datasets(BaseModel):
    items: list[DatasetInfo]
    next: NoNext = None


def base_of(request: Request) -> str:
    """The address under which the world sees this service, without a slash at its end."""
    return str(request.app.state.settings.public_url or request.base_url).rstrip("/")


def publisher_of(request: Request) -> Publisher:
    settings = request.app.state.settings
    url = str(settings.publisher_url) if settings.publisher_url else None
    return Publisher(
        settings.publisher_name, url, settings.publisher_mail, settings.open_data_contributor
    )


def _media(media_type: str) -> dict[int | str, dict[str, Any]]:
    kind = "object" if media_type.endswith("json") else "string"
    return {200: {"content": {media_type: {"schema": {"type": kind}}}}}


_PACKAGE_EXAMPLE: Final = {
    "name": "balances",
    "title": "Bilanzen",
    "description": "Veröffentlichte Bilanzen, Zelle für Zelle",
    "resources": [{"name": "balances-1-csv", "format": "csv"}],
}


async def _listed(request: Request, read: Read) -> Catalogue:
    build: Build = request.app.state.catalogue
    return await build(request, read)


Listed = Annotated[Catalogue, Depends(_listed)]
router = APIRouter(tags=["open data"])


@router.get(
    "/catalog.ttl",
    summary="Catalogue of open data as Turtle",
    response_class=Response,
    responses=_media(_TURTLE),
)
async def get_catalog_turtle(listed: Listed) -> Response:
    """DCAT-AP.de, for data portals to harvest."""
    content = await anyio.to_thread.run_sync(serialize, listed, "turtle")
    return Response(content, media_type=_TURTLE)


@router.get(
    "/catalog.jsonld",
    summary="Catalogue of open data as JSON-LD",
    response_class=Response,
    responses=_media(_JSONLD),
)
async def get_catalog_jsonld(listed: Listed) -> Response:
    """The same graph as JSON-LD."""
    content = await anyio.to_thread.run_sync(serialize, listed, "json-ld")
    return Response(content, media_type=_JSONLD)


@router.get("/v1/datasets", summary="Tables of open data")
async def list_datasets(listed: Listed, lang: RequestLanguage) -> Datasets:
    return Datasets(items=[_info(listed, dataset, lang) for dataset in listed.datasets])


@router.get(
    "/v1/datasets/{dataset}",
    summary="One table of open data",
    responses=problem_responses(404, 422),
)
async def get_dataset(listed: Listed, lang: RequestLanguage, dataset: DatasetPath) -> DatasetInfo:
    return _info(listed, _find(listed, dataset), lang)


@router.get(
    "/v1/datasets/{dataset}/datapackage.json",
    summary="Frictionless data package",
    response_model=DataPackage,
    responses={
        200: {"content": {"application/json": {"example": _PACKAGE_EXAMPLE}}},
        **problem_responses(404, 422),
    },
)
async def get_data_package(listed: Listed, dataset: DatasetPath) -> Response:
    """Frictionless data package: every file with its dialect, the CSV with its schema."""
    content = orjson.dumps(data_package(listed, _find(listed, dataset)))
    return Response(content, media_type="application/json")


@router.get(
    "/v1/datasets/{dataset}/csvw.json",
    summary="CSV on the Web descriptor",
    response_class=Response,
    responses={**_media("application/csvm+json"), **problem_responses(404, 422)},
)
async def get_csvw(listed: Listed, dataset: DatasetPath) -> Response:
    """CSV on the Web: the columns of the dataset's CSV with types, labels and units."""
    found = _find(listed, dataset)
    if found.csv is None or not found.columns:
        raise _missing(dataset)
    content = orjson.dumps(csv_on_the_web(listed, found))
    return Response(content, media_type="application/csvm+json")


def _missing(dataset: str) -> Exception:
    return not_found(Text("There is no table “{dataset}” here.", dataset=dataset))


def _find(listed: Catalogue, dataset: str) -> Dataset:
    for one in listed.datasets:
        if one.id == dataset:
            return one
    raise _missing(dataset)


def _info(listed: Catalogue, dataset: Dataset, lang: Lang) -> DatasetInfo:
    here = f"{listed.base}/v1/datasets/{dataset.id}"
    return DatasetInfo(
        id=dataset.id,
        title=dataset.title.get(lang),
        description=dataset.description.get(lang),
        modified=listed.modified,
        example=dataset.example,
        operation=dataset.operation,
        files=[
            DatasetFile(format=d.form, title=d.title.get(lang), url=listed.base + d.path)
            for d in dataset.distributions
        ],
        data_package=f"{here}/datapackage.json",
        csvw=f"{here}/csvw.json" if dataset.csv and dataset.columns else None,
    )
