"""What a public page shows, gathered and put into words: and a key by which a page that was written
is found again."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Final

import orjson
from babel.dates import format_datetime

from klima_controlling.codes import Boundary
from klima_controlling.context import BERLIN, Frame
from klima_controlling.formulas.inputs import from_balance
from klima_controlling.status import actions as status
from klima_controlling.status.rules import Judged, judge
from klima_controlling.targets.model import Target
from klima_controlling.upstream.actions import (
    RegionState,
    optional,
    region_state,
    series_of_comparisons,
)
from klima_controlling.upstream.rules import Projection, ScenarioKind
from klima_controlling.upstream.scenarios import projections
from klima_controlling.upstream.source import Fetched
from klima_controlling.website.charts.marks import dot_on_axis, light_mark, status_mark
from klima_controlling.website.model import amounts_of
from klima_controlling.website.pictures import pictures
from klima_shared.codes.lists import FieldOfAction, MeasureStatus, Phase, Sector
from klima_shared.database.connections import Database
from klima_shared.http.problems import Problem
from klima_shared.language.numbers import Lang
from klima_shared.language.text import Text
from klima_shared.service.concurrency import together

SERVICES: Final = {
    "balance": Text("Der Bilanzdienst", "The balance service"),
    "measures": Text("Der Maßnahmendienst", "The measures service"),
}


@dataclass(frozen=True)
class Page:
    """What a page is made of. `key` changes whenever anything on the page would."""

    state: RegionState
    county: RegionState | None
    judged: Sequence[Judged]
    members: Sequence[Mapping[str, Any]]
    projections: Sequence[Projection]
    frame: Frame
    lang: Lang
    full: bool = True

    @property
    def passing(self) -> bool:
        """Whether it will look otherwise soon: something could not be confirmed, or is still to
        come."""
        expected = len(ScenarioKind) if self.state.balances else 0
        return bool(self.state.stale or self.state.down) or len(self.projections) < expected

    @property
    def key(self) -> bytes:
        s = self.state
        parts = (
            self.lang,
            self.frame.today(),
            s.region,
            [d["id"] for d in s.balances],
            s.measures,
            self.county.latest["id"] if self.county and self.county.latest else None,
            notices(s, self.lang),
            [
                (j.target.code, j.target.version, j.light.value, j.gap, j.rule.de)
                for j in self.judged
            ],
            [p.id for p in self.projections],
            [
                {**m, "target": (m["target"].code, m["target"].version) if m["target"] else None}
                for m in self.members
            ],
        )
        return hashlib.blake2b(orjson.dumps(parts), digest_size=16).digest()

    @cached_property
    def values(self) -> dict[str, Any]:
        """Everything the template needs; figures are still numbers. Pictures and measures only with
        `full`."""
        state, lang, frame = self.state, self.lang, self.frame
        more = (
            {**pictures(state, self.judged, self.projections, lang), **_measures(state, lang)}
            if self.full
            else {}
        )
        return {
            "state": state,
            "county": self.county,
            "latest": state.latest,
            "top": status.headline(self.judged, state.ags),
            "lights": [_light(j, state.ags, lang) for j in self.judged],
            "notices": notices(state, lang),
            "contact": frame.contact,
            "today": frame.today(),
            "balance_url": frame.balance_public_url,
            "measures_url": frame.measures_public_url,
            "absent": _absent(state.latest, lang) if state.latest else [],
            "gaps": _gaps(state.latest) if state.latest else 0,
            "inputs": from_balance(state.latest, state.region) if state.latest else {},
            "members": self.members,
            "projections": self.projections,
            **more,
        }


async def region_page(
    database: Database, frame: Frame, ags: str, lang: Lang, *, full: bool = True
) -> Page:
    """The page of a county or a municipality. `full` False: only what an embed shows. No connection
    is held while another service is asked.
    """
    above = frame.county_of(ags) if full else None
    state, county = await together(
        region_state(frame, ags, with_measures=full), _other(frame, above)
    )
    compared = full and ags == frame.county
    async with database.read() as connection:
        known = await status.recorded(connection, frame, ags)
        below = await status.county_targets(connection, frame) if compared else []
    judged, ahead, members = await together(
        status.lights(frame, state, known),
        projections(frame, ags, state.latest),
        _members(frame, state, below if compared else None, lang),
    )
    return Page(state, county, judged, members, ahead, frame, lang, full)


async def _other(frame: Frame, ags: str | None) -> RegionState | None:
    if ags is None:
        return None
    try:
        return await region_state(frame, ags, with_measures=False)
    except Problem:  # the county's mean is an extra; the municipality's page stands without it
        return None


def notices(state: RegionState, lang: Lang) -> list[str]:
    """What a reader must know about the age of the figures."""
    found = []
    for service, since in sorted(state.stale.items()):
        name, moment = SERVICES[service], _moment(since, lang)
        found.append(
            Text(
                f"{name.de} ist seit {moment} nicht erreichbar. Gezeigt wird der letzte bekannte Stand.",
                f"{name.en} has not been reachable since {moment}. What is shown is the last known state.",
            ).get(lang)
        )
    for service in sorted(state.down):
        name = SERVICES[service]
        found.append(
            Text(
                f"{name.de} ist nicht erreichbar. Seine Angaben fehlen auf dieser Seite.",
                f"{name.en} is not reachable. Its figures are missing on this page.",
            ).get(lang)
        )
    return found


def _moment(moment: datetime, lang: Lang) -> str:
    pattern = "d. MMMM y, HH:mm 'Uhr'" if lang == "de" else "d MMMM y, HH:mm"
    return str(format_datetime(moment.astimezone(BERLIN), pattern, locale=lang))


def _absent(document: Mapping[str, Any], lang: Lang) -> list[str]:
    """Sectors the balance has no figure for."""
    there = {row["sector"] for row in document["sectors"]}
    return [sector.label(lang) for sector in Sector if sector.value not in there]


def _gaps(document: Mapping[str, Any]) -> int:
    """How many figures that a balance must have are missing in it."""
    return sum(finding["severity"] == "missing" for finding in document["conformity"]["findings"])


def _light(judged: Judged, ags: str, lang: Lang) -> dict[str, Any]:
    target = judged.target
    organisation = target.boundary is Boundary.ORGANISATION
    inherited = not organisation and target.key != ags
    return {
        "judged": judged,
        "title": target.title.get(lang),
        "mark": light_mark(judged.light.value),
        "label": judged.light.label(lang),
        "word": judged.word.get(lang),
        "rule": judged.rule.get(lang),
        "decision": target.decision_said(lang),
        "source": target.source,
        "inherited": inherited,
        "organisation": organisation,
        "amounts": amounts_of(judged, lang),
    }


def _measures(state: RegionState, lang: Lang) -> dict[str, Any]:
    """Measures by field in the concept's order, and how many there are of each status."""
    order = {f.value: f.rank for f in FieldOfAction}
    fields: dict[str, list[dict[str, Any]]] = {}
    for item in sorted(
        state.measures, key=lambda i: (order.get(i["field"], 99), i["field"], i["number"])
    ):
        known = item["field"] in order
        label = FieldOfAction(item["field"]).label(lang) if known else item["field_label"]
        fields.setdefault(label, []).append(
            {
                "item": item,
                "mark": status_mark(item["status"]),
                "status": MeasureStatus(item["status"]).label(lang),
                "phase": Phase(item["phase"]).label(lang),
            }
        )
    counted = Counter(item["status"] for item in state.measures)
    counts = [
        (status_mark(s.value), s.label(lang), counted[s.value])
        for s in MeasureStatus
        if counted[s.value]
    ]
    return {
        "fields": fields,
        "counts": counts,
        "late": [i for i in state.measures if i["status"] == "late"],
        "examples": any(i.get("example") for i in state.measures),
    }


