"""Every message in the code has a German wording, and every wording has its message."""

import ast
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

from klima_shared.language import catalogue

ROOT = Path(__file__).parents[2]
PACKAGES = {path.parents[1].name: path.parents[1] for path in ROOT.glob("s*/**/src/*/locale/de.po")}


def calls(source: str) -> Iterator[tuple[str, set[str]]]:
    """The message and the names of the values of each `Text("...", ...)`."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "Text" and len(node.args) == 1:
            for message in wordings(node.args[0]):
                yield message, {str(value.arg) for value in node.keywords}


def wordings(argument: ast.expr) -> Iterator[str]:
    if isinstance(argument, ast.IfExp):
        yield from wordings(argument.body)
        yield from wordings(argument.orelse)
    elif isinstance(argument, ast.Constant) and isinstance(argument.value, str):
        yield argument.value
    elif not isinstance(argument, ast.Starred):
        raise AssertionError(f"no message: {ast.unparse(argument)}")


def placeholders(wording: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(wording) if name is not None}


def faults(sources: list[str], german: dict[str, str]) -> list[str]:
    found = [call for source in sources for call in calls(source)]
    used = {message for message, _ in found}
    return [
        *(f"no German wording: {message}" for message in sorted(used - german.keys())),
        *(f"no such message: {message}" for message in sorted(german.keys() - used)),
        *(f"empty: {message}" for message, wording in german.items() if not wording),
        *(
            f"other placeholders: {message}"
            for message, wording in german.items()
            if "{" in message + wording and placeholders(message) != placeholders(wording)
        ),
        *(
            f"other values: {message}"
            for message, values in found
            if values and values != placeholders(message)
        ),
    ]


@pytest.mark.parametrize("package", PACKAGES)
def test_messages_and_wordings_of_a_package_are_the_same(package: str) -> None:
    sources = [path.read_text(encoding="utf-8") for path in PACKAGES[package].rglob("*.py")]
    assert faults(sources, catalogue.read(package)) == []


def test_a_message_has_one_wording_in_all_packages() -> None:
    seen: dict[str, str] = {}
    for package in PACKAGES:
        for message, wording in catalogue.read(package).items():
            assert seen.setdefault(message, wording) == wording, (package, message)


@pytest.mark.parametrize(
    ("source", "german", "fault"),
    [
        ('Text("New.")', {}, "no German wording: New."),
        ("", {"Old.": "Alt."}, "no such message: Old."),
        ('Text("Here.")', {"Here.": ""}, "empty: Here."),
        ('Text("{a}.", a=1)', {"{a}.": "{b}."}, "other placeholders: {a}."),
        ('Text("{a}.", b=1)', {"{a}.": "{a}."}, "other values: {a}."),
        ('Text("A" if x else "B")', {"A": "A"}, "no German wording: B"),
    ],
)
def test_each_fault_is_reported(source: str, german: dict[str, str], fault: str) -> None:
    assert faults([source], german) == [fault]
