"""What an installation is: its county and its fields of action."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

from klima_measures.base.model.dates import BERLIN
from klima_shared.codes.action import FieldOfAction
from klima_shared.codes.configured import CodeOf
from klima_shared.language.numbers import Lang

FIELDS_OF_ACTION: Final = "fields_of_action"
FieldCode = Annotated[str, CodeOf(FIELDS_OF_ACTION)]


class FurtherField(BaseModel):
    """A field of action beside those of the county, by configuration."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: str = Field(pattern=r"^[a-z][a-z0-9_]{1,39}$")
    de: str = Field(min_length=1, max_length=120)
    en: str = Field(min_length=1, max_length=120)


@dataclass(frozen=True)
class Fields:
    """All fields of action of an installation, in the order in which they are shown."""

    further: tuple[FurtherField, ...] = ()

    def __post_init__(self) -> None:
        taken = [member.value for member in FieldOfAction] + [field.code for field in self.further]
        if len(set(taken)) < len(taken):
            raise ValueError("a further field of action has a code that is taken")

    def labels(self, lang: Lang) -> dict[str, str]:
        """Code -> label."""
        own = {member.value: member.label(lang) for member in FieldOfAction}
        return own | {field.code: field.en if lang == "en" else field.de for field in self.further}

    def label(self, code: str, lang: Lang) -> str:
        return self.labels(lang).get(code, code)

    def codes(self) -> Iterable[str]:
        return self.labels("de")


@dataclass(frozen=True)
class Context:
    """The installation. It holds no way to another service: whoever writes can't ask one."""

    county: str
    fields: Fields

    def today(self) -> date:
        """The date where the municipalities are."""
        return datetime.now(BERLIN).date()


def beginning(day: date) -> datetime:
    """When a day began where the municipalities are: midnight there is never ahead of us, that of
    UTC may be."""
    return datetime.combine(day, time.min, BERLIN).astimezone(UTC)
