"""Pages of the balance service: Jinja templates with the figures already written for people."""

from __future__ import annotations

from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from klima_balance.charts.balance import bars, narrow_bars
from klima_shared.codes import Block
from klima_shared.design import PAGE_CSS
from klima_shared.i18n import Lang, number, percent, quantity
from klima_shared.messages import Text
from klima_shared.svg import CHART_CSS

CSS = PAGE_CSS + CHART_CSS + (
    "body{background:transparent}main{padding:1rem;max-width:60rem;margin:0 auto}.kc{width:100%;height:auto;display:block}"
    ".only-narrow{display:none}@media(max-width:36rem){.only-wide{display:none}.only-narrow{display:block}}"
    ".cards{margin:1rem 0}details{margin:.8rem 0}"
)  # fmt: skip


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("klima_balance.pages"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip


def quality_word(value: float | None, lang: Lang) -> str:
    """The wording that goes with a data quality (METHOD.md section 3)."""
    if value is None:
        return Text("unbekannt", "unknown").get(lang)
    steps = [
        (0.8, Text("gut belastbar", "well founded")),
        (0.65, Text("belastbar", "founded")),
        (0.5, Text("relativ belastbar", "fairly founded")),
    ]
    return next((t for limit, t in steps if value > limit), Text("bedingt belastbar", "weakly founded")).get(lang)


def balance_page(document: dict[str, Any], lang: Lang) -> str:
    """The embeddable page of one published balance, about 20 kB, without script."""
    template = _environment().get_template("balance.html")
    return template.render(
        d=document,
        lang=lang,
        css=CSS,
        chart=bars(document, "sector", lang, standalone=False),
        narrow=narrow_bars(document, lang),
        t=lambda de, en: Text(de, en).get(lang),
        number=lambda value, decimals=0: number(value, lang, decimals),
        percent=lambda value, decimals=0: percent(value, lang, decimals),
        quantity=lambda value, unit, decimals=0: quantity(value, unit, lang, decimals),
        quality=quality_word(document["data_quality"], lang),
        block=lambda code: Block(code).label(lang),
    )
