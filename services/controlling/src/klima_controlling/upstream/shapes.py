"""`meta` of figures that are drawn from what the other services answered."""

from datetime import datetime, time

from klima_controlling.base.actions import Context
from klima_controlling.base.model import BERLIN
from klima_controlling.upstream.model import RegionState
from klima_shared.language.numbers import Lang
from klima_shared.language.text import Text
from klima_shared.wire.meta import FactorSetReference, Meta

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
