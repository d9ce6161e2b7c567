"""Whether a region lies in another is decided in one place: `covers`, and `lies_in` for SQL.

Whoever takes a key apart himself makes a second rule (05970 is no prefix of 05974, although
`"05970000".rstrip("0")` is one).
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from klima_balance.engine.regions import leaves, memberships
from klima_shared.codes.regions import GERMANY, ancestors, covers

ROOT = Path(__file__).parents[2]
RULE = "shared/src/klima_shared/codes/regions.py"
# Vectors of all regions at once; `test_the_engine_has_the_same_rule` holds them to the rule.
ENGINE = "services/balance/src/klima_balance/engine/"
NO_KEYS = {
    ("services/measures/src/klima_measures/sheets/pages/money.py", 'rstrip("0")'),  # a decimal
    # what a search box says may be the beginning of a key
    ("services/balance/src/klima_balance/regions/queries.py", "startswith(wanted.q)"),
}
_KEY = re.compile(r"(^|_|\.)(ags|ars|regions?|keys?|counties|county|prefix(es)?|leaf|outer|inner)$")
_BEGINS = {"startswith", "starts_with", "like", "ilike"}
_MODULES = sorted(
    path
    for folder in (
        "shared/src",
        *(f"services/{s}/src" for s in ("balance", "measures", "controlling")),
    )
    for path in (ROOT / folder).rglob("*.py")
    if "migrations" not in path.parts
)


def _names_a_key(node: ast.AST) -> bool:
    return any(
        _KEY.search(ast.unparse(part)) is not None
        for part in ast.walk(node)
        if isinstance(part, ast.Name | ast.Attribute)
    )


def second_rules(source: str) -> Iterator[str]:
    """Expressions that take the key of a region apart."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Subscript(
                value=value, slice=ast.Slice(lower=None, upper=ast.Constant(value=n))
            ):
                if n in {2, 5} and _names_a_key(value):
                    yield ast.unparse(node)
            case ast.Call(func=ast.Attribute(value=value, attr=name), args=[argument, *more]):
                given = ast.unparse(argument)
                zeros = re.fullmatch(r"'0+'", given) is not None
                if zeros and name in {"rstrip", "strip", "endswith"}:
                    yield f'{name}("{given.strip(chr(39))}")'
                elif name in _BEGINS and any(map(_names_a_key, (value, argument, *more))):
                    yield f"{name}({given})"


@pytest.mark.parametrize(
    "source",
    [
        'caller.region.rstrip("0")',
        "region.startswith(own)",
        "func.starts_with(column, prefix)",
        "row.region.like(pattern)",
        "ags[:5] == other",
        'key.endswith("000")',
        "t.c.region.startswith(p, autoescape=True)",
    ],
)
def test_a_second_rule_is_seen(source: str) -> None:
    assert list(second_rules(source))


def test_one_function_decides_what_lies_in_a_region() -> None:
    allowed = {RULE, "shared/src/klima_shared/revisions/visibility.py"}
    found = [
        (place, rule)
        for path in _MODULES
        if (place := path.relative_to(ROOT).as_posix()) not in allowed
        and not place.startswith(ENGINE)
        for rule in second_rules(path.read_text())
    ]
    assert sorted(set(found) - NO_KEYS) == []


def test_the_engine_has_the_same_rule() -> None:
    keys = ["05974040", "05974028", "05970004", "05911000", "11000000", "06411000", "14628010"]
    groups = memberships(leaves(keys))
    above = {one for key in keys for one in ancestors(key)} - set(keys)
    assert {a: tuple(k for k in sorted(keys) if covers(a, k)) for a in above} == groups
    assert GERMANY in groups
