"""What the rules of the house count.

`python -m tests.architecture.house` prints every count; with `--lower` it writes those that fell
into `limits.toml`. Counts only fall: what is above its goal stands there with today's number.
"""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

from tests.architecture.source import (
    LAYER_OF,
    LIBRARIES,
    ROOT,
    SERVICES,
    circles,
    external_imports,
    files,
    functions,
    imports,
    modules,
    subject_graph,
)

LIMITS = Path(__file__).with_name("limits.toml")
SUBJECTS = Path(__file__).with_name("subjects.toml")
TOP = {"__init__", "app", "cli", "settings"}
MOST_LINES = 300
MOST_COLUMNS = 100
LONGEST_FUNCTION = 60
MOST_PARAMETERS = 6
STATEMENTS = {"select", "insert", "update", "delete", "text", "func", "case", "exists", "union_all"}


# Each yields one line per offence.


def long_modules() -> Iterator[str]:
    for module in modules().values():
        if (lines := module.text.count("\n")) > MOST_LINES:
            yield f"{module.name}: {lines} lines"


def long_lines() -> Iterator[str]:
    for path in files():
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if len(line) > MOST_COLUMNS:
                yield f"{path.relative_to(ROOT)}:{number}"


def format_exceptions() -> Iterator[str]:
    sign = "fmt: " + "skip"
    yield from (str(p.relative_to(ROOT)) for p in files() if sign in p.read_text(encoding="utf-8"))


def long_functions() -> Iterator[str]:
    for module in modules().values():
        for function in functions(module):
            lines = (function.end_lineno or 0) - function.lineno + 1
            if lines > LONGEST_FUNCTION:
                yield f"{module.name}.{function.name}: {lines} lines"


def many_parameters() -> Iterator[str]:
    for module in modules().values():
        for function in functions(module):
            a = function.args
            names = [x.arg for x in (*a.posonlyargs, *a.args, *a.kwonlyargs)]
            count = len(names) - (names[:1] in (["self"], ["cls"]))
            is_route = any("router" in ast.unparse(d) for d in function.decorator_list)
            if count > MOST_PARAMETERS and not is_route:
                yield f"{module.name}.{function.name}: {count} parameters"


def uses_of_any() -> Iterator[str]:
    for module in modules().values():
        yield from (f"{module.name}" for _ in re.finditer(r"\bAny\b", module.text))


def all_modules() -> Iterator[str]:
    yield from modules()


def import_circles() -> Iterator[str]:
    """Modules in a circle; a package's own `__init__` counts for none of its modules."""
    graph = {
        name: frozenset(other for other in others if not name.startswith(f"{other}."))
        for name, others in imports().items()
    }
    yield from (" ".join(group) for group in circles(graph))


def subject_circles() -> Iterator[str]:
    for service in SERVICES:
        yield from (" ".join(group) for group in circles(subject_graph(service)))


def upward_imports() -> Iterator[str]:
    """Imports against the layers, within a subject or from one to another."""
    for name, others in imports().items():
        low = LAYER_OF.get(modules()[name].layer or "")
        for other in sorted(others):
            high = LAYER_OF.get(modules()[other].layer or "")
            same = modules()[other].package == modules()[name].package
            if same and low is not None and high is not None and high > low:
                yield f"{name} -> {other}"


def other_file_names() -> Iterator[str]:
    """Modules in services whose file name is none of a layer's."""
    for module in modules().values():
        if module.package not in SERVICES or module.inner[:1] == ["migrations"]:
            continue
        if module.subject is None:
            allowed = not module.inner or module.inner[0] in TOP
        else:
            allowed = module.subject in LIBRARIES or module.layer in {None, *LAYER_OF}
        if not allowed:
            yield module.name


def web_outside_routes() -> Iterator[str]:
    """Modules of services that import FastAPI or Starlette though they are no routes and no app."""
    for module in modules().values():
        if module.package in SERVICES and module.layer != "routes" and module.inner != ["app"]:
            used = {source.split(".")[0] for source, _ in external_imports(module)}
            if used & {"fastapi", "starlette"}:
                yield module.name


def sql_outside_queries() -> Iterator[str]:
    """Modules of services that build statements though they are neither queries nor tables."""
    for module in modules().values():
        if module.package not in SERVICES or module.layer in {"queries", "tables"}:
            continue
        if module.inner[:1] in (["migrations"], ["tables"]):
            continue
        used = {name for source, name in external_imports(module) if source[:10] == "sqlalchemy"}
        used |= set(re.findall(r"\bsa\.(\w+)", module.text))
        if used & STATEMENTS:
            yield module.name


