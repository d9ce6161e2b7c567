"""The reader's language as a parameter of a route."""

from typing import Annotated

from fastapi import Depends, Header

from klima_shared.language.numbers import Lang, negotiate


async def _reader(
    accept_language: Annotated[
        str | None,
        Header(
            description="`de` (the default) or `en`: language of messages and labels",
            examples=["en"],
        ),
    ] = None,
) -> Lang:
    return negotiate(accept_language)


ReaderLang = Annotated[Lang, Depends(_reader)]
"""The answer must then carry `Vary: Accept-Language`, as every read of ours does."""
