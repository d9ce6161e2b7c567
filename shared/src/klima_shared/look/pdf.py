"""Tagged PDF (PDF/UA-1) set with typst. Nothing is fetched, no font of the machine is used: the
same bytes every time.

For services with the extra `pdf`.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

import orjson
import typst

from klima_shared.language.characters import without_control_characters

# Latin with the accents of Europe, Greek, and the signs of our own texts: the fonts that come with
# typst have them.
_KNOWN: Final = re.compile(
    "[\x00-\x7f\xa0-\u017f\u0370-\u03ff\u2010-\u2027\u202f\u2030-\u205e"
    "\u2080-\u208e\u20ac\u2190-\u2193]"
)
_BOX: Final = "□"
_MOST_LOOKED_UP: Final = 200
_ONE: Final = b'#set document(title: "x")\n#set text(lang: "de")\n#sys.inputs.data'


def pdf(template: bytes, data: Mapping[str, Any], moment: datetime) -> bytes:
    """The document that `template` (typst; it finds `data` as JSON in `sys.inputs.data`) makes,
    dated `moment`.

    Blocks for tenths of a second or more: run it in a thread. A sign that no font has (an emoji)
    and a control character become a box. Raises `typst.TypstError` for a fault in the template.
    """
    text = orjson.dumps(printable(data), default=str).decode()
    try:
        return _compile(template, text, moment)
    except typst.TypstError as error:
        if not _breaks_the_standard(error):
            raise
    text = without_undisplayable(text)
    try:
        return _compile(template, text, moment)
    except typst.TypstError as error:
        # signs that can be shown alone and not together, a heading without words: readable, without
        # the standard's promise
        if not _breaks_the_standard(error):
            raise
        return _compile(template, text, moment, accessible=False)


def _breaks_the_standard(error: typst.TypstError) -> bool:
    """Because of the content; other errors are faults of the template."""
    return "PDF/UA-1 error" in str(error)


def printable(value: object) -> object:
    """The value with all its texts, which may be older than the rule for control characters,
    without them and without byte order marks."""
    if isinstance(value, str):
        return without_control_characters(value, _BOX).replace("\ufeff", "")
    if isinstance(value, Mapping):
        return {name: printable(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [printable(one) for one in value]
    return value


def without_undisplayable(text: str) -> str:
    """The text with boxes in the place of signs that the fonts have not."""
    strange = sorted({sign for sign in text if not _KNOWN.match(sign)})
    looked_up = strange[:_MOST_LOOKED_UP]
    bad = [sign for sign in looked_up if not _displayable(sign)] + strange[_MOST_LOOKED_UP:]
    return text.translate({ord(sign): _BOX for sign in bad})


@lru_cache(maxsize=4096)
def _displayable(sign: str) -> bool:
    try:
        _compile(_ONE, sign, datetime.fromtimestamp(0).astimezone())
    except typst.TypstError:
        return False
    return True


def _compile(template: bytes, data: str, moment: datetime, *, accessible: bool = True) -> bytes:
    return typst.compile(
        template,
        format="pdf",
        ignore_system_fonts=True,
        sys_inputs={"data": data},
        pdf_standards="ua-1" if accessible else "1.7",
        timestamp=int(moment.timestamp()),
    )
