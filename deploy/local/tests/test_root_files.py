"""The files at the root that others read: catalogues, lawyers, newcomers."""

import re
from pathlib import Path
from typing import Any

import pytest
import typer.main
import yaml

from klima_local.cli import app
from klima_local.home import root

# Of the standard's controlled vocabularies, those in use; a new one is looked up there before it is
# added here.
CATEGORIES = {"data-analytics", "data-visualization", "project-management", "digital-citizenship"}
SCOPES = {"environment", "energy", "local-authorities"}


@pytest.fixture(scope="module")
def publiccode() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load((root() / "publiccode.yml").read_text())
    return content


def test_publiccode_has_all_that_is_mandatory(publiccode: dict[str, Any]) -> None:
    mandatory = {
        "publiccodeYmlVersion",
        "name",
        "url",
        "platforms",
        "developmentStatus",
        "softwareType",
        "description",
    }
    assert mandatory | {"legal", "maintenance", "localisation", "categories"} <= publiccode.keys()
    assert publiccode["publiccodeYmlVersion"] == "0.4"
    assert publiccode["developmentStatus"] in {
        "concept",
        "development",
        "beta",
        "stable",
        "obsolete",
    }
    assert set(publiccode["categories"]) <= CATEGORIES
    assert set(publiccode["intendedAudience"]["scope"]) <= SCOPES
    assert publiccode["legal"]["license"] == "EUPL-1.2"
    assert publiccode["maintenance"]["contacts"][0]["name"]
    assert set(publiccode["localisation"]["availableLanguages"]) == publiccode["description"].keys()


def test_publiccode_descriptions_have_the_lengths_of_the_standard(
    publiccode: dict[str, Any],
) -> None:
    for language, text in publiccode["description"].items():
        assert len(text["shortDescription"]) <= 150, language
        assert 150 <= len(text["longDescription"]) <= 10_000, language
        assert text["features"], language


def test_the_licence_is_the_official_text() -> None:
    text = (root() / "LICENSE").read_text()
    assert text.startswith(
        "EUROPEAN UNION PUBLIC LICENCE v. 1.2\nEUPL © the European Union 2007, 2016\n"
    )
    assert [int(number) for number in re.findall(r"^(\d+)\.[A-Z]", text, re.MULTILINE)] == list(
        range(1, 16)
    )
    assert "‘Compatible Licences’ according to Article 5 EUPL are:" in text
    for member in [
        root(),
        *root().glob("services/*"),
        root() / "shared",
        root() / "deploy" / "local",
    ]:
        if (member / "pyproject.toml").exists():
            assert 'license = "EUPL-1.2"' in (member / "pyproject.toml").read_text(), member


@pytest.mark.parametrize(
    "name", ["README.md", "CONTRIBUTING.md", "docs/operations.md", "SECURITY.md"]
)
def test_every_command_that_is_written_down_exists(name: str) -> None:
    known = {*typer.main.get_command(app).commands}
    named = set(re.findall(r"\./klima ([a-z-]+)", (root() / name).read_text()))
    assert named <= known
    assert named or name == "SECURITY.md"


@pytest.mark.parametrize(
    "path",
    sorted(root().glob("*.md")) + sorted((root() / "docs").glob("*.md")),
    ids=lambda p: p.name,
)
def test_links_within_the_repository_lead_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", path.read_text()):
        assert (path.parent / target).exists(), f"{path.name}: {target}"


def test_decisions_are_numbered_once() -> None:
    numbers = [path.name[:4] for path in (root() / "docs" / "decisions").glob("[0-9]*.md")]
    assert len(numbers) == len(set(numbers))
    assert all(number.isdigit() for number in numbers)
