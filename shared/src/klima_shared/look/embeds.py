"""Widgets for other sites: one content, shown as a page for an iframe, as a web component, or as
picture and table.

The page of a widget is complete without script. Its one script tells the height to the page around
it, and only when that page asks and is of an origin that the configuration lets embed us.
`klima.js` takes what is inside `<main>` of the same page into a shadow root, so there is one
content and one style; see docs/decisions/0090.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import Annotated, Final, Literal
from zoneinfo import ZoneInfo

import orjson
from fastapi import Depends, Query, Request
from starlette.responses import HTMLResponse, Response

from klima_shared.http.language import RequestLanguage
from klima_shared.language.numbers import Lang
from klima_shared.look.design import page_policy, style_hash
from klima_shared.look.templates import compact, render

View = Literal["page", "table", "svg"]
ViewQuery = Annotated[
    View,
    Query(
        description="page: for an iframe; table: plain HTML to take over; svg: the picture alone"
    ),
]
LangQuery = Annotated[
    Literal["de", "en"] | None, Query(description="language, before Accept-Language")
]

MAX_AGE: Final = 300
_BERLIN: Final = ZoneInfo("Europe/Berlin")


@dataclass(frozen=True)
class Source:
    """What stands under every widget: where the figures come from, of when they are, what may be
    done with them."""

    attribution: str
    as_of: str
    licence: str
    licence_url: str
    links: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True)
class Widget:
    """One widget's content: a template of `package` that extends `look/widget.html`, with its
    values.

    Its block `body` stands between the title and the source and has the table too; its block
    `table` is the table alone. `svg` is a whole file, None without a picture.
    """

    lang: Lang
    title: str
    source: Source
    package: str
    template: str
    values: Mapping[str, object] = field(default_factory=dict)
    svg: str | None = None

    def html(self, view: View = "page", script: str = "") -> str:
        """The widget's page, or its table as a page."""
        return render(
            self.package,
            self.template,
            self.lang,
            title=self.title,
            source=self.source,
            view="page" if view == "page" else "table",
            css=compact("embed.css"),
            script=script,
            **self.values,
        )


def respond(request: Request, widget: Widget, view: View, *, max_age: int = MAX_AGE) -> Response:
    """The widget as asked for, with its Content-Security-Policy. Without a picture `svg` is the
    table."""
    ancestors: tuple[str, ...] = tuple(request.app.state.settings.frame_ancestors)
    headers = {"Content-Language": widget.lang, "Cache-Control": f"public, max-age={max_age}"}
    if view == "svg" and widget.svg is not None:
        headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'"
        return Response(widget.svg, media_type="image/svg+xml", headers=headers)
    script = height_script(ancestors) if view == "page" else ""
    headers["Content-Security-Policy"] = policy(ancestors, script)
    return HTMLResponse(widget.html(view, script), headers=headers)


class _EmbedRequest:
    """How a widget is asked for: language and view. Parameters of all its routes."""

    def __init__(
        self,
        request: Request,
        reader: RequestLanguage,
        lang: LangQuery = None,
        view: ViewQuery = "page",
    ) -> None:
        self.request, self.view = request, view
        self.lang: Lang = lang or reader

    def respond(self, widget: Widget, *, max_age: int = MAX_AGE) -> Response:
        return respond(self.request, widget, self.view, max_age=max_age)


EmbedRequest = Annotated[_EmbedRequest, Depends()]


@lru_cache(maxsize=32)
def policy(ancestors: tuple[str, ...], script: str) -> str:
    return page_policy(
        compact("embed.css"),
        frame_ancestors=ancestors,
        script=style_hash(script) if script else "'none'",
    )


@lru_cache(maxsize=32)
def height_script(ancestors: tuple[str, ...]) -> str:
    """The script that tells a page its height, if one of `ancestors` asks."""
    patterns = [pattern for one in ancestors if (pattern := _pattern(one))]
    return compact("height.js", patterns=orjson.dumps(patterns).decode().replace("</", "<\\/"))


def _pattern(ancestor: str) -> str | None:
    """A source expression of `frame-ancestors` as a regular expression for origins."""
    if ancestor == "*":
        return "^https?://"
    if ancestor == "'self'":
        return ancestor
    found = re.fullmatch(
        r"(?:(https?)://)?(\*\.)?([A-Za-z0-9.-]+)(:[0-9]+|:\*)?", ancestor.rstrip("/")
    )
    if found is None:  # 'none', or a scheme alone: nobody is told
        return None
    scheme, any_sub, host, port = found.groups()
    ports = "" if port is None else "(:[0-9]+)?" if port == ":*" else port
    return f"^{scheme or 'https?'}://{'[^/]+[.]' if any_sub else ''}{re.escape(host)}{ports}$"


def day_of(moment: str) -> date:
    """The day of an RFC 3339 moment where the municipalities are."""
    return datetime.fromisoformat(moment).astimezone(_BERLIN).date()
