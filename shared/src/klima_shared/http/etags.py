"""Conditional requests: strong ETags on reads, `If-Match` on writes to what exists.

A thing that can be changed has a revision; its ETag is made of identity and revision, with a suffix
for the variant (language, format) of the representation. `If-Match` compares identity and revision
only: whoever read the English answer may write back. A read without an ETag of its own gets one
from its bytes (`middleware.Conditional`).
"""

import hashlib
import re
from typing import Annotated, Final

from fastapi import Depends, Header, Request
from starlette.datastructures import Headers

from klima_shared.http.operations import Fact, tells
from klima_shared.http.problems import Problem
from klima_shared.language.text import Label, Text

_VARIANT = ";"


def revision_etag(identity: object, revision: int, variant: str = "") -> str:
    """ETag of a changeable thing, quotes included: `"4f0c…-3"` or `"4f0c…-3;en"`."""
    digest = hashlib.blake2b(str(identity).encode(), digest_size=8).hexdigest()
    return f'"{digest}-{revision}{_VARIANT + variant if variant else ""}"'


def digest_etag(content: bytes) -> str:
    """ETag of bytes, quotes included."""
    return f'"{hashlib.blake2b(content, digest_size=16).hexdigest()}"'


_TAG: Final = re.compile(r'\*|"[^"]*"')


def _tags(header: str) -> list[str]:
    """The tags of one or several lines. Weak ones are read like strong ones: what compresses an
    answer on its way weakens its tag, and means the same thing when it comes back."""
    return _TAG.findall(header)


def with_variant(etag: str, variant: str) -> str:
    """The tag of another representation of the same thing: `"4f0c…;en"`."""
    return f'{etag[:-1]}{_VARIANT}{variant}"'


def header_list(headers: Headers, name: str) -> str | None:
    """A header that is a list: several lines are one (RFC 9110 5.3). None when there is none."""
    lines = headers.getlist(name)
    return ", ".join(lines) if lines else None


def none_match(headers: Headers, etag: str) -> bool:
    """True when `If-None-Match` holds this ETag (weak comparison, RFC 9110 13.1.2): answer 304."""
    asked = header_list(headers, "if-none-match") or ""
    return any(tag in {"*", etag} for tag in _tags(asked))


class IfMatch:
    """The `If-Match` header of a write; `check` refuses a stale or a missing one."""

    def __init__(self, header: str | None) -> None:
        self.header = header

    def check(self, current: str) -> None:
        """412 unless the header names the current ETag (variants of it count). Call it inside the
        write transaction."""
        base = current.strip('"').split(_VARIANT)[0]
        for tag in _tags(self.header or ""):
            if tag == "*" or tag.strip('"').split(_VARIANT)[0] == base:
                return
        raise Problem(
            412,
            "stale",
            Label("Inzwischen geändert", "Changed in the meantime"),
            Text(
                "Somebody changed this since you read it. Please read it again and repeat the "
                "change."
            ),
            headers={"ETag": current},
        )


def missing_if_match() -> Problem:
    """428: a change of what exists without saying which version it was made on."""
    return Problem(
        428,
        "if-match-required",
        Label("If-Match fehlt", "If-Match is missing"),
        Text("A change needs the ETag of the version you read in the header If-Match."),
    )


_Header = Annotated[
    str | None,
    Header(
        alias="If-Match",
        description="`ETag` of the version that the change was made on: 428 without, 412 when it "
        "changed since",
        examples=['"4f0c2a9be01d7733-3"'],
        json_schema_extra={"minLength": 1, "maxLength": 2000},
    ),
]


@tells(Fact.IF_MATCH)
async def _if_match(request: Request, _: _Header = None) -> IfMatch:
    header = header_list(request.headers, "if-match")
    if header is None:
        raise missing_if_match()
    return IfMatch(header)


@tells(Fact.OPTIONAL_IF_MATCH)
async def _optional_if_match(request: Request, _: _Header = None) -> IfMatch | None:
    header = header_list(request.headers, "if-match")
    return None if header is None else IfMatch(header)


RequiredIfMatch = Annotated[IfMatch, Depends(_if_match)]
OptionalIfMatch = Annotated[IfMatch | None, Depends(_optional_if_match)]
"""For a PUT that creates or changes: the use case calls `missing_if_match` when the thing
exists."""
