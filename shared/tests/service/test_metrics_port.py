"""Metrics on a port of their own: who may look at them reaches nothing else."""

import httpx

from klima_local.processes import free_ports
from klima_measures.app import create_app
from klima_measures.settings import Settings


async def test_metrics_on_a_port_of_their_own() -> None:
    port = free_ports(1)[0]
    app = create_app(
        Settings(
            environment="test",
            database_url="postgresql+psycopg://nobody@127.0.0.1:1/none",
            metrics_port=port,
        )
    )
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://x") as client,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as outside,
    ):
        assert (await client.get("/metrics")).status_code == 404
        assert (await client.get("/v1/nothing-there")).status_code == 404
        for path in ("/metrics", "/", "/v1/measures", "/health/ready"):
            answer = await outside.get(path)
            assert "klima_service_info" in answer.text
            assert "detail" not in answer.text
