"""What people write into a body: ordinary text that says something."""

from klima_shared.language.characters import NO_ORDINARY_TEXT, composed, has_control_characters
from klima_shared.language.errors import InputError
from klima_shared.language.text import Text


def ordinary(text: str) -> str:
    """The text in composed form with ordinary line ends, without blanks around it.

    Raises `InputError` for control characters.
    """
    if has_control_characters(text):
        raise InputError(NO_ORDINARY_TEXT)
    return composed(text)


def not_blank(text: str) -> str:
    """Refuses a text that says nothing."""
    if not any(character.isalnum() for character in text):
        raise InputError(Text("A text that says something is expected here."))
    return text
