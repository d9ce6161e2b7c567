"""Marks on types of values that refer to something which is elsewhere: a region, an organisation,
an object."""

from dataclasses import dataclass
from typing import Final

REGION: Final = "region"
ORGANISATION: Final = "organisation"


@dataclass(frozen=True)
class Reference:
    """`MeasureId = Annotated[UUID, Reference("measure")]`: what is checked of a body, and what
    tests put in, follows from it."""

    kind: str
    needs_right: bool = True
    """Whether who writes it needs the right there; not where it only says where something is."""
