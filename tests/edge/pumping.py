"""Every regular expression of the source, and texts that make it work as hard as it can.

Python's `re` goes back and tries again; an expression whose parts overlap then costs the square of
the text's length, or worse. The texts are built from the expression itself: its parts, repeated,
with an end that does not fit.
"""

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from itertools import chain, product
from pathlib import Path
from re import _constants as op  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from time import process_time
from typing import Any, Final

FUNCTIONS: Final = frozenset(
    {"search", "match", "fullmatch", "sub", "split", "findall", "finditer"}
)
REPEATS: Final = (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT)
# What a class of "everything but" is tried with.
PLAIN: Final = "a 0-.,@<b\n\té"
BAD_ENDS: Final = ("", "\x00", "!")
# A small text first, so that an expression that never ends on a long one is found out before.
SIZES: Final = (24, 60, 200, 1_000, 4_000, 10_000)
LONG: Final = 100_000
SLOWEST: Final = 12
"""How many texts of an expression are tried at full length."""


@dataclass(frozen=True, slots=True)
class Use:
    """An expression and the function it is used with, where it stands."""

    place: str
    expression: re.Pattern[Any]
    function: str

    def seconds(self, text: str) -> float:
        """Of the processor, for one text."""
        given: Any = text
        if isinstance(self.expression.pattern, bytes):
            given = text.encode("utf-8", "surrogatepass")
        call = self._call()
        began = process_time()
        call(given)
        return process_time() - began

    def _call(self) -> Callable[[Any], object]:
        if self.function == "sub":
            return lambda text: self.expression.sub(text[:0], text)
        if self.function == "finditer":
            return lambda text: sum(1 for _ in self.expression.finditer(text))
        return getattr(self.expression, self.function)  # type: ignore[no-any-return]


def uses(package: Path) -> list[Use]:
    """All uses of `re` in a package; raises for an expression that can't be told."""
    return list(chain.from_iterable(_uses(path, package) for path in sorted(package.rglob("*.py"))))


def _uses(path: Path, package: Path) -> Iterator[Use]:
    tree = ast.parse(path.read_text())
    calls = [n for n in ast.walk(tree) if isinstance(n, ast.Call) and _of_re(n)]
    if not calls:
        return
    module = ".".join(path.relative_to(package.parent).with_suffix("").parts)
    names = vars(import_module(module.removesuffix(".__init__")))
    for call in calls:
        assert isinstance(call.func, ast.Attribute)
        function = call.func.attr
        arguments = call.args[:2] if function == "compile" else call.args[:1]
        values = [eval(ast.unparse(argument), dict(names)) for argument in arguments]
        expression = re.compile(*values)
        used = _methods(tree, names, expression) if function == "compile" else {function}
        for one in sorted(used):
            yield Use(f"{module}:{call.lineno}", expression, one)


def _of_re(call: ast.Call) -> bool:
    function = call.func
    return (
        isinstance(function, ast.Attribute)
        and isinstance(function.value, ast.Name)
        and function.value.id == "re"
        and function.attr in FUNCTIONS | {"compile"}
    )


def _methods(tree: ast.AST, names: dict[str, Any], expression: re.Pattern[Any]) -> set[str]:
    """What a compiled expression is asked, by its name; `search`, which does the most, where it
    has none (in a table)."""
    own = {
        name
        for name, value in names.items()
        if isinstance(value, re.Pattern) and value == expression
    }
    found = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id in own
        and node.attr in FUNCTIONS
    }
    return found or {"search"}


def worst(use: Use, bound: Callable[[int], float]) -> str | None:
    """A text that takes longer than the bound for its length, as words; None when there is
    none."""
    makers = _texts(use.expression)
    for size in (*SIZES, LONG):
        taken = []
        for maker in makers:
            text = maker(size)
            seconds = use.seconds(text)
            if seconds > bound(size):  # once more: the machine may have been busy
                seconds = min(seconds, use.seconds(text))
            if seconds > bound(size):
                return f"{text[:40]!r}… of {size}: {seconds:.2f} s"
            taken.append(seconds)
        if size == SIZES[-1]:
            order = sorted(range(len(makers)), key=lambda i: -taken[i])
            makers = [makers[i] for i in order[:SLOWEST]]
    return None


Maker = Callable[[int], str]


