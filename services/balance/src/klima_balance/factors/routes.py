"""Factor sets: versions, rows with source and certainty; upload and release by the keepers of the
method."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from klima_balance.factors import actions as usecases
from klima_balance.factors import queries
from klima_balance.method.sources import source_in
from klima_balance.regions.tables import metadata
from klima_shared.codes.access import Role
from klima_shared.codes.quality import Certainty
from klima_shared.database.connections import Read, ReadConnection, Write
from klima_shared.http.auth import Caller, MethodKeeper, Principal
from klima_shared.http.idempotency import Created, Idempotency, creating
from klima_shared.http.language import RequestLanguage
from klima_shared.http.paging import ModifiedSince, Page, Paging, check_key
from klima_shared.http.problems import not_found, problem_responses
from klima_shared.language.text import Text
from klima_shared.revisions.writing import Writer

router = APIRouter(prefix="/v1/factor-sets", tags=["factor sets"])

SetPath = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9._-]{2,59}$", examples=["bisko-2026.1"])]


class FactorSet(BaseModel):
    id: str = Field(examples=["bisko-2026.1"])
    version: str
    kind: str = Field(description="`bisko` for balances, others for comparison", examples=["bisko"])
    title: str
    state: str = Field(
        examples=["released"], description="`draft` or `released`; a released set never changes"
    )
    gwp_set: str | None
    licence: str | None
    source: str
    note: str | None
    base: str | None = Field(
        default=None,
        description="of a partial set: the released set that what it lacks comes from",
        examples=["bisko-2026.2"],
    )
    digest: str = Field(description="of all rows, whatever their order")
    created_at: datetime
    released_at: datetime | None


class Factor(BaseModel):
    category: str = Field(examples=["natural_gas"])
    year: int | None = Field(examples=[2021], description="null: for every year")
    gas: str = Field(examples=["CO2e"])
    value: float = Field(examples=[246.9])
    unit: str = Field(examples=["g CO2e/kWh"])
    source: str
    certainty: str = Field(examples=["derived"])
    note: str | None


class NewFactor(BaseModel):
    model_config = ConfigDict(extra="forbid")

    category: str = Field(min_length=1, max_length=60, examples=["natural_gas"])
    year: int | None = Field(default=None, ge=1990, le=2100, examples=[2021])
    gas: str = Field(default="CO2e", pattern=r"^(CO2e|CO2|CH4|N2O|SF6|NF3)$")
    value: float = Field(ge=0, le=1e6, allow_inf_nan=False, strict=True, examples=[246.9])
    unit: str = Field(default="g CO2e/kWh", pattern=r"^g CO2e/kWh$", examples=["g CO2e/kWh"])
    source: str = Field(min_length=3, max_length=500)
    certainty: Certainty
    note: str | None = Field(default=None, max_length=500)


class NewFactorSet(BaseModel):
    model_config = ConfigDict(extra="forbid")

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]{2,59}$", examples=["bisko-2027.1"])
    version: str = Field(min_length=1, max_length=40, examples=["2027.1"])
    kind: str = Field(default="bisko", pattern=r"^(bisko|comparison|scenario)$")
    title: str = Field(min_length=3, max_length=200, examples=["BISKO-Emissionsfaktoren 2027"])
    source: str = Field(min_length=3, max_length=500)
    licence: str | None = Field(default=None, max_length=200)
    note: str | None = Field(default=None, max_length=1000)
    base: str | None = Field(
        default=None,
        max_length=60,
        description="the released set of the same kind that what this one lacks comes from",
        examples=["bisko-2026.2"],
    )
    factors: list[NewFactor] = Field(min_length=1, max_length=20_000)


def _set(row: queries.FactorSet) -> FactorSet:
    return FactorSet.model_validate(row, from_attributes=True)


async def _visible(read: ReadConnection, identity: str, caller: Principal) -> queries.FactorSet:
    row = await queries.find(read, identity)
    if row is None or (row.state == "draft" and not caller.may(Role.METHOD)):
        raise not_found(Text("There is no factor set “{identity}”.", identity=identity))
    return row


@router.get("", summary="List factor sets", responses=problem_responses(401, 422))
async def list_factor_sets(
    read: Read, page: Paging, caller: Caller, modified_since: ModifiedSince = None
) -> Page[FactorSet]:
    """Released sets for everybody; the keepers of the method see their drafts too."""
    after = check_key(page.after, str)
    rows = await queries.sets(
        read,
        drafts=caller.may(Role.METHOD),
        limit=page.limit + 1,
        after=after[0] if after else None,
        modified_since=modified_since,
    )
    return page.answer(rows, ["id"], _set)


@router.get("/{factor_set}", summary="One factor set", responses=problem_responses(401, 404, 422))
async def get_factor_set(factor_set: SetPath, read: Read, caller: Caller) -> FactorSet:
    return _set(await _visible(read, factor_set, caller))


@router.get(
    "/{factor_set}/factors",
    summary="Rows of a factor set",
    responses=problem_responses(401, 404, 422),
)
async def list_factors(
    factor_set: SetPath,
    read: Read,
    page: Paging,
    caller: Caller,
    lang: RequestLanguage,
    category: Annotated[str | None, Query(max_length=60, examples=["natural_gas"])] = None,
    year: Annotated[int | None, Query(ge=1990, le=2100)] = None,
) -> Page[Factor]:
    """Every factor with its unit, source and certainty."""
    await _visible(read, factor_set, caller)
    after = check_key(page.after, int)
    rows = await queries.rows(
        read,
        factor_set,
        limit=page.limit + 1,
        after=after[0] if after else None,
        category=category,
        year=year,
    )

    def factor(row: queries.FactorRow) -> Factor:
        found = Factor.model_validate(row, from_attributes=True)
        return found.model_copy(update={"source": source_in(found.source, lang)})

    return page.answer(rows, ["id"], factor)


@router.post("", summary="Upload a factor set", **creating(FactorSet, 400, 401, 403, 409, 413, 422))
async def create_factor_set(
    body: NewFactorSet, write: Write, keeper: MethodKeeper, idempotency: Idempotency
) -> Response:
    """A draft: it can be tried in draft balances, and is released once it is right. All rows or
    none."""

    async def action() -> Created:
        row = await usecases.upload(Writer(write, keeper, metadata), body.model_dump(mode="json"))
        return Created(_set(row), location=f"/v1/factor-sets/{body.id}")

    return await idempotency.run(write, action)


@router.post(
    "/{factor_set}/release",
    summary="Release a factor set",
    responses=problem_responses(401, 403, 404, 409, 422),
)
async def release_factor_set(factor_set: SetPath, write: Write, keeper: MethodKeeper) -> FactorSet:
    """From now on it never changes, and balances may be published with it."""
    return _set(await usecases.release(Writer(write, keeper, metadata), factor_set))
