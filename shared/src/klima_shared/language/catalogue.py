"""The German wording of the messages in the code: one gettext catalogue per package.

A package names itself once, in its `__init__`; its catalogue is `locale/de.po` beside it, and the
key of an entry is the English message. The file is read at the first message that is wanted in
German, once per process. `pybabel extract -k Text` lists the messages of a package.
"""

from functools import cache
from importlib.resources import files
from typing import Final

_packages: Final[list[str]] = []


def register(package: str) -> None:
    """The messages of `package` have their German wording in its `locale/de.po`."""
    _packages.append(package)


def german(message: str) -> str:
    """The German wording of an English message; without an entry the message itself."""
    return _wordings(tuple(_packages)).get(message, message)


def has(message: str) -> bool:
    """Whether a message is one of the code's."""
    return message in _wordings(tuple(_packages))


@cache
def _wordings(packages: tuple[str, ...]) -> dict[str, str]:
    return {message: wording for name in packages for message, wording in read(name).items()}


def read(package: str) -> dict[str, str]:
    """English messages with their German wording, as the catalogue of `package` has them."""
    # Imported here because a process that writes no German message needs no parser.
    from babel.messages.pofile import read_po

    with (files(package) / "locale" / "de.po").open("rb") as file:
        catalogue = read_po(file, locale="de", abort_invalid=True)
    return {str(entry.id): str(entry.string) for entry in catalogue if entry.id}
