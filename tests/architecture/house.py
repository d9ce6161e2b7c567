"""The house as data: modules, their layers, who imports whom, and what the rules count.

`python -m tests.architecture.house` prints every count; with `--lower` it writes those that fell
into `limits.toml`. Counts only fall: what is above its goal stands there with today's number.
"""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from klima_local.services import services

ROOT = Path(__file__).resolve().parents[2]
LIMITS = Path(__file__).with_name("limits.toml")
SUBJECTS = Path(__file__).with_name("subjects.toml")
SERVICES = tuple(row.package for row in services().values())
PACKAGES = {
    "klima_shared": "shared/src",
    **{name: f"services/{name.removeprefix('klima_')}/src" for name in SERVICES},
    "klima_local": "deploy/local/src",
}
# Lower layers first; a module knows its own row and those above it in this list.
LAYERS = (
    {"model"},
    {"rules"},
    {"tables"},
    {"queries", "files", "charts", "pages"},
    {"actions"},
    {"shapes"},
    {"routes"},
)
LAYER_OF = {name: number for number, row in enumerate(LAYERS) for name in row}
TOP = {"__init__", "app", "cli", "settings"}
# Pure libraries, named by what they compute; they lie below every subject.
LIBRARIES = {"klima_balance.engine", "klima_balance.method", "klima_controlling.formulas"}
MOST_LINES = 300
MOST_COLUMNS = 100
LONGEST_FUNCTION = 60
MOST_PARAMETERS = 6
STATEMENTS = {"select", "insert", "update", "delete", "text", "func", "case", "exists", "union_all"}


@dataclass(frozen=True)
class Module:
    """One file of a package."""

    name: str
    path: Path
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @property
    def package(self) -> str:
        return self.name.split(".", 1)[0]

    @property
    def inner(self) -> list[str]:
        """The parts below the package."""
        return self.name.split(".")[1:]

    @property
    def subject(self) -> str | None:
        """`klima_balance.scenarios`; None for what stands above the subjects."""
        below = self.inner
        is_subject = len(below) > 1 or self.path.name == "__init__.py"
        if self.package not in SERVICES or not below or not is_subject:
            return None
        return None if below[0] == "migrations" else f"{self.package}.{below[0]}"

    @property
    def layer(self) -> str | None:
        """The file name in its subject (or the package of that name that it lies in)."""
        if self.subject in LIBRARIES or not self.subject or len(self.inner) < 2:
            return None
        return self.inner[1]


@cache
def modules() -> dict[str, Module]:
    """All modules of all packages by name, without migrations."""
    found = {}
    for package, folder in PACKAGES.items():
        for path in sorted((ROOT / folder / package).rglob("*.py")):
            parts = path.relative_to(ROOT / folder).with_suffix("").parts
            if "versions" in parts:
                continue
            name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            found[name] = Module(name, path, path.read_text(encoding="utf-8"))
    return found


@cache
def imports() -> dict[str, frozenset[str]]:
    """Which of our modules each module imports when it is loaded or when it runs."""
    return {name: frozenset(_ours(module)) for name, module in modules().items()}


def _ours(module: Module) -> Iterator[str]:
    known = modules()
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in known)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                if full in known:
                    yield full
                elif node.module in known:
                    yield node.module


def external_imports(module: Module) -> Iterator[tuple[str, str]]:
    """(module, name) of everything imported from outside; name is empty for `import x`."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from ((node.module, alias.name) for alias in node.names)


def functions(module: Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def circles(graph: Mapping[str, frozenset[str] | set[str]]) -> list[list[str]]:
    """Groups of nodes that reach each other (Tarjan's strongly connected components)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []

    def visit(node: str) -> None:
        index[node] = low[node] = len(index)
        stack.append(node)
        for other in graph.get(node, ()):
            if other not in index:
                visit(other)
                low[node] = min(low[node], low[other])
            elif other in stack:
                low[node] = min(low[node], index[other])
        if low[node] == index[node]:
            group = stack[stack.index(node) :]
            del stack[stack.index(node) :]
            if len(group) > 1:
                found.append(sorted(group))

    for node in graph:
        if node not in index:
            visit(node)
    return found


def subject_graph(service: str) -> dict[str, set[str]]:
    """Subjects of a service and which others each imports. Foreign keys are free: a `tables`
    module may import any other."""
    graph: dict[str, set[str]] = defaultdict(set)
    for name, others in imports().items():
        subject = modules()[name].subject
        if subject is None or modules()[name].package != service:
            continue
        if modules()[name].layer == "tables":
            others = frozenset(o for o in others if modules()[o].layer != "tables")
        targets = {modules()[other].subject for other in others}
        graph[subject] |= {t for t in targets if t and t != subject and t.startswith(service)}
    return dict(graph)


def files() -> list[Path]:
    """Every Python file that people write, tests and benchmarks included."""
    roots = ("shared", "services", "deploy/local", "tests", "benchmarks", "docs", "examples")
    paths = [path for root in roots for path in (ROOT / root).rglob("*.py")]
    return [p for p in (*paths, ROOT / "conftest.py", ROOT / "klima") if "versions" not in p.parts]


# ---- what is counted; each yields one line per offence


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
        plain = "_".join(words_of(name)).replace("not_found", "")
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
