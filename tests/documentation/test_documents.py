"""Everything that a README or a document names is there: files, modules, commands, addresses."""

from __future__ import annotations

import ast
import importlib
import json
import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main

from docs import decision_list, picture
from klima_local.cli import app
from klima_local.home import root
from klima_local.services import SERVICES, services
from tests.architecture import source

TRACKED = subprocess.run(
    ["git", "ls-files"], cwd=root(), capture_output=True, text=True, check=False
).stdout.split("\n")
NAMES = [name for name in TRACKED if name.endswith(".md") and (root() / name).is_file()]
DOCUMENTS = {name: (root() / name).read_text(encoding="utf-8") for name in NAMES}
FENCED = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
# What a document may name though it lies outside the repository or comes to be only at run time.
ELSEWHERE = re.compile(r"^(\.klima|\.venv|logs|keys|tools|postgres|backups|/|~|https?:|mailto:|#)")
FOLDERS = ["shared", "services", "deploy", "docs", "tests", "benchmarks", "examples"]
# Documents that lie outside the repository: who reads the code cannot open them.
OUTSIDE = re.compile(r"\b(API|METHOD|DESIGN|ACCEPT)\.md\b")

pytestmark = pytest.mark.skipif(not DOCUMENTS, reason="no git here")


def blocks(text: str) -> Iterator[tuple[str, str]]:
    yield from FENCED.findall(text)


def prose(text: str) -> str:
    return FENCED.sub("", text)


def commands(text: str) -> Iterator[str]:
    """Command lines of the fenced blocks and of inline code, without their output."""
    for language, block in blocks(text):
        if language in {"", "bash"}:
            yield from (line.removeprefix("$ ").strip() for line in block.splitlines())
    yield from re.findall(r"`((?:\./klima|python -m|docker compose|deploy/)[^`]*)`", prose(text))


@pytest.mark.parametrize("name", NAMES)
def test_every_link_leads_somewhere(name: str) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(DOCUMENTS[name])):
        if not ELSEWHERE.match(target):
            path = (root() / name).parent / target.partition("#")[0]
            assert path.exists(), f"{name} links to {target}"


@pytest.mark.parametrize("name", NAMES)
def test_every_file_that_is_named_is_there(name: str) -> None:
    for code in re.findall(r"`([^`\n]+)`", prose(DOCUMENTS[name])):
        path = code.split("::")[0].partition(" ")[0].rstrip("/")
        if path.partition("/")[0] not in FOLDERS or "/" not in path or re.search(r"[<{(]", path):
            continue
        here = [(root() / name).parent, root()]
        there = any(list(folder.glob(f"{path}*")) for folder in here)  # a decision by its number
        assert there, f"{name} names {path}"


@pytest.mark.parametrize("name", NAMES)
def test_every_dotted_name_is_there(name: str) -> None:
    for dotted in set(re.findall(r"\bklima_[a-z]+(?:\.\w+)+", DOCUMENTS[name])):
        if (root() / "docs" / "api-changelog.md").name in name:
            continue
        assert exists(dotted), f"{name} names {dotted}"


def exists(dotted: str) -> bool:
    """Whether it is a module, or a name in one."""
    parts = dotted.split(".")
    for cut in range(len(parts), 0, -1):
        module = ".".join(parts[:cut])
        if module in source.modules():
            value: object = importlib.import_module(module)
            for part in parts[cut:]:
                if not hasattr(value, part):
                    folder = source.modules()[module].path.parent
                    return (folder / "/".join(parts[cut:])).exists()
                value = getattr(value, part)
            return True
    return parts[0] in source.SERVICES and parts[1] in ["balance", "measures", "controlling"]


@pytest.mark.parametrize("name", NAMES)
def test_every_command_is_one_that_there_is(name: str) -> None:
    for line in commands(DOCUMENTS[name]):
        for call in re.findall(r"\./klima ([^|·;)&]*)", line):
            check_command(typer.main.get_command(app), call, f"{name}: {line}")
        for service, call in re.findall(r"python -m klima_(\w+)\.cli ([^#;)&]*)", line):
            for one in call.split(" | "):
                check_command(service_command(service), one, f"{name}: {line}")
        for script in re.findall(r"(?:^|\s)((?:deploy|examples)/[\w./-]+)", line):
            assert (root() / script).exists(), f"{name}: {line}"


def service_command(service: str) -> Any:
    return typer.main.get_command(importlib.import_module(f"klima_{service}.cli").app)


def check_command(command: Any, call: str, where: str) -> None:
    """Follow the words into the commands; every option must be one of the command's."""
    words = shlex.split(call.replace("[", " ").replace("]", " "), comments=True)
    typed = ["token", "..."]
    if not words or words[0] in {"COMMAND", "..."}:
        return
    while hasattr(command, "commands") and words and words[0] not in typed[1:]:
        assert words[0] in command.commands, where
        command = command.commands[words.pop(0)]
    options = {option for parameter in command.params for option in parameter.opts}
    options |= {option for parameter in command.params for option in parameter.secondary_opts}
    passes_on = command.context_settings.get("ignore_unknown_options", False)
    for word in words:
        if word.startswith("--") and not passes_on:
            assert word.partition("=")[0] in {*options, "--help"}, where


@pytest.mark.parametrize("name", NAMES)
def test_python_is_python_and_its_imports_are_there(name: str) -> None:
    for language, block in blocks(DOCUMENTS[name]):
        if language == "python":
            for node in ast.walk(ast.parse(block)):
                if isinstance(node, ast.ImportFrom) and node.module:
                    module = importlib.import_module(node.module)
                    assert all(hasattr(module, alias.name) for alias in node.names), node.module


@pytest.mark.parametrize("name", NAMES)
def test_every_address_is_one_of_the_interface(name: str) -> None:
    ports = {str(row.port): row.name for row in services().values()}
    patterns = {}
    for service in SERVICES:
        text = (root() / "services" / service / "openapi.json").read_text(encoding="utf-8")
        patterns[service] = [
            re.sub(r"\{\w+\}", "[^/]+", path) for path in json.loads(text)["paths"]
        ]
    for port, path in re.findall(r"http://127\.0\.0\.1:(800[1-3])(/v1/[\w./-]+)", DOCUMENTS[name]):
        fits = [p for p in patterns[ports[port]] if re.fullmatch(p, path)]
        assert fits, f"{name} names {path} of {ports[port]}"


def test_nothing_cites_what_is_not_in_the_repository() -> None:
    cited = []
    for name in TRACKED:
        path = root() / name
        if path.suffix in {".py", ".md", ".toml", ".yml", ".yaml", ".csv", ".json"}:
            text = path.read_text(encoding="utf-8") if path.is_file() else ""
            cited += [name for _ in OUTSIDE.finditer(text) if path != Path(__file__)]
    assert not cited


def test_the_list_of_decisions_is_complete() -> None:
    kept = (decision_list.FOLDER / "README.md").read_text(encoding="utf-8")
    assert kept == decision_list.written(), ".venv/bin/python -m docs.decision_list writes it anew"


def test_the_picture_shows_the_imports_of_today() -> None:
    kept = picture.TARGET.read_text(encoding="utf-8")
    assert kept == picture.drawing(), ".venv/bin/python -m docs.picture draws it anew"
