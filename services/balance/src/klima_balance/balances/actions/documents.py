"""The answer that is served for a balance: the engine's document with identity, version, times and
`meta`."""

import hashlib
from datetime import UTC, datetime
from uuid import UUID

import orjson

from klima_balance.method.model import Method
from klima_balance.method.sources import source_in
from klima_shared.county import served_county
from klima_shared.http.etags import digest_etag
from klima_shared.wire import meta
from klima_shared.wire.json import Json, JsonObject

ATTRIBUTION = (
    f"{served_county().publisher}; Statistische Ämter des Bundes und der Länder, Bundesnetzagentur,"
    " Deutsche Emissionshandelsstelle, Thünen-Institut, AG Energiebilanzen"
)


def head(
    method: Method, factor_set: str, region: Json, sources: list[str], at: datetime
) -> JsonObject:
    """What all balances of a run share beside the figures: the factor set and `meta`."""
    header = method.factor_set(factor_set)
    reference = {
        "id": factor_set,
        "version": str(header["version"]),
        "digest": str(header["digest"]),
    }
    information = meta.Meta(
        generated_at=at,
        method_version=method.version,
        factor_set=meta.FactorSetReference(**reference),
        edition=meta.EditionReference(**method.edition._asdict()),
        attribution=ATTRIBUTION,
        sources=sorted({source_in(source, "de") for source in sources}),
    )
    return {
        "factor_set": reference,
        "meta": information.model_dump(mode="json"),
        "region": dict(region),
    }


def finished(
    document: Json,
    head_: Json,
    *,
    identity: UUID,
    state: str,
    version: int | None,
    published_at: datetime | None,
) -> tuple[bytes, str]:
    """The bytes that are served, and their ETag."""
    population = document.get("region", {}).get("population")
    body = {
        "id": str(identity),
        "state": state,
        "region": {**head_["region"], "population": population},
        "year": document["year"],
        "version": version,
        "published_at": (
            published_at.astimezone(UTC).isoformat().replace("+00:00", "Z")
            if published_at
            else None
        ),
        "factor_set": head_["factor_set"],
        **{
            name: value
            for name, value in document.items()
            if name not in {"region", "year", "factor_set", "meta"}
        },
        "meta": {**document.get("meta", {}), **head_["meta"]},
    }
    content = orjson.dumps(body)
    return content, digest_etag(content)


def published(
    content: bytes, *, version: int, published_at: datetime, more: Json
) -> tuple[bytes, str]:
    """A draft's bytes as a published balance. `more`: why it corrects which version, and what
    changed."""
    body = orjson.loads(content)
    at = published_at.astimezone(UTC).isoformat().replace("+00:00", "Z")
    body.update(more, state="published", version=version, published_at=at)
    result = orjson.dumps(body)
    return result, digest_etag(result)


def sha256(content: bytes) -> str:
    return "sha256:" + hashlib.sha256(content).hexdigest()
