"""What the API documents say of the headers of answers."""

from typing import Final

from klima_shared.wire.json import JsonObject as Json

HEADERS: Final[dict[str, tuple[str, Json]]] = {
    "Accept-Ranges": ("`bytes`: parts may be asked for", {"type": "string", "enum": ["bytes"]}),
    "Cache-Control": ("How long the answer may be kept", {"type": "string", "maxLength": 200}),
    "Content-Disposition": ("Name of the file", {"type": "string", "maxLength": 500}),
    "Content-Language": ("Language of the answer", {"type": "string", "enum": ["de", "en"]}),
    "Content-Range": (
        "Which part it is: `bytes 0-1023/20480`",
        {"type": "string", "pattern": "^bytes ([0-9]+-[0-9]+|[*])/[0-9]+$"},
    ),
    "Deprecation": (
        "Since when it is going (RFC 9745)",
        {"type": "string", "pattern": "^@[0-9]+$"},
    ),
    "ETag": (
        "Version of the answer, for `If-None-Match` and `If-Match`",
        {"type": "string", "pattern": '^(W/)?"[^"]*"$', "maxLength": 200},
    ),
    "Idempotent-Replayed": (
        "This is the answer of an earlier request with the same `Idempotency-Key`",
        {"type": "string", "enum": ["true"]},
    ),
    "Link": (
        '`<...>; rel="next"`: the next page, absent on the last one',
        {"type": "string", "maxLength": 4000},
    ),
    "Location": ("Address of what was made", {"type": "string", "maxLength": 500}),
    "RateLimit": (
        'What is left and for how many seconds: `"requests";r=49;t=1200`; absent with a token',
        {"type": "string", "maxLength": 200},
    ),
    "RateLimit-Policy": (
        'How much is allowed in how many seconds: `"ideas";q=5;w=3600`; absent with a token',
        {"type": "string", "maxLength": 200},
    ),
    "Retry-After": ("Seconds to wait", {"type": "integer", "minimum": 0}),
    "Sunset": ("When it is gone at the earliest (RFC 8594)", {"type": "string", "maxLength": 40}),
    "Vary": ("What the answer depends on", {"type": "string", "maxLength": 200}),
    "WWW-Authenticate": ("`Bearer`", {"type": "string", "maxLength": 200}),
}


def headers(*names: str) -> Json:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def shared_headers() -> Json:
    return {
        name: {"description": description, "schema": schema}
        for name, (description, schema) in HEADERS.items()
    }
