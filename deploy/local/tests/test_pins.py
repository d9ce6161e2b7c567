"""The pinned requirement files: complete, with hashes, and tied to no registry."""

import re
import subprocess
import tomllib

import pytest

from klima_local.home import root
from klima_local.pins import LAUNCHER, PINNED, addresses
from klima_local.services import SERVICES

FILES = [*PINNED, LAUNCHER]


def pins(name: str) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9._-]+)==([^ ]+)", (root() / name).read_text(), re.MULTILINE))


def plain(name: str) -> str:
    """The name of a package from a dependency like `uvicorn[standard]>=0.38`, in the spelling of
    the index."""
    return re.sub(r"[-_.]+", "-", re.split(r"[\[<>=!~; ]", name)[0]).lower()


@pytest.mark.parametrize("name", FILES)
def test_every_pin_has_hashes_and_no_address(name: str) -> None:
    text = (root() / name).read_text()
    assert addresses(text) == []
    blocks = re.split(r"\n(?=[a-z0-9])", text.strip())
    assert blocks
    for block in blocks:
        assert re.match(r"[A-Za-z0-9._-]+==\S+", block), block
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", block), block


@pytest.mark.parametrize(
    "line",
    [
        "--index-url https://packages.example/simple",
        "x @ https://packages.example/x.whl",
        "-e ./shared",
        "--find-links /opt",
        "x @ file:///x",
        "git+https://example/x",
    ],
)
def test_an_address_would_be_found(line: str) -> None:
    assert addresses(f"a==1\n{line}\n") == [line]


def test_all_that_the_packages_ask_for_is_pinned() -> None:
    everything = pins("requirements.txt")
    members = ["shared", "deploy/local", *(f"services/{service}" for service in SERVICES)]
    for member in members:
        asked = tomllib.loads((root() / member / "pyproject.toml").read_text())["project"][
            "dependencies"
        ]
        missing = {
            plain(name) for name in asked if not plain(name).startswith("klima-")
        } - everything.keys()
        assert not missing, f"{member} needs {missing}: ./klima lock"


def test_the_tools_are_pinned() -> None:
    groups = tomllib.loads((root() / "pyproject.toml").read_text())["dependency-groups"]
    asked = {
        plain(name)
        for group in groups.values()
        for name in group
        if isinstance(name, str) and not name.startswith("klima-")
    }
    assert asked <= pins("requirements-dev.txt").keys()


def test_the_files_agree_on_every_version() -> None:
    everything = pins("requirements-dev.txt")
    for name in PINNED:
        assert pins(name).items() <= everything.items(), name


def test_no_tracked_file_names_a_registrys_host() -> None:
    hosts = [f"files.python{'hosted'}", f"registry.npm{'js'}"]
    for host in hosts:
        found = subprocess.run(
            ["git", "grep", "-lF", host], cwd=root(), capture_output=True, text=True, check=False
        )
        assert found.stdout == "", host
    assert (
        subprocess.run(["git", "check-ignore", "-q", "uv.lock"], cwd=root(), check=False).returncode
        == 0
    )
