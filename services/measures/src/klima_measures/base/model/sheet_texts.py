"""Texts of a sheet: what `texts` accepts, with the sheet's lengths, and without mail addresses in
what becomes public.

A mail address in the middle of a paragraph is a person's more often than not, and nobody could tell
when it is printed. Addresses have their place: the contact of the sheet, which says whose they are
and whether they are public.
"""

from __future__ import annotations

import re
from typing import Annotated, Final

from pydantic import AfterValidator, Field, StringConstraints

from klima_measures.base.model.texts import not_blank, one_line, plain
from klima_shared.http.validation import TextError
from klima_shared.language.text import Text

_MAIL: Final = re.compile(r"[\w.%+-]{1,64}\s?(@|\(at\)|\[at\])\s?[\w-]{1,63}(\.[\w-]{1,63})+", re.I)


def without_mail(text: str) -> str:
    """Refuses mail addresses, masked ones included."""
    if _MAIL.search(text):
        raise TextError(
            Text(
                "The text contains a mail address. Addresses belong in the contact of the sheet "
                "(contact)."
            )
        )
    return text


_strict = StringConstraints(strict=True)
_checks = (AfterValidator(plain), AfterValidator(without_mail))

Title = Annotated[
    str,
    _strict,
    Field(min_length=1, max_length=120),
    *_checks,
    AfterValidator(one_line),
    AfterValidator(not_blank),
]
ShortText = Annotated[str, _strict, Field(max_length=300), *_checks]
Name = Annotated[
    str,
    _strict,
    Field(min_length=1, max_length=200),
    *_checks,
    AfterValidator(one_line),
    AfterValidator(not_blank),
]
Paragraphs = Annotated[str, _strict, Field(max_length=6000), *_checks]
Internal = Annotated[str, _strict, Field(max_length=6000), AfterValidator(plain)]
Code = Annotated[
    str,
    _strict,
    Field(min_length=1, max_length=40, pattern=r"^[A-Za-z0-9ÄÖÜäöüß][\wÄÖÜäöüß .:/()-]*$"),
]
Number = Annotated[
    str,
    _strict,
    Field(min_length=1, max_length=20, pattern=r"^[A-Za-z0-9ÄÖÜäöü][A-Za-z0-9ÄÖÜäöü._/-]*$"),
]
Mail = Annotated[
    str,
    _strict,
    Field(max_length=254, pattern=r"^[^@\s<>\"',;]{1,64}@[A-Za-z0-9.-]+\.[A-Za-z]{2,}$"),
]
Phone = Annotated[str, _strict, Field(max_length=40, pattern=r"^[+0-9][0-9 ()/-]{2,38}$")]
