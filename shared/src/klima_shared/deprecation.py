"""Saying in every answer that an operation will go: `Deprecation` (RFC 9745), `Sunset` (RFC 8594), and where to read why.

    @router.get("/v1/old", dependencies=[deprecated(date(2027, 1, 1), date(2028, 1, 1), "/entwickler#abloesung")],
                deprecated=True)

At least `NOTICE` lies between the two; docs/api.md promises it.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from email.utils import format_datetime
from typing import Any, Final

from fastapi import Depends, Response

NOTICE: Final = timedelta(days=365)


def deprecation_headers(since: date, sunset: date, link: str) -> dict[str, str]:
    """The three headers. `ValueError` when callers would have less than a year."""
    if sunset - since < NOTICE:
        raise ValueError(f"an operation stays for {NOTICE.days} days after it is deprecated")
    begin, end = (datetime.combine(day, time(), UTC) for day in (since, sunset))
    return {
        "Deprecation": f"@{int(begin.timestamp())}",
        "Sunset": format_datetime(end, usegmt=True),
        "Link": f'<{link}>; rel="deprecation"; type="text/html"',
    }


def deprecated(since: date, sunset: date, link: str) -> Any:
    """A route's dependency that adds the headers. The route also gets `deprecated=True`, for the OpenAPI document."""
    headers = deprecation_headers(since, sunset, link)

    async def mark(response: Response) -> None:
        for name, value in headers.items():
            response.headers.append(name, value)

    return Depends(mark)
