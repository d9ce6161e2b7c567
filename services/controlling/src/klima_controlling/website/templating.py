"""Public pages of the controlling service: Jinja templates over values that are ready to be
written."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from klima_controlling.website.charts.path import PATH_CSS
from klima_controlling.website.model import kilotonnes
from klima_shared.language.numbers import Lang, number, percent, quantity
from klima_shared.language.text import Text
from klima_shared.look.design import PAGE_CSS
from klima_shared.look.svg import CHART_CSS

_OWN = (files("klima_controlling.website") / "templates" / "page.css").read_text(encoding="utf-8")
CSS = PAGE_CSS + CHART_CSS + PATH_CSS + _OWN


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("klima_controlling.website"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def prepare() -> None:
    """Compile the templates, so that the first reader does not wait for it."""
    for name in _environment().list_templates(extensions=["html"]):
        _environment().get_template(name)


def render(name: str, lang: Lang, **values: Any) -> str:
    """A page from its template; figures are written there with `number`, `percent`, `quantity`,
    `kilotonnes`."""
    return (
        _environment()
        .get_template(name)
        .render(
            lang=lang,
            t=lambda de, en: Text(de, en).get(lang),
            number=lambda value, decimals=None: number(value, lang, decimals),
            percent=lambda value, decimals=0: percent(value, lang, decimals),
            quantity=lambda value, unit, decimals=None: quantity(value, unit, lang, decimals),
            kilotonnes=lambda tonnes: kilotonnes(tonnes, lang),
            **values,
        )
    )
