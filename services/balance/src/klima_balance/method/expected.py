"""What the method and the engine expect of a value, for `InputError.at`."""

from collections.abc import Iterable
from typing import Final

from klima_shared.language.text import Label, Text

FINITE: Final = Label("eine endliche Zahl", "a finite number")
NOT_NEGATIVE: Final = Label("eine endliche Zahl von mindestens 0", "a finite number of at least 0")


def one_of(names: Iterable[object]) -> Text:
    found = ", ".join(map(str, names))
    return (
        Text("one of {found}", found=found)
        if found
        else Label("hier gibt es keine", "there are none here")
    )


def columns(names: Iterable[object]) -> Text:
    found = ", ".join(map(str, names))
    return Text("the columns {found}", found=found)


def at_least(amount: str) -> Text:
    return Text("at least {amount}", amount=amount)


def more_than(amount: str) -> Text:
    return Text("more than {amount}", amount=amount)


def after_base(base_year: int) -> Text:
    return Text("a year after the base year {base_year}", base_year=base_year)