def _texts(expression: re.Pattern[Any]) -> list[Maker]:
    pattern = expression.pattern
    text = pattern.decode("latin-1") if isinstance(pattern, bytes) else pattern
    tree = list(parser.parse(text, expression.flags & ~re.UNICODE & ~re.DEBUG))
    pumps = {(before, pump) for before, pump in _repeats(tree, "")}
    letters = list(dict.fromkeys(chain(_letters(tree), "a <")))[:10]
    pumps |= {(first, second) for first, second in product(letters, letters)}
    pumps.add(("", _sample(tree)))
    makers: list[Maker] = []
    for (before, pump), end in product(sorted(pumps), BAD_ENDS):
        makers.append(partial(_filled, before, pump, end))
        makers.append(partial(_filled, "", before + pump, end))
    return makers


def _filled(before: str, pump: str, end: str, size: int) -> str:
    return before + pump * (size // max(1, len(pump))) + end


def _repeats(tree: list[Any], before: str) -> Iterator[tuple[str, str]]:
    """What stands before each repeated part, and what it may be."""
    for code, value in tree:
        for inner in _inner(code, value):
            yield from _repeats(list(inner), before)
        if code in REPEATS and value[1] > 8:
            for pump in _samples(list(value[2])):
                yield before, pump
        before += _sample([(code, value)])


def _inner(code: object, value: Any) -> list[Any]:
    if code is op.SUBPATTERN:
        return [value[3]]
    if code is op.BRANCH:
        return list(value[1])
    if code in REPEATS:
        return [value[2]]
    if code in {op.ASSERT, op.ASSERT_NOT}:
        return [value[1]]
    return [value] if code is op.ATOMIC_GROUP else []


def _samples(tree: list[Any]) -> list[str]:
    """Texts that fit a repeated part: one for each character of its class, if it is one."""
    if len(tree) == 1 and tree[0][0] is op.IN:
        return list(_fitting(tree[0][1]))[:6] or ["a"]
    if len(tree) == 1 and tree[0][0] is op.BRANCH:
        return [_sample(list(branch)) for branch in tree[0][1][1]]
    return [_sample(tree)]


def _sample(tree: list[Any]) -> str:
    """A text that fits, with every repeated part at least once."""
    return "".join(_one(code, value) for code, value in tree)


def _one(code: object, value: Any) -> str:
    if code is op.LITERAL:
        return chr(value)
    if code is op.NOT_LITERAL:
        return next(c for c in PLAIN if ord(c) != value)
    if code is op.ANY:
        return "a"
    if code is op.IN:
        return next(iter(_fitting(value)), "a")
    if code in REPEATS:
        return _sample(list(value[2])) * max(1, min(value[0], 20))
    if code in {op.ASSERT, op.ASSERT_NOT}:
        return ""
    return next((_sample(list(inner)) for inner in _inner(code, value)), "")


def _fitting(items: list[Any]) -> Iterator[str]:
    """Characters of a class: its own, then those of the plain ones that fit."""
    one = re.compile(_class(items))
    own = [chr(v if code is op.LITERAL else v[0]) for code, v in items if code in _RANGED]
    yield from dict.fromkeys(c for c in (*own, *PLAIN) if one.fullmatch(c))


_RANGED: Final = (op.LITERAL, op.RANGE)
_CATEGORIES: Final = {
    op.CATEGORY_DIGIT: r"\d",
    op.CATEGORY_NOT_DIGIT: r"\D",
    op.CATEGORY_SPACE: r"\s",
    op.CATEGORY_NOT_SPACE: r"\S",
    op.CATEGORY_WORD: r"\w",
    op.CATEGORY_NOT_WORD: r"\W",
}


def _class(items: list[Any]) -> str:
    written = ""
    for code, value in items:
        if code is op.NEGATE:
            written += "^"
        elif code is op.LITERAL:
            written += re.escape(chr(value))
        elif code is op.RANGE:
            written += f"{re.escape(chr(value[0]))}-{re.escape(chr(value[1]))}"
        else:
            written += _CATEGORIES[value]
    return f"[{written}]"


def _letters(tree: list[Any]) -> Iterator[str]:
    for code, value in tree:
        if code is op.LITERAL:
            yield chr(value)
        elif code is op.IN:
            yield from list(_fitting(value))[:3]
        for inner in _inner(code, value):
            yield from _letters(list(inner))
