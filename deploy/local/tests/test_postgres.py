"""The embedded server: starts, keeps data, survives being killed, stops, and lets nobody in without
a password."""

import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import textwrap
from pathlib import Path

import psutil
import psycopg
import pytest

from klima_local.binaries import RunAs, how_to_run, installation
from klima_local.database import connect, create_database
from klima_local.postgres import DURABLE, THROWAWAY, PostgresError, Server


@pytest.fixture
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("postgres")


def process_of(server: Server) -> psutil.Process:
    return psutil.Process(int((server.data / "postmaster.pid").read_text().splitlines()[0]))


def test_use_starts_keeps_data_and_port_and_stops(directory: Path) -> None:
    with Server(directory, THROWAWAY).use() as server:
        assert server.running()
        with connect(server.url()) as connection:
            connection.execute("create table kept (n int)")
            connection.execute("insert into kept values (5974)")
        process, port = process_of(server), server.port
    assert not server.running()
    assert not process.is_running()

    with Server(directory, THROWAWAY).use() as again, connect(again.url()) as connection:
        assert again.port == port
        assert connection.execute("select n from kept").fetchone() == (5974,)


def test_only_the_last_user_stops_the_server(directory: Path) -> None:
    with Server(directory, THROWAWAY).use() as first:
        with Server(directory, THROWAWAY).use() as second:
            assert process_of(first).pid == process_of(second).pid
        assert first.running()
    assert not first.running()


def test_a_user_in_another_process_keeps_the_server(directory: Path) -> None:
    script = """
        import pathlib, sys
        from klima_local.postgres import Server, THROWAWAY
        with Server(pathlib.Path(sys.argv[1]), THROWAWAY).use():
            print("in", flush=True)
            sys.stdin.read()
    """
    command = [sys.executable, "-c", textwrap.dedent(script), str(directory)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "in\n"
        with Server(directory, THROWAWAY).use() as server:
            pass
        assert server.running()
        other.communicate("", timeout=30)
    assert not server.running()


def test_no_entry_without_the_password(directory: Path) -> None:
    with Server(directory, THROWAWAY).use() as server:
        for password in ("", "wrong"):
            address = f"postgresql://postgres:{password}@127.0.0.1:{server.port}/postgres"
            with pytest.raises(psycopg.OperationalError, match="password"):
                psycopg.connect(address, passfile="/dev/null")
        listening = {
            c.laddr.ip
            for c in process_of(server).net_connections()
            if c.status == psutil.CONN_LISTEN
        }
        assert listening == {"127.0.0.1"}
        assert stat.S_IMODE((directory / "passwords.json").stat().st_mode) == 0o600
        assert not list(directory.glob("**/*.secret"))


def test_committed_data_survives_a_killed_server(directory: Path) -> None:
    server = Server(directory, DURABLE)
    server.start()
    with connect(server.url()) as connection:
        connection.execute("create table kept (n int)")
        connection.execute("insert into kept select generate_series(1, 1000)")
    process = process_of(server)
    process.kill()
    process.wait(10)
    assert (server.data / "postmaster.pid").exists()  # a killed server leaves it
    assert not Server(directory).running()

    with Server(directory, DURABLE).use() as again, connect(again.url()) as connection:
        assert connection.execute("select count(*) from kept").fetchone() == (1000,)


def test_a_pid_file_whose_number_somebody_else_has(directory: Path) -> None:
    server = Server(directory, THROWAWAY)
    server.start()
    process = process_of(server)
    process.kill()
    process.wait(10)
    path = server.data / "postmaster.pid"
    lines = path.read_text().splitlines()
    lines[0] = str(os.getppid())  # alive, and surely not a Postgres on this data
    path.write_text("\n".join(lines) + "\n")
    with Server(directory, THROWAWAY).use() as again:
        assert again.running()


def test_a_taken_port_is_left_to_whoever_has_it(directory: Path) -> None:
    with Server(directory, THROWAWAY).use() as server:
        port = server.port
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        with Server(directory, THROWAWAY).use() as again:
            assert again.port != port
            with connect(again.url()) as connection:
                assert connection.execute("select 1").fetchone() == (1,)


def test_a_server_that_cannot_start_says_why(directory: Path) -> None:
    with (
        pytest.raises(PostgresError, match="nonsense_setting"),
        Server(directory, {"nonsense_setting": "1"}).use(),
    ):
        pass


def test_stop_waits_for_no_client(directory: Path) -> None:
    server = Server(directory, THROWAWAY)
    server.start()
    connection = connect(server.url())
    server.stop()
    assert not server.running()
    with pytest.raises(psycopg.OperationalError):
        connection.execute("select 1")
    connection.close()
    server.stop()  # a stopped one stays stopped


def test_survives_the_death_of_its_user(directory: Path) -> None:
    script = """
        import os, pathlib, signal, sys
        from klima_local.postgres import Server, THROWAWAY
        with Server(pathlib.Path(sys.argv[1]), THROWAWAY).use():
            os.kill(os.getpid(), signal.SIGKILL)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script), str(directory)], check=False
    )
    assert done.returncode == -signal.SIGKILL
    server = Server(directory, THROWAWAY)
    assert server.running()
    with server.use(), connect(server.url()) as connection:
        assert connection.execute("select 1").fetchone() == (1,)
    assert not server.running()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root needs to become somebody else")
@pytest.mark.parametrize("run_as", ["namespace", "setuid"])
def test_root_starts_it_as_somebody_else(directory: Path, run_as: RunAs) -> None:
    if run_as == "namespace" and how_to_run() != "namespace":
        pytest.skip("user namespaces are closed on this machine")
    server = Server(directory, THROWAWAY, run_as=run_as)
    with server.use(), connect(server.url()) as connection:
        assert connection.execute("select 1").fetchone() == (1,)
        create_database(server.url(), "klima")
        if run_as == "setuid":
            assert process_of(server).uids().effective == 65534
    assert not server.running()
    if server.data.parent != directory:
        shutil.rmtree(server.data)


@pytest.mark.skipif(os.geteuid() != 0, reason="staging is for root")
def test_staging_refuses_a_directory_of_somebody_else(tmp_path: Path) -> None:
    staging = tmp_path / "staging"
    staging.mkdir()
    os.chown(staging, 65534, 65534)
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    with pytest.raises(RuntimeError, match="somebody else"):
        installation(closed / "data", "setuid", staging)
