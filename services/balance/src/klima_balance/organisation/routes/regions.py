"""Registry of territorial units: Germany, states, counties, municipalities; and of organisations,
which it lists beside them."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field, JsonValue

from klima_balance.organisation import queries as organisations
from klima_balance.organisation.model import Organisation
from klima_balance.regions import queries
from klima_balance.regions.routes.common import AgsPath, region_or_404
from klima_balance.territory import queries as territory
from klima_shared.codes.regions import Ags, RegionKind
from klima_shared.county import served_county
from klima_shared.database.connections import Read
from klima_shared.http.language import RequestLanguage
from klima_shared.http.paging import ModifiedSince, Page, Paging, check_key
from klima_shared.http.problems import problem_responses
from klima_shared.language.numbers import Lang
from klima_shared.wire.json import JsonObject

router = APIRouter(prefix="/v1/regions", tags=["regions"])

EXAMPLE: dict[str, JsonValue] = {
    "ags": "05974040",
    "ars": "059740040040",
    "name": served_county().town,
    "kind": "municipality",
    "label": "Gemeinde",
    "parent": "05974000",
    "valid_from": None,
    "valid_to": None,
    "successors": [],
}


class Region(BaseModel):
    model_config = {"json_schema_extra": {"examples": [EXAMPLE]}}

    ags: str = Field(description="canonical key, 8 characters")
    ars: str | None = Field(description="12-digit regional key")
    name: str
    kind: RegionKind
    label: str = Field(description="the kind in the reader's language")
    parent: str | None = Field(description="the next region up")
    valid_from: date | None = Field(
        default=None, description="its first day; null: not known of another one before it"
    )
    valid_to: date | None = Field(
        default=None, description="its last day; null: it exists", examples=["2020-12-31"]
    )
    successors: list[str] = Field(
        default_factory=list,
        description="of a region that ended: those on its territory",
        examples=[["03358024"]],
    )
    organisation: UUID | None = Field(
        default=None,
        description=(
            "of an organisation: its id in /v1/organisations; `ags` is then the territory it"
            " belongs to"
        ),
    )


class Figure(BaseModel):
    """One official figure with its source. `flag`: `implausible` (not used), `correction` (used in
    its place), or empty."""

    year: int
    statistic: str
    value: float
    unit: str
    source: str
    certainty: str
    flag: str
    note: str | None


class RegionDetail(Region):
    population: dict[int, int] = Field(
        description="inhabitants on 31 December, by year", examples=[{"2021": 47929}]
    )
    area_km2: dict[int, float] = Field(description="by year", examples=[{"2021": 85.81}])
    members: int = Field(
        description="how many municipalities it is the sum of now; 0 for a municipality"
    )
    figures: list[Figure] = Field(description="population and area with their sources")


def _organisation(row: Organisation, lang: Lang) -> Region:
    kind, own = RegionKind.ORGANISATION, row.region
    to_year = row.to_year
    return Region(
        ags=own,
        ars=None,
        name=row.name,
        kind=kind,
        label=kind.label(lang),
        parent=own,
        organisation=row.id,
        valid_to=None if to_year is None else date(to_year, 12, 31),
    )


def _region(row: queries.Region, lang: Lang, successors: Mapping[str, Sequence[str]]) -> JsonObject:
    kind = RegionKind(row.kind)
    shown = {name: value for name, value in vars(row).items() if name in Region.model_fields}
    heirs = list(successors.get(row.ags, ()))
    return shown | {"kind": kind, "label": kind.label(lang), "successors": heirs}


@router.get("", summary="List regions", responses=problem_responses(422))
async def list_regions(
    read: Read,
    page: Paging,
    lang: RequestLanguage,
    parent: Annotated[
        Ags | None,
        Query(description="only the regions directly below this one", examples=["05974"]),
    ] = None,
    kind: Annotated[RegionKind | None, Query(description="only regions of this kind")] = None,
    q: Annotated[
        str | None,
        Query(max_length=100, description="part of the name, or the beginning of the key"),
    ] = None,
    modified_since: ModifiedSince = None,
) -> Page[Region]:
    """Germany, states, counties and municipalities by key; filters can be combined.

    Organisations are another boundary and have no key of their own: they are listed with
    `kind=organisation`.
    """
    if kind is RegionKind.ORGANISATION:
        after = check_key(page.after, UUID)
        limit = page.limit + 1
        found = await organisations.of_region(
            read, parent, q, modified_since, limit=limit, after=after
        )
        return page.answer(found, ["id"], lambda row: _organisation(row, lang))
    after = check_key(page.after, str)
    rows = await queries.listing(
        read,
        queries.RegionFilter(parent, kind, q, modified_since),
        limit=page.limit + 1,
        after=after[0] if after else None,
    )
    heirs = await territory.successors(read, [row.ags for row in rows if row.valid_to])
    return page.answer(rows, ["ags"], lambda row: Region(**_region(row, lang, heirs)))


@router.get("/{ags}", summary="One region", responses=problem_responses(404, 422))
async def get_region(ags: AgsPath, read: Read, lang: RequestLanguage) -> RegionDetail:
    """Name, kind, parent, population and area by year, each with its source; of a region that
    ended, its last day and its successors."""
    row = await region_or_404(read, ags)
    figures = await queries.figures(read, [ags], ["population", "land_area_ha"])
    good = [f for f in figures if f.flag != "implausible"]
    members = [] if row.leaf else await queries.leaves(read, ags, datetime.now(UTC).year)
    heirs = await territory.successors(read, [ags])
    return RegionDetail(
        **_region(row, lang, heirs),
        population={f.year: round(f.value) for f in good if f.statistic == "population"},
        area_km2={f.year: f.value / 100 for f in good if f.statistic == "land_area_ha"},
        members=len(members),
        figures=[Figure(**{n: getattr(f, n) for n in Figure.model_fields}) for f in figures],
    )
