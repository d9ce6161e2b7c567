"""JSON bodies of all routes are what the services speak, before anything is made of them.

The framework's own reader takes what nobody can store (numbers beyond 64 bit, halves of
characters, NaN) or write again (objects in objects without end), and keeps the last of two values
of one name.
"""

from json import detect_encoding

import anyio.to_thread
from fastapi import Request

from klima_shared.http.problems import NOT_UTF8, invalid_at, unsupported_media
from klima_shared.sandbox.documents import read_json
from klima_shared.sandbox.model import RefusedError

_WITHOUT: frozenset[str] = frozenset({"GET", "HEAD", "OPTIONS"})
_SMALL = 1 << 13
"""Bytes that are read in less than a millisecond."""


async def check_json_body(request: Request) -> None:
    """422 naming the place of what has no place in JSON as the services speak it, 415 for another
    encoding than UTF-8. What is no JSON at all is the framework's to refuse."""
    if request.method in _WITHOUT:
        return
    if request.headers.get("content-type", "").lower().startswith("multipart/"):
        return
    body = await request.body()
    # The framework's reader takes UTF-16 and UTF-32 too, which the readers after it do not.
    if not detect_encoding(body).startswith("utf-8"):
        raise unsupported_media(NOT_UTF8)
    try:
        if len(body) > _SMALL:
            await anyio.to_thread.run_sync(read_json, body)
        else:
            read_json(body)
    except RefusedError as error:
        raise invalid_at("/body" + error.pointer, error.text) from error
    except ValueError:
        return
