"""The images: small, nobody's, of known parts, and without need of a shell or of a place to
write."""

from __future__ import annotations

import json
import re

import pytest

from klima_local.home import root
from klima_local.services import SERVICES
from tests.containers.conftest import Installation

pytestmark = pytest.mark.container
LIMIT_MIB = 350
# Nothing but the program: no network, nothing to write on, no right of any kind, and no shell to be
# found.
LOCKED = (
    *(
        "--rm",
        "--network=none",
        "--read-only",
        "--cap-drop=ALL",
        "--security-opt=no-new-privileges",
    ),
    *("-v", "/dev/null:/usr/bin/dash:ro", "-v", "/dev/null:/usr/bin/bash:ro"),
)


@pytest.mark.parametrize("service", SERVICES)
def test_small(built: Installation, service: str) -> None:
    base = built.inspect("python:3.12-slim")["Size"]
    beyond = (built.inspect(built.image(service))["Size"] - base) / (1 << 20)
    print(f"{service}: {beyond:.0f} MiB beyond the base")
    assert 50 < beyond < LIMIT_MIB


@pytest.mark.parametrize("service", SERVICES)
def test_nobodys_and_labelled(built: Installation, service: str) -> None:
    found = built.inspect(built.image(service))["Config"]
    assert found["User"] == "10001:10001"
    assert found["Labels"]["org.opencontainers.image.title"] == f"klimakreis-{service}"
    assert found["Labels"]["org.opencontainers.image.licenses"] == "EUPL-1.2"
    assert found["Entrypoint"] == ["klima"]
    assert not [
        variable
        for variable in found["Env"]
        if re.search("password|secret|token", variable, re.IGNORECASE)
    ]


@pytest.mark.parametrize("service", SERVICES)
def test_works_locked_in(built: Installation, service: str) -> None:
    assert "serve" in built.run("docker", "run", *LOCKED, built.image(service), "--help")
    assert "uid=10001" in built.run(
        "docker", "run", *LOCKED, "--entrypoint=id", built.image(service)
    )


@pytest.mark.parametrize("service", SERVICES)
def test_the_list_of_parts_is_what_was_pinned(built: Installation, service: str) -> None:
    text = built.run(
        "docker",
        "run",
        *LOCKED,
        "--entrypoint=cat",
        built.image(service),
        "/opt/klima/sbom.cdx.json",
    )
    sbom = json.loads(text)
    assert sbom["bomFormat"] == "CycloneDX"
    parts = {re.sub(r"[-_.]+", "-", c["name"]).lower(): c["version"] for c in sbom["components"]}
    pinned = dict(
        re.findall(
            r"^([a-z0-9._-]+)==(\S+)",
            (root() / "services" / service / "requirements.txt").read_text(),
            re.MULTILINE,
        )
    )
    assert {"klima-shared", f"klima-{service}"} <= parts.keys()
    ours = {name: version for name, version in parts.items() if not name.startswith("klima-")}
    assert len(ours) > 30
    assert ours.items() <= pinned.items(), ours.items() - pinned.items()
    assert "klima-local" not in parts


def test_the_same_input_gives_the_same_files(built: Installation) -> None:
    """Built again from nothing: every file of the program has the same content."""

    def digests(image: str) -> dict[str, str]:
        script = (
            "import hashlib, json, pathlib; print(json.dumps({str(p):"
            " hashlib.sha256(p.read_bytes()).hexdigest() for p in"
            " sorted(pathlib.Path('/opt/klima').rglob('*')) if p.is_file()}))"
        )
        found: dict[str, str] = json.loads(
            built.run("docker", "run", *LOCKED, "--entrypoint=python", image, "-c", script)
        )
        return found

    once, again = f"{built.image('controlling')}-once", f"{built.image('controlling')}-again"
    build = (
        "docker",
        "build",
        "-q",
        "-f",
        "services/Dockerfile",
        "--build-arg",
        "SERVICE=controlling",
    )
    try:
        built.run(*build, "-t", once, ".")  # as it is now, should somebody work on it
        built.run(*build, "--no-cache", "-t", again, ".")
        first, second = digests(once), digests(again)
        assert len(first) > 1000
        assert {
            path for path in first.keys() | second.keys() if first.get(path) != second.get(path)
        } == set()
    finally:
        built.run("docker", "image", "rm", "-f", once, again, check=False)
