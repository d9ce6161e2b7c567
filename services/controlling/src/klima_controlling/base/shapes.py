"""Fields that bodies of several subjects have, and a body as a row."""

from datetime import date
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from klima_controlling.base.queries import Row
from klima_shared.codes.quantities import Signed
from klima_shared.codes.references import ORGANISATION, Reference

CODE = r"^[A-Za-z][A-Za-z0-9_-]{0,59}$"
# more than anything that is counted in a county: what is beyond it was mistyped, and no page could
# show it
Figure = Signed
MeasureId = Annotated[UUID, Reference("measure")]
OrganisationKey = Annotated[
    str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,59}$"), Reference(ORGANISATION)
]


def row_of(body: BaseModel) -> Row:
    """A body as a row: nested values as JSON; dates, amounts and ids as they are."""
    plain = body.model_dump(mode="json")
    own = {name: getattr(body, name) for name in plain}
    return plain | {n: v for n, v in own.items() if isinstance(v, date | Decimal | UUID)}
