"""What a page or a printed sheet is made of, before it is HTML or PDF: headings with text, facts
and tables."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from klima_shared.language.numbers import NO_DATA, Lang
from klima_shared.language.text import Text


@dataclass(frozen=True)
class Paragraphs:
    """Text; empty lines separate paragraphs. `muted` for remarks."""

    text: str
    muted: bool = False
    kind: Literal["paragraphs"] = "paragraphs"


@dataclass(frozen=True)
class Facts:
    """Names and values."""

    items: Sequence[tuple[str, str]]
    kind: Literal["facts"] = "facts"


@dataclass(frozen=True)
class Mention:
    """Another measure: what is said of it, its name, and its id, by which a page finds its
    sheet."""

    lead: str
    name: str
    measure: str


@dataclass(frozen=True)
class Mentions:
    items: Sequence[Mention]
    kind: Literal["mentions"] = "mentions"


@dataclass(frozen=True)
class Grid:
    """A table. `align` has one letter a column: l text, s short text, r figures. The `foot` is a
    row of sums."""

    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    align: str
    foot: Sequence[str] = ()
    kind: Literal["grid"] = "grid"


def grid(
    names: tuple[Text, Text],
    rows: Sequence[Sequence[str]],
    align: str,
    lang: Lang,
    *,
    foot: Sequence[str] = (),
) -> Grid:
    """A table with its title and its heads (separated by strokes) in the reader's language."""
    title, heads = (name.get(lang) for name in names)
    return Grid(title, heads.split("|"), rows, align, foot)


Block = Paragraphs | Facts | Mentions | Grid


@dataclass(frozen=True)
class Heading:
    """One of the headings of a sheet. Without blocks it says so: a heading is never left out."""

    key: str
    name: str
    blocks: Sequence[Block]


@dataclass(frozen=True)
class Light:
    """A status with its word and shape, for those who don't see the colour."""

    code: str
    word: str
    rule: str


@dataclass(frozen=True)
class SheetPage:
    """A sheet, ready to be set."""

    lang: Lang
    number: str
    title: str
    short_text: str
    example: str | None
    draft: str | None
    facts: Sequence[tuple[str, str]]
    place: tuple[str, str]
    light: Light
    headings: Sequence[Heading]
    as_of: str
    imprint: str
    warnings: Sequence[str] = field(default=())

    def plain(self) -> dict[str, Any]:
        """JSON-ready."""
        return asdict(self)


def or_missing(blocks: Sequence[Block], lang: Lang) -> Sequence[Block]:
    """The blocks, or the statement that there is nothing."""
    return blocks or (Paragraphs(NO_DATA.get(lang), muted=True),)


def text_block(text: str | None) -> list[Block]:
    return [Paragraphs(text)] if text else []
