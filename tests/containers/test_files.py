"""What can be said of Dockerfiles and compose file without an engine."""

import re

import pytest
import yaml

from klima_local import deployment
from klima_local.home import root
from klima_local.services import SERVICES, services


def test_the_files_that_name_the_services_are_written_from_the_one_list() -> None:
    """`./klima deployment` writes them."""
    for path, text in deployment.documents().items():
        assert path.read_text(encoding="utf-8") == text, path


def test_every_service_is_in_the_list() -> None:
    folders = {path.parent.name for path in (root() / "services").glob("*/pyproject.toml")}
    assert folders == set(SERVICES)
    workspace = (root() / "pyproject.toml").read_text(encoding="utf-8")
    launcher = (root() / "deploy" / "local" / "pyproject.toml").read_text(encoding="utf-8")
    for name in SERVICES:
        assert f"klima-{name} = {{ workspace = true }}" in workspace
        assert f"services/{name}/src" in workspace, "mypy_path"
        assert f'"klima-{name}"' in launcher
    assert len({row.port for row in services().values()}) == len(SERVICES)
    assert [row.name for row in services().values() if row.origin] == ["controlling"]
    for row in services().values():
        assert set(row.reads) < set(SERVICES)
        assert all((row.source / folder).is_dir() for folder in row.made_from), row.name


@pytest.mark.parametrize(
    "name", ["services/Dockerfile", "deploy/gateway/Dockerfile", "deploy/oidc/Dockerfile"]
)
def test_no_root_no_shell_no_address(name: str) -> None:
    text = (root() / name).read_text()
    final = text[text.rindex("\nFROM") if "\nFROM" in text else 0 :]
    assert "\nUSER 10001:10001\n" in final
    for word in ("ENTRYPOINT", "CMD", "HEALTHCHECK"):
        for line in re.findall(rf"^{word}\b.*", final, re.MULTILINE):
            assert "[" in line, f"{line}: a shell would be needed"
    assert not re.search(r"FROM \S+\.\S+/", text)


def test_the_world_reaches_the_gateway_and_only_on_this_machine() -> None:
    compose = yaml.safe_load((root() / "docker-compose.yml").read_text())
    publishing = {
        name: service["ports"]
        for name, service in compose["services"].items()
        if "ports" in service
    }
    assert publishing.keys() == {"gateway", "oidc"}
    assert all(port.startswith("127.0.0.1:") for ports in publishing.values() for port in ports)
    assert compose["networks"]["data"]["internal"] is True
    assert compose["services"]["db"]["networks"] == ["data"]


def test_no_secret_is_written_down() -> None:
    text = (root() / "docker-compose.yml").read_text()
    for line in re.findall(r"^.*PASSWORD.*$", text, re.MULTILINE):
        assert "_FILE" in line or "$$(cat" in line, line


def test_every_service_is_locked_down() -> None:
    compose = yaml.safe_load((root() / "docker-compose.yml").read_text())
    for name, service in compose["services"].items():
        if not service["image"].startswith("postgres"):
            assert service["read_only"] is True, name
            assert service["cap_drop"] == ["ALL"], name
            assert service["security_opt"] == ["no-new-privileges:true"], name


def test_every_container_is_as_closed_as_the_services() -> None:
    """No file system to write into, no privileges to gain; rights of root only where files are
    given away."""
    compose = yaml.safe_load((root() / "docker-compose.yml").read_text())
    for name, service in compose["services"].items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert "privileged" not in service, name
        added = service.get("cap_add", [])
        assert added == (["CHOWN", "DAC_OVERRIDE", "FOWNER"] if name == "secrets" else []), name
    assert compose["services"]["secrets"]["network_mode"] == "none"
    for name in ("db", "secrets", "gateway", *SERVICES):
        assert "mem_limit" in compose["services"][name], name
    assert compose["services"]["db"]["user"] == "999:999"
