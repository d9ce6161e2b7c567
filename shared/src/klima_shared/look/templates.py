"""The one Jinja environment of all pages: escaped, strict, with figures written for people.

A package has its templates in its folder `templates`; those of this package are there too, under
`look/`. Style sheets and scripts are templates as well and come out compact.
"""

import re
from functools import cache, lru_cache
from typing import Final

from jinja2 import (
    ChoiceLoader,
    Environment,
    PackageLoader,
    PrefixLoader,
    StrictUndefined,
    select_autoescape,
)

from klima_shared.language.numbers import Lang, long_date, number, percent, quantity
from klima_shared.look.design import DARK, LIGHT, SERIES, status_symbol
from klima_shared.look.digits import display, grade_of

_OWN: Final = "klima_shared.look"
_VARIABLE: Final = re.compile(r"var\(--klima-([a-z-]+)\)")


@cache
def environment(package: str, lang: Lang) -> Environment:
    """The environment of a package in one language."""
    own = PackageLoader(_OWN)
    loaders = [own] if package == _OWN else [PackageLoader(package), PrefixLoader({"look": own})]
    made = Environment(
        loader=ChoiceLoader(loaders),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals.update(
        lang=lang,
        symbol=status_symbol,
        t=lambda de, en: de if lang == "de" else en,
        number=lambda value, decimals=None: number(value, lang, decimals),
        percent=lambda value, decimals=0: percent(value, lang, decimals),
        display=lambda value, quality, most=None: display(value, lang, grade_of(quality), most),
        quantity=lambda value, unit, decimals=None: quantity(value, unit, lang, decimals),
        long_date=lambda day: long_date(day, lang),
        light=LIGHT,
        dark=DARK,
        series=SERIES,
    )
    return made


def render(package: str, name: str, lang: Lang, /, **values: object) -> str:
    """A page from its template. In templates `t(german, english)` is a text in the page's
    language."""
    return environment(package, lang).get_template(name).render(**values)


def compile_templates(package: str) -> None:
    """Compile all templates, so that the first visitor does not wait for it."""
    for lang in ("de", "en"):
        for name in environment(package, lang).list_templates(extensions=["html"]):
            environment(package, lang).get_template(name)


@lru_cache(maxsize=64)
def compact(name: str, package: str = _OWN, /, **values: str) -> str:
    """A style sheet or script without comments and line breaks."""
    text = _without_comments(render(package, name, "de", **values))
    return "".join(line.strip() for line in text.splitlines())


def _without_comments(text: str) -> str:
    before, *pieces = text.split("/*")
    return before + "".join(piece.partition("*/")[2] for piece in pieces)


@cache
def stylesheet_of_pictures() -> str:
    """The style of a picture in a file of its own. Its colours are the fallbacks too, because
    programs that open a picture may not know custom properties."""
    return _VARIABLE.sub(_with_fallback, compact("file.css"))


def _with_fallback(found: re.Match[str]) -> str:
    return f"var(--klima-{found[1]},{LIGHT[found[1].replace('-', '_')]})"
