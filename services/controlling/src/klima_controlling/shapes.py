"""What several routers of the controlling service share."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Path, Query
from pydantic import BaseModel, Field

from klima_controlling.context import BERLIN, Context
from klima_controlling.queries import Row
from klima_controlling.upstream.model import RegionState
from klima_shared.codes.quantities import Finite, YearParam
from klima_shared.codes.regions import Ags
from klima_shared.county import served_county
from klima_shared.http.auth import current_principal
from klima_shared.language.numbers import Lang
from klima_shared.language.text import Text
from klima_shared.wire.meta import FactorSetReference, Meta

AgsPath = Annotated[Ags, Path(description="AGS or ARS as text", examples=["05974040"])]
YearQuery = Annotated[
    YearParam | None, Query(description="the newest published balance by default", examples=[2021])
]
# A token that comes with a public read must be good as well.
CHECKED = [Depends(current_principal)]
CODE = r"^[A-Za-z][A-Za-z0-9_-]{0,59}$"
CodePath = Annotated[str, Path(pattern=CODE, examples=["THG_EW_gesamt"])]
OrganisationPath = Annotated[
    str, Path(pattern=r"^[a-z0-9][a-z0-9-]{0,59}$", examples=[f"konzern-{served_county().slug}"])
]

# more than anything that is counted in a county: what is beyond it was mistyped, and no page could
# show it
LARGEST = 1e12
Figure = Annotated[Finite, Field(ge=-LARGEST, le=LARGEST)]


def row_of(body: BaseModel) -> Row:
    """A body as a row: nested values as JSON; dates, amounts and ids as they are."""
    plain = body.model_dump(mode="json")
    own = {name: getattr(body, name) for name in plain}
    return plain | {n: v for n, v in own.items() if isinstance(v, date | Decimal | UUID)}


METHOD = Text("Controlling: target paths, indicators and reports over balance and measures")


def meta_of(
    state: RegionState | None, context: Context, lang: Lang, sources: list[str] | None = None
) -> Meta:
    """`meta` of figures drawn from a region's balances and measures, or of this service's own.

    `generated_at` is when the newest of them was published: the same figures give the same bytes,
    and a 304.
    """
    documents = list(state.balances) if state else []
    found = {source for d in documents for source in d["meta"]["sources"]}
    if state and state.measures:
        found.add("Maßnahmen-Steckbriefe der Kommunen")
        if any(item.get("example") for item in state.measures):
            found.add("Beispieldaten: Zahlen der Maßnahmen sind erfunden und dienen der Vorführung")
    published = max(
        (str(d["published_at"]) for d in documents if d.get("published_at")), default=None
    )
    moment = datetime.fromisoformat(published) if published else _midnight(context)
    factor_set = documents[-1]["factor_set"] if documents else None
    return Meta(
        generated_at=moment,
        method=METHOD.get(lang),
        factor_set=FactorSetReference.model_validate(factor_set) if factor_set else None,
        sources=sorted(found | set(sources or ())),
    )


def _midnight(context: Context) -> datetime:
    return datetime.combine(context.today(), time(), BERLIN)
