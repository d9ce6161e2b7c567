"""`meta` of every answer with figures: when, by which method, under which licence, from which
sources; and what all lists have."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field
from typing_extensions import TypedDict

from klima_shared.county import served_county

LICENCE = "dl-de/by-2-0"
LICENCE_URL = "https://www.govdata.de/dl-de/by-2-0"
METHOD = "BISKO-orientiert, ergänzt um Landwirtschaft und Landnutzung"
METHOD_VERSION = "1"


class FactorSetReference(BaseModel):
    id: str
    version: str
    digest: str


class EditionReference(BaseModel):
    """Of the national tables: one publication for all years."""

    id: str = Field(examples=["AGEB-2025-09"])
    digest: str


class Meta(BaseModel):
    """Said with every figure."""

    generated_at: datetime = Field(description="when the figures were computed")
    method: str = METHOD
    method_version: str = METHOD_VERSION
    factor_set: FactorSetReference | None = None
    edition: EditionReference | None = Field(
        default=None, description="of the national tables behind the figures"
    )
    licence: str = LICENCE
    licence_url: str = LICENCE_URL
    attribution: str = Field(default=served_county().attribution)
    sources: list[str] = Field(default_factory=list)


class FactorSetDocument(TypedDict):
    """A `FactorSetReference` as another service reads it."""

    id: str
    version: str
    digest: str


class MetaDocument(TypedDict):
    """What a reader takes over from another service's `meta`."""

    attribution: str
    licence: str
    sources: list[str]


NoNext = Annotated[
    str | None,
    Field(max_length=1000, description="always null: this list comes whole, on one page"),
]
"""`next` of a list that is never cut into pages."""