def audit_outside_kit() -> Iterator[str]:
    """Modules of services that write a row of the audit themselves: the kit for things with
    revisions does."""
    for module in modules().values():
        if module.package in SERVICES and "audit.record(" in module.text:
            yield module.name


def allowed_subjects() -> dict[str, dict[str, list[str]]]:
    """Service, subject, and which other subjects it may import."""
    return tomllib.loads(SUBJECTS.read_text(encoding="utf-8"))


def unlisted_subject_imports() -> Iterator[str]:
    """Imports from one subject to another that the list does not allow."""
    for service in SERVICES:
        allowed = allowed_subjects().get(service.removeprefix("klima_"), {})
        for subject, others in subject_graph(service).items():
            listed = allowed.get(subject.split(".")[1], [])
            for other in sorted(others):
                if other.split(".")[1] not in listed:
                    yield f"{subject} -> {other}"


def write_subjects() -> None:
    """Write the list as the imports are now: only what has gone should differ."""
    parts = [
        "# Which subjects of a service may import which others of it; foreign keys are free.\n"
        "# `.venv/bin/python -m tests.architecture.house --subjects` writes what is used today.\n"
    ]
    for service in SERVICES:
        parts.append(f"\n[{service.removeprefix('klima_')}]\n")
        for subject, others in sorted(subject_graph(service).items()):
            names = ", ".join(f'"{other.split(".")[1]}"' for other in sorted(others))
            parts.append(f"{subject.split('.')[1]} = [{names}]\n")
    SUBJECTS.write_text("".join(parts), encoding="utf-8")


def public_names() -> Iterator[tuple[str, str]]:
    """(where, name) of modules, public classes and public functions."""
    for module in modules().values():
        yield module.name, module.name.rsplit(".", 1)[-1]
        for node in ast.walk(module.tree):
            named = isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
            if named and not node.name.startswith("_"):
                yield f"{module.name}.{node.name}", node.name


def words_of(name: str) -> list[str]:
    """`load_heatPlants` -> load, heat, plants."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower().strip("_").split("_")


@cache
def banned_words() -> frozenset[str]:
    """The words that the glossary replaces."""
    glossary = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    _, _, table = glossary.partition("| Not as a name | But |")
    return frozenset(re.findall(r"^\| `(\w+)` \|", table.partition("\n\n")[0], re.MULTILINE))


def banned_names() -> Iterator[str]:
    for where, name in public_names():
        plain = "_".join(words_of(name))
        for fixed in ("not_found", "connection_made"):  # names of HTTP and of asyncio
            plain = plain.replace(fixed, "")
        if any(re.search(rf"(?:^|_){word}(?:_|$)", plain) for word in banned_words()):
            yield where


COUNTS: dict[str, Callable[[], Iterator[str]]] = {
    "modules": all_modules,
    "modules_over_300_lines": long_modules,
    "lines_over_100_columns": long_lines,
    "format_exceptions": format_exceptions,
    "functions_over_60_lines": long_functions,
    "functions_over_6_parameters": many_parameters,
    "uses_of_any": uses_of_any,
    "import_circles": import_circles,
    "subject_circles": subject_circles,
    "unlisted_subject_imports": unlisted_subject_imports,
    "upward_imports": upward_imports,
    "other_file_names": other_file_names,
    "web_outside_routes": web_outside_routes,
    "sql_outside_queries": sql_outside_queries,
    "audit_outside_kit": audit_outside_kit,
    "banned_names": banned_names,
}


@cache
def limits() -> dict[str, dict[str, int]]:
    return tomllib.loads(LIMITS.read_text(encoding="utf-8"))


def main(arguments: list[str]) -> None:
    """Print the counts, or the offences of those that are named; `--lower` writes what fell."""
    if "--subjects" in arguments:
        write_subjects()
    text = LIMITS.read_text(encoding="utf-8")
    for name, offences in COUNTS.items():
        found = list(offences())
        now, goal = limits()[name]["now"], limits()[name]["goal"]
        sys.stdout.write(f"{name:<30} {len(found):>5}  limit {now:>5}  goal {goal:>4}\n")
        if name in arguments:
            sys.stdout.write("".join(f"    {line}\n" for line in found))
        if "--lower" in arguments and len(found) < now:
            lowered = f"now = {max(len(found), goal)},"
            text = re.sub(rf"(?m)^({name} = {{)now = \d+,", rf"\g<1>{lowered}", text)
    LIMITS.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
