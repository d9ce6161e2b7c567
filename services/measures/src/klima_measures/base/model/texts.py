"""What people write: plain text, nothing that a page or a database could mistake for something
else.

Output is escaped wherever it is shown; refusing markup at the door tells the writer at once and
keeps scripts out of every export, mail and foreign page that may come later.
"""

import re
from typing import Annotated, Final

from pydantic import AfterValidator, Field, StringConstraints

from klima_shared.http.texts import not_blank, ordinary
from klima_shared.language.errors import InputError
from klima_shared.language.text import Text

MAX_IDEA: Final = 4000
MAX_LINKS: Final = 3

# Letters after "<" make a tag; "< 100" and "a <= b" are ordinary text.
_MARKUP: Final = re.compile(
    r"<\s*+(?:[/!?]\s*+)?[a-z][^<>]*+>"
    r"|<\s*+(script|iframe|object|embed|svg|img|style|link|meta)\b|<!--",
    re.I,
)
_SCRIPT: Final = re.compile(r"\b(javascript|vbscript)\s*:|\bdata\s*:\s*text/html", re.I)
_MAIL: Final = re.compile(r"[\w.+-]@[\w-]++\.[\w-]")
_LINK: Final = re.compile(r"https?://|\bwww\.", re.I)


def plain(text: str) -> str:
    """The text in composed form with ordinary line ends, without blanks around it.

    Raises `InputError` for control characters and for markup or script.
    """
    text = ordinary(text)
    if _MARKUP.search(text) or _SCRIPT.search(text):
        raise InputError(Text("The text contains HTML or script. Please enter ordinary text only."))
    return text


def without_advertising(text: str) -> str:
    """Refuses a text with more than a few web addresses: that is advertising, not an idea."""
    if len(_LINK.findall(text)) > MAX_LINKS:
        raise InputError(
            Text("The text contains more than {max_links} web addresses.", max_links=MAX_LINKS)
        )
    return text


def without_mail_address(text: str) -> str:
    """Refuses a mail address in what everybody will read."""
    if _MAIL.search(text):
        raise InputError(
            Text(
                "The text contains a mail address and would be published with it. Please "
                "pseudonymise it first."
            )
        )
    return text


def one_line(text: str) -> str:
    """Refuses line ends, for titles and names."""
    if "\n" in text or "\t" in text:
        raise InputError(Text("A single line is expected here."))
    return text


_strict = StringConstraints(strict=True)

Line = Annotated[
    str,
    _strict,
    Field(min_length=1, max_length=200),
    AfterValidator(plain),
    AfterValidator(one_line),
    AfterValidator(not_blank),
]
"""A title, a name, a place."""

Prose = Annotated[str, _strict, Field(max_length=10_000), AfterValidator(plain)]
"""Any number of paragraphs; may be empty."""

Reason = Annotated[
    str,
    _strict,
    Field(min_length=1, max_length=2000),
    AfterValidator(plain),
    AfterValidator(not_blank),
]
"""Why something was decided; never blank, because people read it."""

IdeaText = Annotated[
    str,
    _strict,
    Field(min_length=3, max_length=MAX_IDEA),
    AfterValidator(plain),
    AfterValidator(not_blank),
    AfterValidator(without_advertising),
]
"""The text of an idea."""


def web_address(text: str) -> str:
    """An address that a page may link to: http or https, nothing else. Raises `InputError`."""
    if not re.fullmatch(r"https?://[^\s<>\"'\\^`{|}]{3,}", text, re.I):
        raise InputError(Text("A web address like https://www.example.org/page is expected."))
    return text


WebAddress = Annotated[
    str, _strict, Field(max_length=1000), AfterValidator(plain), AfterValidator(web_address)
]

# Texts of a sheet: shorter, and without mail addresses in what becomes public. A mail address in
# the middle of a paragraph is a person's more often than not, and nobody could tell when it is
# printed. Addresses have their place: the contact of the sheet, which says whose they are and
# whether they are public.
_MASKED_MAIL: Final = re.compile(
    r"[\w.%+-]{1,64}+\s?(@|\(at\)|\[at\])\s?[\w-]{1,63}(\.[\w-]{1,63})+", re.I
)


def without_mail(text: str) -> str:
    """Refuses mail addresses, masked ones included."""
    if _MASKED_MAIL.search(text):
        raise InputError(
            Text(
                "The text contains a mail address. Addresses belong in the contact of the sheet "
                "(contact)."
            )
        )
    return text


_checks = (AfterValidator(plain), AfterValidator(without_mail))
_line_checks = (*_checks, AfterValidator(one_line), AfterValidator(not_blank))

Title = Annotated[str, _strict, Field(min_length=1, max_length=120), *_line_checks]
ShortText = Annotated[str, _strict, Field(max_length=300), *_checks]
Name = Annotated[str, _strict, Field(min_length=1, max_length=200), *_line_checks]
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
    Field(max_length=254, pattern=r"""^[^@\s<>"',;]{1,64}@[A-Za-z0-9.-]+\.[A-Za-z]{2,}$"""),
]
Phone = Annotated[str, _strict, Field(max_length=40, pattern=r"^[+0-9][0-9 ()/-]{2,38}$")]
