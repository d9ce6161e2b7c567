"""What several routers of the controlling service share."""

from __future__ import annotations

from datetime import datetime, time
from typing import Annotated

from fastapi import Depends, Path, Query
from pydantic import Field

from klima_controlling.context import BERLIN, Frame
from klima_controlling.upstream.actions import RegionState
from klima_shared.codes.fields import Ags, Finite, YearParam
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
    str, Path(pattern=r"^[a-z0-9][a-z0-9-]{0,59}$", examples=["konzern-kreis-soest"])
]

# more than anything that is counted in a county: what is beyond it was mistyped, and no page could
# show it
LARGEST = 1e12
Figure = Annotated[Finite, Field(ge=-LARGEST, le=LARGEST)]

METHOD = Text(
    "Controlling: Zielpfade, Indikatoren und Berichte über Bilanz und Maßnahmen",
    "Controlling: target paths, indicators and reports over balance and measures",
)


def meta_of(
    state: RegionState | None, frame: Frame, lang: Lang, sources: list[str] | None = None
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
    moment = datetime.fromisoformat(published) if published else _midnight(frame)
    factor_set = documents[-1]["factor_set"] if documents else None
    return Meta(
        generated_at=moment,
        method=METHOD.get(lang),
        factor_set=FactorSetReference(**{k: factor_set[k] for k in FactorSetReference.model_fields})
        if factor_set
        else None,
        sources=sorted(found | set(sources or ())),
    )


def _midnight(frame: Frame) -> datetime:
    return datetime.combine(frame.today(), time(), BERLIN)
