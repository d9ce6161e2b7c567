"""The balance service's widgets for other sites: a municipality's balance, and its renewable
power."""

from klima_balance.balances.charts.balance import bars, generation, narrow_bars
from klima_shared.codes.energy import Block
from klima_shared.language.numbers import Lang, long_date
from klima_shared.language.text import Label
from klima_shared.look.embeds import Source, Widget, day_of
from klima_shared.wire.json import Json

_PACKAGE = "klima_balance.balances"
_QUALITY = (
    (0.8, Label("gut belastbar", "well founded")),
    (0.65, Label("belastbar", "founded")),
    (0.5, Label("relativ belastbar", "fairly founded")),
    (float("-inf"), Label("bedingt belastbar", "weakly founded")),
)
_BESIDE_TOTAL = (
    (Block.AGRICULTURE, "agriculture_t_co2e"),
    (Block.LAND_USE, "land_use_t_co2e"),
    (Block.PROCESS_ETS, "process_ets_t_co2"),
)


def balance_widget(document: Json, lang: Lang) -> Widget:
    """Figures, bars by sector, and the same numbers as tables."""
    totals = document["totals"]
    title = Label("Energie und Treibhausgase", "Energy and greenhouse gases").get(lang)
    values = {
        "quality_word": quality_word(document["data_quality"], lang),
        "beside": [(block.label(lang), totals[key]) for block, key in _BESIDE_TOTAL],
        "wide": bars(document, "sector", lang, standalone=False),
        "narrow": narrow_bars(document, lang),
    }
    picture = bars(document, "sector", lang)
    return _widget(document, lang, title, "balance.html", values, picture=picture)


def renewables_widget(document: Json, lang: Lang) -> Widget:
    """Local generation by technology beside the local electricity use."""
    title = Label("Erneuerbarer Strom", "Renewable power").get(lang)
    values = {"chart": generation(document, lang)}
    picture = generation(document, lang, standalone=True)
    return _widget(document, lang, title, "renewables.html", values, picture=picture)


def _widget(
    document: Json, lang: Lang, title: str, template: str, values: Json, *, picture: str
) -> Widget:
    name, meta = f"{document['region']['name']} {document['year']}", document["meta"]
    address = f"/v1/regions/{document['region']['ags']}/balances/{document['year']}"
    day = long_date(day_of(document["published_at"]), lang)
    explained = Label("Rechenweg", "How it was computed").get(lang)
    source = Source(
        attribution=meta["attribution"],
        as_of=f"{day}, {Label('Fassung', 'version').get(lang)} {document['version']}",
        licence=meta["licence"],
        licence_url=meta["licence_url"],
        links=[
            ("CSV", f"{address}?format=csv-de"),
            ("Excel", f"{address}?format=xlsx"),
            ("JSON", address),
            (explained, f"{address}/explain?sector=households"),
        ],
    )
    values = {"document": document, "totals": document["totals"], "name": name, **values}
    return Widget(lang, f"{title}: {name}", source, _PACKAGE, template, values, picture)


def quality_word(value: float | None, lang: Lang) -> str:
    """The wording that goes with a data quality."""
    if value is None:
        return Label("unbekannt", "unknown").get(lang)
    return next(word for limit, word in _QUALITY if value > limit).get(lang)
