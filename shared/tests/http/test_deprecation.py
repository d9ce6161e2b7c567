"""An operation that will go says so in every answer, a year ahead, and in the OpenAPI document."""

from datetime import date
from typing import Any

import httpx
import pytest
from fastapi import APIRouter, Query, Response

from klima_measures.migrations import config as migrations
from klima_measures.migrations import metadata
from klima_shared.http.deprecation import POLICY, deprecated, deprecation_headers
from klima_shared.http.problems import not_found
from klima_shared.language.text import Label
from klima_shared.service.server import create_service
from klima_shared.service.settings import ServiceSettings

router = APIRouter()
GOES = deprecated(date(2027, 1, 1), date(2028, 1, 1))


@router.get("/v1/old", summary="Goes", dependencies=[GOES], deprecated=True)
async def get_old(response: Response, form: str = Query("json", pattern="json|file|none")) -> Any:
    if form == "none":
        raise not_found(Label("Nichts.", "Nothing."))
    if form == "file":
        return Response("a;b", media_type="text/csv")
    response.headers["Link"] = '</v1/old?cursor=x>; rel="next"'
    return {"items": []}


@router.get("/v1/new", summary="Stays")
async def get_new() -> dict[str, int]:
    return {"new": 1}


async def test_every_answer_says_when_it_goes(service_database: Any) -> None:
    settings = ServiceSettings(environment="test", database_url=service_database("measures").url)
    app = create_service(
        "measures",  # whose tags its document names
        "Probe",
        "Probe",
        settings=settings,
        metadata=metadata,
        migrations=migrations(),
        routers=[router],
    )
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://probe") as client:
        first = await client.get("/v1/old", headers={"Origin": "https://other.example"})
        again = await client.get("/v1/old", headers={"If-None-Match": first.headers["etag"]})
        others = [await client.get(f"/v1/old?form={form}") for form in ("file", "none")]
        assert [a.status_code for a in (first, again, *others)] == [200, 304, 200, 404]
        for answer in (first, again, *others):
            assert answer.headers["deprecation"] == "@1798761600"
            assert answer.headers["sunset"] == "Sat, 01 Jan 2028 00:00:00 GMT"
            assert f'<{POLICY}>; rel="deprecation"' in answer.headers["link"]
        assert 'rel="next"' in first.headers["link"]
        exposed = first.headers["access-control-expose-headers"]
        assert all(name in exposed for name in ("Deprecation", "Sunset", "Link")), (
            "a browser's program may read them"
        )
        assert "deprecation" not in (await client.get("/v1/new")).headers
        document = (await client.get("/openapi.json")).json()
        assert document["paths"]["/v1/old"]["get"]["deprecated"] is True
    await app.state.database.close()


def test_a_year_lies_between() -> None:
    assert (
        deprecation_headers(date(2027, 1, 1), date(2028, 1, 1), "/x")["Sunset"]
        == "Sat, 01 Jan 2028 00:00:00 GMT"
    )
    with pytest.raises(ValueError, match="365"):
        deprecation_headers(date(2027, 1, 1), date(2027, 6, 1), "/x")
