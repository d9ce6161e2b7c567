"""How far each target is: the lights of a region and of an organisation."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from klima_controlling.base.routes import CHECKED, AgsPath, OrganisationPath, context_of
from klima_controlling.status import actions as status
from klima_controlling.status.rules import judge
from klima_controlling.status.shapes import Status, StatusList, light_answer
from klima_controlling.upstream.actions import region_state
from klima_controlling.upstream.shapes import meta_of
from klima_shared.codes.regions import Ags
from klima_shared.database.connections import database_of
from klima_shared.http.language import RequestLanguage
from klima_shared.http.problems import not_found, problem_responses
from klima_shared.language.numbers import Lang
from klima_shared.language.text import Text

router = APIRouter(prefix="/v1", tags=["status"], dependencies=CHECKED)


@router.get(
    "/regions/{ags}/status",
    summary="The traffic lights of a region",
    responses=problem_responses(404, 422, 503),
)
async def get_region_status(
    request: Request, response: Response, ags: AgsPath, lang: RequestLanguage
) -> Status:
    """Every target with its path, the newest published figure beside it, and the arithmetic.
    `unknown` when data is missing or old. With another service down it answers from the last good
    copy and says since when. The first answer after a balance was published may come before its
    band is computed: then `settled` is null, and the answer is `no-store`.
    """
    return await _status_of(request, response, ags, lang)


@router.get(
    "/status",
    summary="The traffic lights of a region and of those below it",
    responses=problem_responses(404, 422, 503),
)
async def list_region_status(
    request: Request,
    response: Response,
    lang: RequestLanguage,
    parent: Annotated[Ags, Query(description="county or state", examples=["05974"])],
) -> StatusList:
    """A county and its municipalities in one call, as `/v1/regions/{ags}/status` has each."""
    members = await context_of(request).balance.members(parent)
    keys = [parent, *(member["ags"] for member in members.data)]
    return StatusList(items=[await _status_of(request, response, ags, lang) for ags in keys])


async def _status_of(request: Request, response: Response, ags: str, lang: Lang) -> Status:
    context = context_of(request)
    state = await region_state(context, ags, with_measures=False)
    async with database_of(request).read() as connection:
        known = await status.recorded(connection, context, ags)
    judged = await status.lights(context, state, known)
    if any(light.awaits_band for light in judged):
        response.headers["Cache-Control"] = "no-store"
    return Status(
        key=ags,
        name=state.region["name"],
        as_of=context.today(),
        lights=[light_answer(j, ags, lang) for j in judged],
        stale_since=state.stale_since,
        stale=dict(state.stale),
        missing=sorted(state.down),
        meta=meta_of(state, context, lang),
    )


@router.get(
    "/organisations/{organisation}/status",
    summary="The traffic lights of an organisation",
    responses=problem_responses(404, 422),
)
async def get_organisation_status(
    request: Request, organisation: OrganisationPath, lang: RequestLanguage
) -> Status:
    """Another boundary and another target than the territory; the two are never mixed."""
    context = context_of(request)
    known = await status.of_organisation(database_of(request), context, organisation)
    found = known.targets
    if not found:
        raise not_found(
            Text(
                'There is no target of an organisation "{organisation}" here.',
                organisation=organisation,
            )
        )
    series = [await status.organisation_series(context, target, known) for target in found]
    year = context.today().year
    act = await status.law_for(context, found)
    judged = [
        judge(target, points, year, act) for target, (points, _) in zip(found, series, strict=True)
    ]
    since = min((s for _, s in series if s is not None), default=None)
    return Status(
        key=found[0].key,
        name=found[0].title.get(lang),
        as_of=context.today(),
        lights=[light_answer(j, found[0].key, lang) for j in judged],
        stale_since=since,
        meta=meta_of(
            None, context, lang, ["Bilanz der Organisation, sonst eingetragene Jahreswerte"]
        ),
    )
