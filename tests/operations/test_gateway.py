"""The gateway's configuration in a real nginx: it loads with what an installation may add, and
behind another proxy everybody has an address of their own."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import httpx
import pytest

from klima_local.home import root
from klima_local.processes import free_ports

GATEWAY: Final = root() / "deploy" / "gateway"
EXAMPLE: Final = "real-ip.conf.example"
ECHO: Final = """
pid {folder}/nginx.pid;
error_log {folder}/error.log;
daemon off;
events {{ }}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  {include}
  server {{ listen 127.0.0.1:{port}; location / {{ return 200 $remote_addr; }} }}
}}
"""


@pytest.fixture
def nginx() -> str:
    found = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin")
    if found is None:
        pytest.skip("there is no nginx here")
    return found


@contextmanager
def answering(nginx: str, folder: Path, include: str) -> Iterator[str]:
    """An nginx that answers with the address that counts."""
    (port,) = free_ports(1)
    configuration = folder / "nginx.conf"
    configuration.write_text(ECHO.format(folder=folder, include=include, port=port))
    command = [nginx, "-p", str(folder), "-e", str(folder / "error.log"), "-c", str(configuration)]
    with subprocess.Popen(command) as process:
        address = f"http://127.0.0.1:{port}/"
        try:
            with httpx.Client(transport=httpx.HTTPTransport(retries=4)) as client:
                client.get(address)
            yield address
        finally:
            process.terminate()


def test_it_loads_with_the_example(nginx: str, tmp_path: Path) -> None:
    shutil.copytree(GATEWAY / "conf", tmp_path / "klima")
    (tmp_path / "klima.d").mkdir()
    (tmp_path / "cache").mkdir()
    (tmp_path / "mime.types").write_text("types { text/html html; }\n")
    shutil.copy(GATEWAY / "nginx.conf", tmp_path)
    shutil.copy(GATEWAY / EXAMPLE, tmp_path / "klima.d" / "http-real-ip.conf")
    for path in tmp_path.rglob("*.conf"):
        text = path.read_text().replace("/etc/nginx", str(tmp_path))
        path.write_text(text.replace("/var/cache/klima", str(tmp_path / "cache")))
    command = [nginx, "-t", "-e", str(tmp_path / "error.log"), "-c", str(tmp_path / "nginx.conf")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)
    assert done.returncode == 0, done.stderr


def test_behind_another_proxy_everybody_has_an_address(nginx: str, tmp_path: Path) -> None:
    example = (GATEWAY / EXAMPLE).read_text()
    assert "192.0.2.10" in example
    with answering(nginx, tmp_path, example.replace("192.0.2.10", "127.0.0.1")) as address:
        for forwarded, counts in (
            ("203.0.113.7", "203.0.113.7"),
            ("198.51.100.1, 203.0.113.7", "203.0.113.7"),  # the first is what a stranger wrote
            ("203.0.113.7, 127.0.0.1", "203.0.113.7"),
        ):
            answer = httpx.get(address, headers={"X-Forwarded-For": forwarded})
            assert answer.text == counts
    with answering(nginx, tmp_path, "") as address:
        answer = httpx.get(address, headers={"X-Forwarded-For": "203.0.113.7"})
        assert answer.text == "127.0.0.1"
