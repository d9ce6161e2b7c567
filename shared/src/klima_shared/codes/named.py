"""Marks on types of values that name something which is elsewhere: a region, an organisation, an
object."""

from dataclasses import dataclass
from typing import Final

REGION: Final = "region"
ORGANISATION: Final = "organisation"


@dataclass(frozen=True)
class Named:
    """`MeasureId = Annotated[UUID, Named("measure")]`: what is checked of a body, and what tests
    put in, follows from it."""

    kind: str
    mentioned: bool = False
    """Said of where something is; nothing is decided there, and no right is needed."""
