"""The launcher: its parts here, and the whole of it in a clean clone (marked, since it downloads
packages)."""

import importlib.util
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType

import psutil
import pytest

from klima_local.home import root
from klima_local.processes import free_ports

SYSTEM_PYTHON = Path("/usr/bin/python3")


@pytest.fixture
def launcher() -> ModuleType:
    loader = SourceFileLoader("klima_launcher", str(root() / "klima"))
    spec = importlib.util.spec_from_loader(loader.name, loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


def test_an_old_python_is_refused_kindly(
    launcher: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 2))
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(SystemExit):
        launcher.need_python()
    assert "Python 3.11" in capsys.readouterr().err


def test_a_newer_python_beside_the_old_one_is_used(
    launcher: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    newer = tmp_path / "python3.12"
    newer.touch(mode=0o755)
    monkeypatch.setattr(sys, "version_info", (3, 9, 2))
    monkeypatch.setattr(sys, "argv", ["klima", "token"])
    monkeypatch.setenv("PATH", str(tmp_path))
    called = []

    def execv(*call: object) -> None:
        called.append(call)
        raise SystemExit

    monkeypatch.setattr(os, "execv", execv)
    with pytest.raises(SystemExit):
        launcher.need_python()
    assert called == [(str(newer), [str(newer), str(root() / "klima"), "token"])]


def test_the_stamp_tells_what_is_installed(launcher: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python").touch(mode=0o755)
    stamp = tmp_path / "klima-stamp"
    plain, tools = "requirements.txt", "requirements-dev.txt"
    assert not launcher.installed(tmp_path, plain)
    stamp.write_text(launcher.digest(plain))
    assert launcher.installed(tmp_path, plain)
    assert not launcher.installed(tmp_path, tools)
    stamp.write_text(launcher.digest(tools))
    assert launcher.installed(tmp_path, plain)
    assert launcher.installed(tmp_path, tools)
    stamp.write_text(launcher.digest(tools)[:-1])
    assert not launcher.installed(tmp_path, plain)


def test_changed_requirements_change_the_stamp(
    launcher: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in (
        "requirements.txt",
        *(f"{package}/pyproject.toml" for package in launcher.PACKAGES),
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("one")
    monkeypatch.setattr(launcher, "ROOT", tmp_path)
    seen = {launcher.digest("requirements.txt")}
    for name in ("requirements.txt", "shared/pyproject.toml", "deploy/local/pyproject.toml"):
        (tmp_path / name).write_text("two")
        seen.add(launcher.digest("requirements.txt"))
    assert len(seen) == 4


def test_the_launcher_uses_the_standard_library_only(launcher: ModuleType) -> None:
    allowed = {
        "hashlib",
        "os",
        "shutil",
        "subprocess",
        "sys",
        "time",
        "pathlib",
        "fcntl",
        "__future__",
    }
    lines = [line.split() for line in (root() / "klima").read_text().splitlines()]
    used = {words[1] for words in lines if words[:1] in (["import"], ["from"]) and len(words) > 1}
    assert used <= allowed


class Clone:
    """A clone of what is committed, used as a newcomer would: the system's Python, an empty home,
    our path left out."""

    def __init__(self, directory: Path, uid: int) -> None:
        self.path = directory / "klimakreis"
        self.uid = uid
        self.home = directory / "home"
        self.home.mkdir()
        subprocess.run(["git", "clone", "-q", str(root()), str(self.path)], check=True)
        if uid != os.geteuid():
            directory.chmod(0o755)
            subprocess.run(["chown", "-R", f"{uid}:{uid}", str(directory)], check=True)

    @property
    def environment(self) -> dict[str, str]:
        network = {
            k: v
            for k, v in os.environ.items()
            if k.startswith(("PIP_", "SSL_", "UV_")) and k != "UV_CACHE_DIR"
        }
        return {**network, "PATH": "/usr/bin:/bin", "HOME": str(self.home), "LANG": "C.UTF-8"}

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [str(SYSTEM_PYTHON), str(self.path / "klima"), *arguments],
            env={**self.environment, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=self.home,
            user=self.uid,
            group=self.uid,
            extra_groups=[],
        )

    def run(self, *arguments: str, **environment: str) -> tuple[int, str]:
        with self.start(*arguments, **environment) as process:
            said = process.communicate(timeout=300)[0]
        return process.returncode, said

    def leftovers(self) -> list[str]:
        found = []
        for process in psutil.process_iter(["cmdline"]):
            line = " ".join(process.info["cmdline"] or [])
            if str(self.path) in line:
                found.append(line)
        return found


def first_answer(
    process: subprocess.Popen[str], address: str, seconds: float
) -> tuple[float, dict[str, object]]:
    """Seconds until the address answers 200, and what it answers."""
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        if process.poll() is not None:
            raise AssertionError(process.communicate()[0])
        try:
            with urllib.request.urlopen(address, timeout=5) as answer:
                content: dict[str, object] = json.load(answer)
            return time.monotonic() - began, content
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
    raise AssertionError(f"no answer of {address} within {seconds} s")


def stop(process: subprocess.Popen[str]) -> str:
    process.send_signal(signal.SIGINT)
    said = process.communicate(timeout=40)[0]
    assert process.returncode == 0, said
    return said


USERS = {"as we are": os.geteuid(), "as nobody": 65534, "as a number without a name": 65533}


@pytest.fixture
def clone(request: pytest.FixtureRequest) -> Iterator[Clone]:
    if not SYSTEM_PYTHON.exists():
        pytest.skip("no /usr/bin/python3 on this machine")
    uid = USERS[getattr(request, "param", "as we are")]
    if uid != os.geteuid() and os.geteuid() != 0:
        pytest.skip("only root can become somebody else")
    directory = Path(
        tempfile.mkdtemp(prefix="klima-clone-")
    )  # pytest's own directories are closed to other users
    yield Clone(directory, uid)
    shutil.rmtree(directory)


@pytest.mark.launcher
@pytest.mark.parametrize("clone", USERS, indirect=True)
def test_a_clone_serves_the_county_and_starts_again_quickly(clone: Clone) -> None:
    balance, measures, controlling = free_ports(3)
    options = [
        "--balance-port",
        f"{balance}",
        "--measures-port",
        f"{measures}",
        "--controlling-port",
        f"{controlling}",
    ]
    soest = f"http://127.0.0.1:{balance}/v1/regions/05974040/balances/2021"
    process = clone.start("up", *options)
    try:
        first, answer = first_answer(process, soest, 90)
        assert answer["year"] == 2021
        for service in (measures, controlling):
            first_answer(process, f"http://127.0.0.1:{service}/health/ready", 20)
        stop(process)
        assert clone.leftovers() == []

        process = clone.start("up", *options)
        second, again = first_answer(process, soest, 60)
        assert again["published_at"] == answer["published_at"]
        assert again["version"] == answer["version"]
        stop(process)
    finally:
        process.kill()
        process.wait()
    print(
        f"\nfirst answer after {first:.1f} s on an empty machine, after {second:.1f} s on a second"
        " start"
    )
    assert second < 8
    assert clone.leftovers() == []
    changed = subprocess.run(
        ["git", "-c", "safe.directory=*", "-C", str(clone.path), "status", "--porcelain"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert changed.stdout == "", "running leaves the checkout as it was"


@pytest.mark.launcher
def test_two_first_starts_at_once_and_then_without_network(clone: Clone) -> None:
    both = [clone.start("--help"), clone.start("--help")]
    said = [process.communicate(timeout=300)[0] for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    assert sum("Eingerichtet in" in text for text in said) == 1, (
        "one installed, the other waited for it"
    )

    nowhere = {
        "PIP_INDEX_URL": "http://127.0.0.1:9/",
        "UV_DEFAULT_INDEX": "http://127.0.0.1:9/",
        "UV_OFFLINE": "1",
    }
    began = time.monotonic()
    status, token = clone.run("token", "--role", "viewer", **nowhere)
    assert status == 0, token
    assert token.count(".") == 2
    assert time.monotonic() - began < 3


@pytest.mark.launcher
def test_a_first_start_without_network_says_so(clone: Clone) -> None:
    nowhere = {
        "PIP_INDEX_URL": "http://127.0.0.1:9/",
        "PIP_RETRIES": "0",
        "PIP_CONFIG_FILE": os.devnull,
    }
    status, said = clone.run("up", **nowhere)
    assert status == 1
    assert "braucht einmal eine Verbindung" in said
    assert "Traceback" not in said
