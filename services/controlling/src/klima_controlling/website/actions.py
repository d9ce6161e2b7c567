"""Gathering what a public page shows of a region. No connection is held while another service is
asked."""

from collections.abc import Sequence
from functools import partial

from klima_controlling.base.actions import Context
from klima_controlling.status import actions as status
from klima_controlling.status.model import Judged
from klima_controlling.status.rules import beside_breaks, judge
from klima_controlling.targets.model import Law, Point, Target
from klima_controlling.upstream.actions import optional, projections, region_state
from klima_controlling.upstream.model import RegionState
from klima_controlling.upstream.rules import series_of_comparisons
from klima_controlling.website.model import Member, Page
from klima_shared.database.connections import Database
from klima_shared.http.problems import Problem
from klima_shared.language.numbers import Lang
from klima_shared.service.concurrency import results, task_group
from klima_shared.upstream.model import Cached


async def region_page(
    database: Database, context: Context, ags: str, lang: Lang, *, full: bool = True
) -> Page:
    """The page of a county or a municipality. `full` False: only what an embed shows."""
    above = context.county_of(ags) if full else None
    async with task_group() as group:
        own = group.create_task(region_state(context, ags, with_measures=full))
        whole = group.create_task(_county_state(context, above))
    state, county = own.result(), whole.result()
    compared = full and ags == context.county
    async with database.read() as connection:
        recorded = await status.recorded(connection, context, ags)
        below = await status.county_targets(connection, context) if compared else []
    async with task_group() as group:
        judged = group.create_task(status.lights(context, state, recorded))
        ahead = group.create_task(projections(context, ags, state.latest))
        members = group.create_task(_members(context, state, below if compared else None, lang))
    return Page(
        state,
        county,
        judged.result(),
        members.result(),
        ahead.result(),
        lang,
        context.today(),
        context.contact,
        context.balance_public_url,
        context.measures_public_url,
    )


async def _county_state(context: Context, ags: str | None) -> RegionState | None:
    if ags is None:
        return None
    try:
        return await region_state(context, ags, with_measures=False)
    except Problem:  # the county's mean is an extra; the municipality's page stands without it
        return None


async def _members(
    context: Context, state: RegionState, targets: Sequence[Target] | None, lang: Lang
) -> list[Member]:
    """The county's municipalities with their figure per inhabitant and their light, by name; none
    without `targets`."""
    if targets is None:
        return []
    members = await optional(context.balance.members(state.ags))
    if not isinstance(members, Cached) or not state.balances:
        return []
    keys = [m["ags"] for m in members.data]
    years = [d["year"] for d in state.complete]
    compared = await results(optional(context.balance.comparison(keys, year)) for year in years)
    documents = [c.data for c in compared if isinstance(c, Cached)]
    if not documents:
        return []
    latest = {item["region"]["ags"]: item["per"] for item in documents[-1]["items"]}
    act = await status.law_for(context, targets)
    broken = dict(zip(keys, await results(map(context.balance.breaks, keys)), strict=True))
    everybody = next((t for t in targets if t.applies_below), None)
    rows = []
    for member in sorted(members.data, key=lambda m: _sortable(m["name"])):
        ags = member["ags"]
        target, light, word = next((t for t in targets if t.key == ags), everybody), "", ""
        if target is not None:
            applied = status.applied(target, ags)
            series = series_of_comparisons(documents, ags)
            light_of = partial(_light, applied, series, context.today().year, act)
            judged = beside_breaks(light_of(0.0), broken[ags], light_of)
            target, light, word = judged.target, judged.light.value, judged.label.get(lang)
        own = target is not None and target.key == ags
        rows.append(Member(ags, member["name"], latest.get(ags), target, light, word, own))
    return rows


def _light(
    target: Target, series: Sequence[Point], year: int, act: Law | None, less: float
) -> Judged:
    """The light of a municipality, had its last figure these tonnes less."""
    last = [Point(point.year, point.value - less) for point in series[-1:]]
    return judge(target, [*series[:-1], *last], year, act)


def _sortable(name: str) -> str:
    return name.lower().translate(str.maketrans("äöü", "aou")).replace("ß", "ss")
