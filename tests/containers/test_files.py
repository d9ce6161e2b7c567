"""What can be said of Dockerfiles and compose file without an engine."""

import re

import pytest
import yaml

from klima_local.home import SERVICES, root


def test_the_dockerfiles_differ_in_one_line() -> None:
    texts = {s: (root() / "services" / s / "Dockerfile").read_text().splitlines() for s in SERVICES}
    for service, lines in texts.items():
        different = [
            line for line, other in zip(lines, texts["balance"], strict=True) if line != other
        ]
        assert different in ([], [f"ARG SERVICE={service}"])
        assert f"ARG SERVICE={service}" in lines


@pytest.mark.parametrize(
    "name",
    [
        *(f"services/{s}/Dockerfile" for s in SERVICES),
        "deploy/gateway/Dockerfile",
        "deploy/oidc/Dockerfile",
    ],
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