async def _members(
    frame: Frame, state: RegionState, targets: Sequence[Target] | None, lang: Lang
) -> list[dict[str, Any]]:
    """The county's municipalities with their figure per inhabitant and their light, by name; none
    without `targets`."""
    if targets is None:
        return []
    members = await optional(frame.balance.members(state.ags))
    if not isinstance(members, Fetched) or not state.balances:
        return []
    keys = [m["ags"] for m in members.data]
    years = [d["year"] for d in state.balances]
    compared = await together(*(optional(frame.balance.comparison(keys, year)) for year in years))
    documents = [c.data for c in compared if isinstance(c, Fetched)]
    if not documents:
        return []
    latest = {item["region"]["ags"]: item for item in documents[-1]["items"]}
    highest = max((i["per"] for i in latest.values() if i["per"] is not None), default=1.0)
    mean = state.balances[-1]["totals"].get("bisko_t_co2e_per_inhabitant")
    act = await status.law_for(frame, targets)
    rows = []
    for member in sorted(members.data, key=lambda m: _sortable(m["name"])):
        item = latest.get(member["ags"])
        target = next((t for t in targets if t.key == member["ags"]), None) or next(
            (t for t in targets if t.applies_below), None
        )
        series = series_of_comparisons(documents, member["ags"])
        judged = (
            judge(status.applied(target, member["ags"]), series, frame.today().year, act)
            if target
            else None
        )
        value = item["per"] if item else None
        rows.append(
            {
                "ags": member["ags"],
                "name": member["name"],
                "per": value,
                "axis": dot_on_axis(value, mean, highest * 1.05) if value is not None else "",
                "mark": light_mark(judged.light.value) if judged else "",
                "word": judged.light.label(lang) if judged else "",
                "target": judged.target if judged else None,
                "own": bool(judged and judged.target.key == member["ags"]),
            }
        )
    return rows


def _sortable(name: str) -> str:
    return name.lower().replace("ä", "a").replace("ö", "o").replace("ü", "u").replace("ß", "ss")
