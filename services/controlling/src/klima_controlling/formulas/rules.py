"""Formulas of indicators: arithmetic over named inputs. What is missing makes the result unknown,
never zero."""

import ast
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from math import inf
from typing import Final

from klima_shared.language.errors import InputError
from klima_shared.language.text import Text

LONGEST: Final = 400
DEEPEST: Final = 30
# More than anything that is counted or computed of a county: no page could show it, and a mean of
# such values would have none.
GREATEST: Final = 1e15
_OPERATORS: Final = (ast.Add, ast.Sub, ast.Mult, ast.Div)


@dataclass(frozen=True)
class Outcome:
    """A value with the inputs it came from; without a value, why there is none."""

    value: float | None
    inputs: Mapping[str, float] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    reason: Text | None = None


class _UnknownError(Exception):
    """The arithmetic has no result."""

    def __init__(self, reason: Text) -> None:
        super().__init__(reason.en)
        self.reason = reason


@lru_cache(maxsize=512)
def parse(formula: str) -> ast.expr:
    """The checked formula. `InputError` for anything but numbers, names, + - * / and brackets."""
    if len(formula) > LONGEST:
        raise InputError(Text("A formula has at most {longest} characters.", longest=LONGEST))
    try:
        tree = ast.parse(formula.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise InputError(
            Text(
                "The formula can't be read; expected is something like \"emissions_t_co2e / "
                'population".'
            )
        ) from None
    if _depth(tree) > DEEPEST:
        raise InputError(Text("A formula is nested at most {deepest} deep.", deepest=DEEPEST))
    for node in ast.walk(tree):
        value = node.value if isinstance(node, ast.Constant) else None
        number = type(value) in (int, float)
        if isinstance(value, int | float) and not value <= GREATEST:
            raise InputError(
                Text("A number in a formula is at most {greatest:g}.", greatest=GREATEST)
            )
        allowed = (
            isinstance(node, (ast.Name, ast.Load, ast.operator, ast.USub, *_OPERATORS)) or number
        )
        if isinstance(node, ast.BinOp):
            allowed = isinstance(node.op, _OPERATORS)
        if isinstance(node, ast.UnaryOp):
            allowed = isinstance(node.op, ast.USub)
        if not allowed:
            raise InputError(Text("A formula consists of numbers, inputs, + - * / and brackets."))
    return tree


def _depth(tree: ast.expr) -> int:
    """How many operations lie within each other, counted without recursion."""
    deepest, waiting = 0, [(1, tree)]
    while waiting:
        depth, node = waiting.pop()
        deepest = max(deepest, depth)
        within = (n for n in ast.iter_child_nodes(node) if isinstance(n, ast.expr))
        waiting += [(depth + 1, n) for n in within]
    return deepest


def check(formula: str, known: Collection[str]) -> None:
    """`InputError` for a formula that can't be read, reads nothing, or names an input nobody
    knows."""
    inputs = names(formula)
    if not inputs:
        raise InputError(Text("A formula names at least one input; this one is a number."))
    if unknown := [name for name in inputs if name not in known]:
        raise InputError(
            Text(
                "Unknown input: {unknown}. Known are: {known}.",
                unknown=", ".join(unknown),
                known=", ".join(sorted(known)),
            )
        )


def names(formula: str) -> list[str]:
    """The inputs of a formula, each once, in order."""
    return list(
        dict.fromkeys(node.id for node in ast.walk(parse(formula)) if isinstance(node, ast.Name))
    )


def evaluate(formula: str, inputs: Mapping[str, float | None]) -> Outcome:
    """The result over `inputs`; unknown with the names of what is missing, when a divisor is zero,
    when the result is beyond all measure, or when the formula itself is not one (stored by an
    earlier release, which looked less closely). Never raises."""
    try:
        tree, wanted = parse(formula), names(formula)
    except InputError as error:
        return Outcome(None, reason=error.text)
    known = {name: value for name in wanted if (value := inputs.get(name)) is not None}
    missing = tuple(name for name in wanted if name not in known)
    if missing:
        listed = ", ".join(missing)
        return Outcome(None, known, missing, Text("Missing: {listed}.", listed=listed))
    try:
        value = _value(tree, known)
    except _UnknownError as unknown:
        return Outcome(None, known, (), unknown.reason)
    except ArithmeticError:
        value = inf
    if not abs(value) <= GREATEST:
        return Outcome(None, known, (), Text("The result is no number."))
    return Outcome(value, known)


def _value(node: ast.expr, inputs: Mapping[str, float]) -> float:
    match node:
        case ast.Constant(value=int() | float() as number):
            return float(number)
        case ast.Name(id=name):
            return float(inputs[name])
        case ast.UnaryOp(operand=operand):
            return -_value(operand, inputs)
        case ast.BinOp(left=left, op=operator, right=right):
            first, second = _value(left, inputs), _value(right, inputs)
            match operator:
                case ast.Add():
                    return first + second
                case ast.Sub():
                    return first - second
                case ast.Mult():
                    return first * second
            if second == 0:
                named = ast.unparse(right)
                raise _UnknownError(Text("Divided by zero: {named} is 0.", named=named))
            return first / second
    raise AssertionError("a formula is checked before it is evaluated")
