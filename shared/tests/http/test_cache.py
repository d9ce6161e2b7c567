"""What is cached of a widget: the same answer for a busy page, a new one at once after a write
of this process."""

from typing import Any

import httpx
import pytest
from fastapi import APIRouter, Response
from sqlalchemy import text

from klima_measures.migrations import config as migrations
from klima_measures.migrations import metadata
from klima_shared.database.connections import Read, Write
from klima_shared.http import cache
from klima_shared.http.cache import CachedRoute
from klima_shared.http.language import RequestLanguage
from klima_shared.service.server import create_service
from klima_shared.service.settings import ServiceSettings

widgets = APIRouter(route_class=CachedRoute)
others = APIRouter()
published = {"figure": 1, "asked": 0}


@widgets.get("/embed/x", summary="A widget")
async def get_widget(read: Read, lang: RequestLanguage) -> Response:
    await read.execute(text("select 1"))
    published["asked"] += 1
    return Response(
        f"{lang} {published['figure']}", headers={"Cache-Control": "public, max-age=300"}
    )


@others.post("/v1/publish", summary="Publish")
async def publish(write: Write, figure: int) -> None:
    await write.execute(text("select 1"))
    published["figure"] = figure
    if figure < 0:
        raise RuntimeError("not published")


async def test_a_write_is_seen_at_once(
    service_database: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "SECONDS", 1000.0)
    settings = ServiceSettings(environment="local", database_url=service_database("measures").url)
    routers = [widgets, others]
    app = create_service(
        "probe",
        "Probe",
        "Probe",
        settings=settings,
        metadata=metadata,
        migrations=migrations(),
        routers=routers,
    )
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://probe") as client:
        first = await client.get("/embed/x")
        assert (await client.get("/embed/x")).headers["etag"] == first.headers["etag"]
        assert published["asked"] == 1, "the second one came from the cache"
        assert (
            await client.get("/embed/x", headers={"If-None-Match": first.headers["etag"]})
        ).status_code == 304
        assert (await client.get("/embed/x", headers={"Accept-Language": "en"})).text == "en 1"
        assert (await client.post("/v1/publish?figure=2")).status_code == 200
        assert (await client.get("/embed/x")).text == "de 2"
        again = await client.get("/embed/x", headers={"If-None-Match": first.headers["etag"]})
        assert (again.status_code, again.text) == (200, "de 2")
        assert published["asked"] == 3
        assert (await client.post("/v1/publish?figure=-1")).status_code == 500
        assert (await client.get("/embed/x")).text == "de 2", "what was rolled back forgets nothing"
    await app.state.database.close()
