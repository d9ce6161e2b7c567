"""The source as data: modules, their subjects and layers, and who imports whom."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from klima_local.services import services

ROOT = Path(__file__).resolve().parents[2]
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
# Pure libraries, named by what they compute; they lie below every subject.
LIBRARIES = {"klima_balance.engine", "klima_balance.method", "klima_controlling.formulas"}


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
