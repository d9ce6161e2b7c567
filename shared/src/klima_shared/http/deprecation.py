"""Saying in every answer that an operation will go: `Deprecation` (RFC 9745), `Sunset` (RFC 8594),
and where to read why.

    @router.get("/v1/old", dependencies=[deprecated(date(2027, 1, 1), date(2028, 1, 1), POLICY)],
    deprecated=True)

At least `NOTICE` lies between the two; docs/api.md promises it.
"""

from datetime import UTC, date, datetime, time, timedelta
from email.utils import format_datetime
from typing import Final

from fastapi import Request, params

from klima_shared.http.more_headers import add_headers

NOTICE: Final = timedelta(days=365)
POLICY: Final = (
    "/entwickler#versionen-und-abloesung"  # served by the controlling service, at the one origin
)


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


def deprecated(since: date, sunset: date, link: str = POLICY) -> params.Depends:
    """A route's dependency that adds the headers: to a file, a 304 and a problem too, which make
    answers of their own.

    The route also gets `deprecated=True`, for the OpenAPI document.
    """
    headers = deprecation_headers(since, sunset, link)

    async def mark(request: Request) -> None:
        add_headers(request, headers)

    return params.Depends(mark)


FORMER_NAME: Final = deprecation_headers(date(2026, 12, 1), date(2028, 1, 1), POLICY)
"""For a parameter that has another name now."""
