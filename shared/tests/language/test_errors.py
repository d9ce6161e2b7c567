"""The one error of what somebody sends wrong."""

from dataclasses import FrozenInstanceError
from typing import Annotated

import pytest
from pydantic import AfterValidator, BaseModel, ValidationError

from klima_shared.formats.sheets import Notice, answered, line_fault, line_pointer
from klima_shared.http.validation import validation_text
from klima_shared.language.errors import InputError, Place
from klima_shared.language.text import Label, Text

EVEN = Label("eine gerade Zahl", "an even number")


def test_a_value_that_cannot_be_says_where_it_stands_what_was_found_and_expected() -> None:
    error = InputError.at("share", 3, EVEN, region="05974040")
    assert (error.found, error.expected) == (3, EVEN)
    assert error.text.en == "05974040: share: “3” is not possible; expected: an even number."
    assert error.text.de == (
        "05974040: share: „3“ ist nicht möglich; erwartet wird: eine gerade Zahl."
    )
    assert str(error) == "05974040: share: found 3, expected an even number"
    assert str(error.in_row(7)) == "05974040: share (row 7): found 3, expected an even number"


def test_a_row_of_data_is_no_line_of_a_file() -> None:
    error = line_fault(12, "share", EVEN).in_row(3)
    assert (error.place.line, error.place.row) == (12, 3)
    assert answered(InputError.at("share", 3, EVEN, row=7), "en")["line"] == 1
    with pytest.raises(FrozenInstanceError):
        error.place.line = 3  # type: ignore[misc]


@pytest.mark.parametrize(
    ("error", "line", "column", "pointer"),
    [
        (line_fault(12, "share", EVEN), 12, "share", "/line/12/share"),
        (line_fault(12, None, EVEN), 12, None, "/line/12"),
        (InputError(EVEN), 1, None, "/line/1"),
        (InputError(EVEN, Place(pointer="/0/title", line=4)), 4, "/0/title", "/line/4//0/title"),
    ],
)
def test_how_a_fault_of_a_file_is_answered(
    error: InputError, line: int, column: str | None, pointer: str
) -> None:
    assert answered(error, "de") == {"line": line, "column": column, "message": EVEN.de}
    assert line_pointer(error) == pointer
    assert answered(Notice(error.place, error.text), "de") == answered(error, "de")


def _even(value: int) -> int:
    if value % 2:
        raise InputError(Text("A whole number is expected."))
    return value


class _Body(BaseModel):
    value: Annotated[int, AfterValidator(_even)]


def test_pydantic_carries_it() -> None:
    with pytest.raises(ValidationError) as caught:
        _Body(value=3)
    (one,) = caught.value.errors()
    assert validation_text(one).en == "A whole number is expected."
