"""Lists: `limit` and `cursor`, `Link: rel="next"`, `{"items": [...], "next": ...}`,
`modified_since`.

A cursor holds the sort key of the last item (keyset paging), so a list stays right while things are
added.
"""

import base64
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Annotated, Any, Final, Generic, TypeVar

import orjson
from fastapi import Depends, Query, Request, Response
from pydantic import BaseModel, Field

from klima_shared.http.dates import IsoMoment
from klima_shared.http.operations import Fact, tells
from klima_shared.http.problems import invalid_at
from klima_shared.language.text import Text

T = TypeVar("T")
A = TypeVar("A")
SortKey = Sequence[Any]
"""The sort key of a row, as the JSON of a cursor brings it."""
MAX_LIMIT = 200
_WRONG_CURSOR: Final = Text("Not a cursor of this list.")


class Page(BaseModel, Generic[T]):
    """One page of a list."""

    items: list[T]
    next: str | None = Field(
        default=None, description="cursor of the next page; null on the last one"
    )


class PageRequest:
    """The asked page: how many, and after which sort key. `headers` are those of its answer: the
    link to the next page, which a route that makes its own `Response` takes along."""

    def __init__(
        self, limit: int, after: SortKey | None, request: Request, response: Response
    ) -> None:
        self.limit, self.after, self._request = limit, after, request
        self.headers = response.headers

    def cut(
        self, rows: Sequence[T], key: Sequence[str] | None = None
    ) -> tuple[Sequence[T], str | None]:
        """Split `limit + 1` fetched rows into the page and the next cursor (columns `key` of its
        last row, a mapping or a dataclass). Sets `Link: <...>; rel="next"` when there is a next
        page; its address is relative, because a proxy may sit in front."""
        if len(rows) <= self.limit:
            return rows, None
        page = rows[: self.limit]
        last = page[-1]
        value = last.__getitem__ if isinstance(last, Mapping) else partial(getattr, last)
        cursor = encode_cursor([value(name) for name in key or ()])
        self.link(cursor)
        return page, cursor

    def link(self, cursor: str | None) -> None:
        """Set the link to the next page, if there is one; `cut` does it for its page."""
        if cursor:
            url = self._request.url.include_query_params(cursor=cursor)
            self.headers["Link"] = f'<{url.path}?{url.query}>; rel="next"'

    def answer(self, rows: Sequence[T], key: Sequence[str], item: Callable[[T], A]) -> Page[A]:
        """The page of `limit + 1` fetched rows, each shown by `item`; see `cut`."""
        shown, cursor = self.cut(rows, key)
        return Page(items=[item(row) for row in shown], next=cursor)


def encode_cursor(key: SortKey) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(list(key), default=str)).rstrip(b"=").decode()


def decode_cursor(cursor: str) -> SortKey:
    """The sort key of a cursor; 422 when it is not one of ours."""
    try:
        key = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except ValueError:
        key = None
    if not isinstance(key, list) or not all(
        isinstance(part, str | int | float | None) for part in key
    ):
        raise invalid_at("/query/cursor", _WRONG_CURSOR)
    return key


@tells(Fact.PAGES)
async def _page(
    request: Request,
    response: Response,
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT, description="items per page")] = 100,
    cursor: Annotated[
        str | None, Query(max_length=1000, description="`next` of the page before")
    ] = None,
) -> PageRequest:
    return PageRequest(limit, decode_cursor(cursor) if cursor else None, request, response)


Paging = Annotated[PageRequest, Depends(_page)]


async def _changed_since(
    changed_since: Annotated[
        IsoMoment | None,
        Query(
            description="only what changed at or after this time (RFC 3339), as `changed_at` has it"
        ),
    ] = None,
    modified_since: Annotated[
        IsoMoment | None, Query(description="the same as `changed_since`")
    ] = None,
) -> datetime | None:
    if modified_since is None:
        return changed_since
    if changed_since is not None:
        text = Text("This means the same as changed_since. Please give one of the two.")
        raise invalid_at("/query/modified_since", text)
    return modified_since


ModifiedSince = Annotated[datetime | None, Depends(_changed_since)]
"""The moment since which a list is wanted."""


def check_key(after: SortKey | None, *kinds: type) -> SortKey | None:
    """The cursor's key when it fits the list's sort key, else 422. Datetimes come back from their
    text."""
    if after is None:
        return None
    try:
        if len(after) != len(kinds):
            raise ValueError
        return [
            datetime.fromisoformat(str(v)) if k is datetime else k(v)
            for v, k in zip(after, kinds, strict=True)
        ]
    except (TypeError, ValueError):
        raise invalid_at("/query/cursor", _WRONG_CURSOR) from None
