"""Values inside answers of another service: what a reader computes with, parses or looks up is
checked when the answer arrives, so that a wrong one is no answer and never a fault of a page."""

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from typing import Annotated, TypeAlias, TypeVar

from pydantic import AfterValidator, Field

from klima_shared.codes.action import MeasureStatus, Phase
from klima_shared.codes.energy import Sector

T = TypeVar("T")


def _moment(text: str) -> str:
    if datetime.fromisoformat(text).tzinfo is None:
        raise ValueError("a moment has its zone")
    return text


def _code_of(codes: type[StrEnum]) -> Callable[[str], str]:
    def check(value: str) -> str:
        return codes(value).value

    return check


Year: TypeAlias = Annotated[int, Field(ge=1900, le=2200)]
Figure: TypeAlias = Annotated[float, Field(ge=-1e15, le=1e15, allow_inf_nan=False)]
Count: TypeAlias = Annotated[int, Field(ge=0, le=10**10)]
Version: TypeAlias = Annotated[int, Field(ge=1, le=10**6)]
Digits: TypeAlias = Annotated[str, Field(pattern=r"^-?[0-9]{1,15}(\.[0-9]{1,6})?$")]
Key: TypeAlias = Annotated[str, Field(pattern=r"^[A-Za-z0-9._~-]{1,200}$")]  # part of an address
Identity: TypeAlias = Annotated[str, Field(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
CostCode: TypeAlias = Annotated[str, Field(pattern="^(investment|material|staff|external)$")]
Cursor: TypeAlias = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,1000}$")]
Moment: TypeAlias = Annotated[str, AfterValidator(_moment)]
PhaseCode: TypeAlias = Annotated[str, AfterValidator(_code_of(Phase))]
StatusCode: TypeAlias = Annotated[str, AfterValidator(_code_of(MeasureStatus))]
SectorCode: TypeAlias = Annotated[str, AfterValidator(_code_of(Sector))]
Some: TypeAlias = Annotated[list[T], Field(min_length=1)]
"""A list that is never empty."""
