"""Public pages and the widget of a region: what they show, put into words for their templates."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Final, NamedTuple

from babel.dates import format_datetime

from klima_controlling.base.model import BERLIN, Boundary
from klima_controlling.formulas.inputs import from_balance
from klima_controlling.status.model import Judged
from klima_controlling.status.rules import Amounts, amounts_of, break_in_words, headline
from klima_controlling.upstream.model import RegionState
from klima_controlling.website.charts.region import WIDE, WIDEST, PathContent, sector_pictures
from klima_controlling.website.model import Page
from klima_controlling.website.rules import beside, kilotonnes
from klima_shared.codes.action import FieldOfAction, MeasureStatus, Phase
from klima_shared.codes.energy import Sector
from klima_shared.language.numbers import Lang, long_date
from klima_shared.language.text import Label, Text
from klima_shared.look.beside import emissions_trading
from klima_shared.look.digits import grade_of
from klima_shared.look.embeds import Source, Widget, day_of
from klima_shared.look.templates import compact, compile_templates, render
from klima_shared.wire.balance import BalanceDocument
from klima_shared.wire.json import Json
from klima_shared.wire.meta import LICENCE, LICENCE_URL, Meta

PACKAGE: Final = "klima_controlling.website"
SERVICES: Final = {
    "balance": Label("Der Bilanzdienst", "The balance service"),
    "measures": Label("Der Maßnahmendienst", "The measures service"),
}
_TECHNOLOGIES: Final = {
    "photovoltaics": Label("Photovoltaik", "Photovoltaics"),
    "wind": Label("Windenergie", "Wind power"),
    "biomass": Label("Biomasse", "Biomass"),
    "hydro": Label("Wasserkraft", "Hydro power"),
}


class Light(NamedTuple):
    """A target and its light in words."""

    judged: Judged
    title: str
    code: str
    label: str
    word: str
    rule: str
    decision: str
    covers: str | None
    source: str | None
    inherited: bool
    organisation: bool
    amounts: Amounts


def page_css() -> str:
    """The one style sheet of the public pages."""
    return compact("page.css", PACKAGE)


@cache
def compile_pages() -> None:
    """Compile the templates, so that the first visitor does not wait for it."""
    compile_templates(PACKAGE)


def render_page(name: str, lang: Lang, /, **values: object) -> str:
    """A public page; figures are written there with `display`, `number`, `percent`, `quantity` and
    `kilotonnes`."""
    return render(
        PACKAGE,
        name,
        lang,
        css=page_css(),
        kilotonnes=lambda tonnes, quality=None: kilotonnes(tonnes, lang, grade_of(quality)),
        **values,
    )


def region_html(page: Page) -> str:
    """The page of a region."""
    state, lang = page.state, page.lang
    latest, path = state.latest, _path_of(page)
    highest = max((m.per for m in page.members if m.per is not None), default=0.0) or 1.0
    return render_page(
        "region.html",
        lang,
        state=state,
        county=page.county,
        latest=latest,
        top=headline(page.judged, state.ags),
        lights=lights_of(page),
        notices=notices_of(state, lang),
        contact=page.contact,
        today=page.today,
        balance_url=page.balance_url,
        measures_url=page.measures_url,
        whole=_whole(latest, lang) if latest else None,
        absent=_absent(latest, lang) if latest else [],
        gaps=_gaps(latest) if latest else 0,
        beside=beside(latest, lang) if latest else [],
        breaks=[break_in_words(one, lang) for one in state.breaks],
        inputs=from_balance(latest, state.region) if latest else {},
        members=page.members,
        projections=page.projections,
        sectors=sector_pictures(state.balances, lang, "s"),
        path=path.pictures(WIDEST),
        path_heads=path.heads,
        path_rings=bool(path.provisional),
        path_rows=path.rows,
        coverage=latest["totals"].get("renewable_coverage") if latest else None,
        mean=latest["totals"].get("bisko_t_co2e_per_inhabitant") if latest else None,
        axis_end=highest * 1.05,
        sector_label=lambda code: Sector(code).label(lang),
        technology=lambda row: _technology(row, lang),
        **_measures(state, lang),
    )


def status_widget(page: Page, lang: Lang) -> Widget:
    """A region's climate targets: lights with their gap to the path, the path as a picture, the
    same numbers as tables; what is missing says so."""
    state, latest = page.state, page.state.latest
    path = _path_of(page)
    title = Label("Klimaziele", "Climate targets").get(lang)
    as_of = long_date(page.today, lang)
    if latest:
        words = Label(
            "Bilanz {year}, Fassung {version}, veröffentlicht am {day}",
            "balance {year}, version {version}, published on {day}",
        )
        day = long_date(day_of(str(latest["published_at"])), lang)
        as_of = words.get(lang).format(year=latest["year"], version=latest["version"], day=day)
    attribution = (
        latest["meta"]["attribution"] if latest else str(Meta.model_fields["attribution"].default)
    )
    scenarios = f"{page.balance_url}/v1/scenarios"
    links = [
        *((p.kind.label(lang), f"{scenarios}/{p.id}") for p in page.projections),
        ("JSON", f"/v1/regions/{state.ags}/status"),
        (Label("Mehr dazu", "More").get(lang), f"/regionen/{state.ags}?lang={lang}"),
    ]
    return Widget(
        lang,
        f"{title}: {state.region['name']}",
        Source(attribution, as_of, LICENCE, LICENCE_URL, links),
        PACKAGE,
        "status.html",
        {
            "latest": latest,
            "lights": lights_of(page),
            "notices": notices_of(state, lang),
            "projections": page.projections,
            "breaks": [break_in_words(one, lang) for one in state.breaks],
            "path": path.pictures(WIDE),
            "path_heads": path.heads,
            "path_rings": bool(path.provisional),
            "path_rows": path.rows,
        },
        path.picture(WIDE, "pw", standalone=True),
    )


def _path_of(page: Page) -> PathContent:
    state = page.state
    actual = {point.year: point.value for point in state.series("emissions_t_co2e")}
    provisional = {point.year: point.value for point in state.provisional("emissions_t_co2e")}
    return PathContent(
        state.region["name"],
        state.ags,
        actual,
        page.judged,
        page.projections,
        page.lang,
        provisional,
        grade_of(state.latest["data_quality"]) if state.latest else None,
        sorted({one["year"] for one in state.breaks}),
    )


def notices_of(state: RegionState, lang: Lang) -> list[str]:
    """What a reader must know about the age of the figures."""
    old = Text(
        "{name} has not been reachable since {moment}. What is shown is the last known state."
    ).get(lang)
    down = Text("{name} is not reachable. Its figures are missing on this page.").get(lang)
    return [
        *(
            old.format(name=SERVICES[service].get(lang), moment=_moment(since, lang))
            for service, since in sorted(state.stale.items())
        ),
        *(down.format(name=SERVICES[service].get(lang)) for service in sorted(state.down)),
    ]


def _moment(moment: datetime, lang: Lang) -> str:
    pattern = "d. MMMM y, HH:mm 'Uhr'" if lang == "de" else "d MMMM y, HH:mm"
    return str(format_datetime(moment.astimezone(BERLIN), pattern, locale=lang))


def _technology(row: Json, lang: Lang) -> str:
    name = _TECHNOLOGIES.get(row["category"])
    return name.get(lang) if name else str(row["label"])


def _whole(document: BalanceDocument, lang: Lang) -> str | None:
    """The plants of emissions trading, which no BISKO total has."""
    rows = document["blocks"].get("process_ets", [])
    return emissions_trading(document["totals"].get("process_ets_t_co2"), rows, lang)


def _absent(document: Json, lang: Lang) -> list[str]:
    """Sectors the balance has no figure for."""
    there = {row["sector"] for row in document["sectors"]}
    return [sector.label(lang) for sector in Sector if sector.value not in there]


def _gaps(document: Json) -> int:
    """How many figures that a balance must have are missing in it."""
    return sum(finding["severity"] == "missing" for finding in document["conformity"]["findings"])


def lights_of(page: Page) -> list[Light]:
    """The targets of the page's region in their order."""
    lang = page.lang
    lights = []
    for judged in page.judged:
        target = judged.target
        organisation = target.boundary is Boundary.ORGANISATION
        lights.append(
            Light(
                judged,
                target.title.get(lang),
                judged.light.value,
                judged.label.get(lang),
                judged.word.get(lang),
                judged.rule.get(lang),
                target.decision_text(lang),
                target.covers.get(lang) if target.covers else None,
                target.source,
                not organisation and target.key != page.state.ags,
                organisation,
                amounts_of(judged, lang),
            )
        )
    return lights


def _measures(state: RegionState, lang: Lang) -> Mapping[str, object]:
    """Measures by field in the concept's order, and how many there are of each status."""
    order = {f.value: f.rank for f in FieldOfAction}
    fields: dict[str, list[dict[str, object]]] = {}
    for item in sorted(
        state.measures, key=lambda i: (order.get(i["field"], 99), i["field"], i["number"])
    ):
        known = item["field"] in order
        label = FieldOfAction(item["field"]).label(lang) if known else item["field_label"]
        fields.setdefault(label, []).append(
            {
                "item": item,
                "status": MeasureStatus(item["status"]).label(lang),
                "phase": Phase(item["phase"]).label(lang),
            }
        )
    counted = Counter(item["status"] for item in state.measures)
    return {
        "fields": fields,
        "counts": [
            (s.value, s.label(lang), counted[s.value]) for s in MeasureStatus if counted[s.value]
        ],
        "examples": any(i.get("example") for i in state.measures),
    }
