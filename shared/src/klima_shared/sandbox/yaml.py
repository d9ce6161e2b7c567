"""YAML of strangers to the values that JSON has too.

It is read event by event, so that nothing grows before it is looked at: no references, no tags,
no deep nesting, no names that occur twice. Numbers that YAML 1.1 reads otherwise than people do
(`12:30` as 750, `0123` as 83) are a question.
"""

import re
from datetime import date, datetime
from math import isfinite
from typing import Final

import yaml
from yaml.resolver import Resolver

from klima_shared.language.text import Text
from klima_shared.sandbox.documents import (
    HIGHEST,
    LOWEST,
    MAX_DEPTH,
    MAX_VALUES,
    TOO_MUCH,
    check_text,
    no_number,
    shown,
    too_deep,
    twice,
    utf8,
)
from klima_shared.sandbox.model import RefusedError

_RESOLVER: Final = Resolver()
_TAG: Final = "tag:yaml.org,2002:"
_OTHERWISE: Final = re.compile(r"[+-]?(?:0[0-7_]+|0[bx][0-9a-fA-F_]+|[0-9_]+(?::[0-9.]+)+)")
_DEEPER: Final = (yaml.MappingStartEvent, yaml.SequenceStartEvent)
_FLAT: Final = (yaml.MappingEndEvent, yaml.SequenceEndEvent)


def read_yaml(data: bytes) -> object:
    """The value of the only document. `RefusedError` with the line of what is wrong."""
    builder = _Builder()
    try:
        for count, event in enumerate(yaml.parse(utf8(data), Loader=yaml.CSafeLoader)):
            if count > MAX_VALUES:
                raise RefusedError(TOO_MUCH)
            builder.add(event)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        text = Text("The file is neither YAML nor JSON.")
        raise _at(mark.line, text) if mark is not None else RefusedError(text) from error
    except RecursionError:
        raise RefusedError(too_deep()) from None
    return builder.value


def _at(line: int, text: Text) -> RefusedError:
    place = Text("Line {line}: {text}", line=line + 1, text=text)
    return RefusedError(place, line=line + 1)


class _Builder:
    """The value, from events. `open` holds what is not finished: lists, and mappings with the name
    whose value comes next."""

    def __init__(self) -> None:
        self.value: object = None
        self.documents = 0
        self.open: list[list[object] | _Mapping] = []

    def add(self, event: yaml.Event) -> None:
        line = event.start_mark.line if event.start_mark else 0
        if isinstance(event, yaml.DocumentStartEvent):
            self.documents += 1
            if self.documents > 1:
                raise _at(line, Text("One document in a file is expected."))
        elif isinstance(event, yaml.AliasEvent):
            raise _at(line, Text("YAML aliases (*name) are not read."))
        elif isinstance(event, yaml.ScalarEvent):
            self._put(_scalar(event, line), line)
        elif isinstance(event, _DEEPER):
            if event.tag is not None:
                raise _at(line, _tag(event.tag))
            if len(self.open) >= MAX_DEPTH:
                raise _at(line, too_deep())
            self.open.append([] if isinstance(event, yaml.SequenceStartEvent) else _Mapping())
        elif isinstance(event, _FLAT):
            done = self.open.pop()
            self._put(done.values if isinstance(done, _Mapping) else done, line)

    def _put(self, value: object, line: int) -> None:
        if not self.open:
            self.value = value
        elif isinstance(inner := self.open[-1], _Mapping):
            inner.put(value, line)
        else:
            inner.append(value)


class _Mapping:
    """A mapping that is being read: the next value is a name, or the value of the last name."""

    def __init__(self) -> None:
        self.values: dict[str, object] = {}
        self.name: str | None = None

    def put(self, value: object, line: int) -> None:
        if self.name is not None:
            self.values[self.name] = value
            self.name = None
            return
        if isinstance(value, dict | list):
            raise _at(line, Text("A name is expected here."))
        name = str(value)
        if name == "<<":
            raise _at(line, Text("YAML aliases (*name) are not read."))
        if name in self.values:
            raise _at(line, twice(name))
        self.name = name


def _tag(tag: str) -> Text:
    return Text("YAML tags (!name) are not read: {tag}.", tag=shown(tag.replace(_TAG, "!!")))


def _scalar(event: yaml.ScalarEvent, line: int) -> object:
    """The value of a text; YAML knows dates, the wire has them as text."""
    text = event.value
    if event.tag is not None:
        raise _at(line, _tag(event.tag))
    if event.implicit[0]:
        match _kind(text):
            case "null":
                return None
            case "bool":
                return text.lower() in {"yes", "true", "on"}
            case "int" | "float" as number:
                return _number(text, number, line)
            case "timestamp":
                return _moment(text, line)
    try:
        check_text(text)
    except RefusedError as error:
        raise _at(line, error.text) from error
    return text


def _kind(text: str) -> str:
    """What YAML 1.1 takes a text without quotation marks for."""
    found = _RESOLVER.resolve(yaml.ScalarNode, text, (True, False))  # type: ignore[no-untyped-call]
    return str(found).removeprefix(_TAG)


def _number(text: str, kind: str, line: int) -> int | float:
    if _OTHERWISE.fullmatch(text):
        ask = Text(
            '"{found}" can be read in two ways. Please put it in quotation marks.',
            found=shown(text),
        )
        raise _at(line, ask)
    digits = text.replace("_", "")
    number: int | float = 0
    if kind == "int" and len(digits) <= 20:
        number = int(digits)
    elif kind == "float" and len(digits) <= 400 and not digits.lower().endswith(("inf", "nan")):
        number = float(digits)
    else:
        raise _at(line, no_number(text))
    if not LOWEST <= number <= HIGHEST if kind == "int" else not isfinite(number):
        raise _at(line, no_number(text))
    return number


def _moment(text: str, line: int) -> str:
    constructor = yaml.SafeLoader("")
    try:
        moment = constructor.construct_yaml_timestamp(yaml.ScalarNode(_TAG + "timestamp", text))
    except (ValueError, OverflowError) as error:
        raise _at(line, Text("There is no such date: {found}.", found=shown(text))) from error
    if not isinstance(moment, date | datetime):
        raise _at(line, Text("There is no such date: {found}.", found=shown(text)))
    return moment.isoformat()
