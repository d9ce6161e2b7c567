"""The sectors as the county's concept lists them: a view of the same figures."""

from fastapi import APIRouter
from pydantic import BaseModel, Field
from starlette.responses import Response

from klima_balance.balances.routes.documents import public_meta
from klima_balance.balances.routes.views import Version, published_document
from klima_balance.balances.rules.concept import sectors_of
from klima_balance.balances.shapes import BalanceRegion
from klima_balance.regions.routes.common import AgsPath, YearPath
from klima_shared.database.connections import Read
from klima_shared.formats import Format, RequestedFormat, Table, table_response, tabular
from klima_shared.formats.tables import read_columns
from klima_shared.http.language import RequestLanguage
from klima_shared.language.text import Text
from klima_shared.wire.meta import Meta

router = APIRouter(prefix="/v1/regions/{ags}/balances/{year}/views", tags=["views"])
_COLUMNS = read_columns("klima_balance", "balances.concept")


class FleetFigures(BaseModel):
    final_energy_mwh: float
    emissions_t_co2e: float


class ConceptSector(BaseModel):
    """null: this row has no such figure, or it is not known; neither is zero."""

    label: str = Field(examples=["Kommunale Liegenschaften und kommunaler Fuhrpark"])
    shown_from: str = Field(examples=["sector municipal"])
    in_bisko: bool = Field(description="whether it is a part of the BISKO total")
    final_energy_mwh: float | None
    emissions_t_co2e: float | None
    generation_mwh: float | None = Field(description="of renewable power; never subtracted")
    fleet: FleetFigures | None = Field(description="contained in transport; in no sum here")
    note: str | None


class ConceptSectors(BaseModel):
    region: BalanceRegion
    year: int
    version: int | None = Field(description="of the balance whose figures these are")
    items: list[ConceptSector]
    bisko_t_co2e: float | None = Field(
        description="of the balance: the sum of the rows with `in_bisko`, there is no other total"
    )
    meta: Meta


@router.get(
    "/concept-sectors",
    summary="The sectors as the county's concept lists them",
    **tabular(ConceptSectors, 404, 422),
)
async def get_concept_sectors(
    ags: AgsPath,
    year: YearPath,
    read: Read,
    lang: RequestLanguage,
    form: RequestedFormat,
    version: Version = None,
) -> ConceptSectors | Response:
    """The five sectors of BISKO under the concept's names, and beside them agriculture and local
    renewable power, which the concept lists as sectors. The same figures, no other total."""
    _, document = await published_document(read, ags, year, version, lang)
    items = [
        ConceptSector(
            **row
            | {
                "label": row["label"].get(lang),
                "note": row["note"].get(lang) if row["note"] is not None else None,
            }
        )
        for row in sectors_of(document)
    ]
    if form is not Format.JSON:
        rows = [[getattr(item, column.name) for column in _COLUMNS] for item in items]
        title = Text("Sectors of the concept")
        table = Table(f"sektoren-{ags}-{year}", title, _COLUMNS, rows)
        return await table_response(table, form, lang)
    return ConceptSectors(
        region=BalanceRegion(**document["region"]),
        year=year,
        version=document["version"],
        items=items,
        bisko_t_co2e=document["totals"]["bisko_t_co2e"],
        meta=public_meta([document]),
    )
