"""Formulas of indicators: arithmetic over named inputs. What is missing makes the result unknown,
never zero."""

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from math import isfinite
from typing import Final

from klima_shared.http.validation import TextError
from klima_shared.language.text import Text

LONGEST: Final = 400
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
    """The checked formula. `TextError` for anything but numbers, names, + - * / and brackets."""
    if len(formula) > LONGEST:
        raise TextError(Text("A formula has at most {longest} characters.", longest=LONGEST))
    try:
        tree = ast.parse(formula.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise TextError(
            Text(
                "The formula can't be read; expected is something like \"emissions_t_co2e / "
                'population".'
            )
        ) from None
    for node in ast.walk(tree):
        number = isinstance(node, ast.Constant) and type(node.value) in (int, float)
        allowed = (
            isinstance(node, (ast.Name, ast.Load, ast.operator, ast.USub, *_OPERATORS)) or number
        )
        if isinstance(node, ast.BinOp):
            allowed = isinstance(node.op, _OPERATORS)
        if isinstance(node, ast.UnaryOp):
            allowed = isinstance(node.op, ast.USub)
        if not allowed:
            raise TextError(Text("A formula consists of numbers, inputs, + - * / and brackets."))
    return tree


def names(formula: str) -> list[str]:
    """The inputs of a formula, each once, in order."""
    return list(
        dict.fromkeys(node.id for node in ast.walk(parse(formula)) if isinstance(node, ast.Name))
    )


def evaluate(formula: str, inputs: Mapping[str, float | None]) -> Outcome:
    """The result over `inputs`; unknown with the names of what is missing, or when a divisor is
    zero."""
    wanted = names(formula)
    missing = tuple(name for name in wanted if inputs.get(name) is None)
    known = {name: value for name in wanted if (value := inputs.get(name)) is not None}
    if missing:
        listed = ", ".join(missing)
        return Outcome(None, known, missing, Text("Missing: {listed}.", listed=listed))
    try:
        value = _value(parse(formula), known)
    except _UnknownError as unknown:
        return Outcome(None, known, (), unknown.reason)
    if not isfinite(value):
        return Outcome(None, known, (), Text("The result is no number."))
    return Outcome(value, known)


def _value(node: ast.expr, inputs: Mapping[str, float]) -> float:
    match node:
        case ast.Constant(value=int() | float() as number):
            return float(number)
        case ast.Name(id=name):
            return inputs[name]
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
