"""The private cluster: life, death and every sentence it says instead of starting."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest

from data import cluster_install
from data.cluster import Cluster, ClusterError, Server, available, ensure_postgis, locate
from data.cluster_server import Preparation, preparation
from data.home_lock import HomeLock

REPOSITORY = Path(__file__).resolve().parents[2]
as_root_only = pytest.mark.skipif(os.geteuid() != 0, reason="changing the user needs root")


@pytest.fixture
def empty() -> Iterator[Path]:
    """A home that the server's user can reach, which pytest's own folders are not for root."""
    folder = Path(tempfile.mkdtemp(prefix="yiping-test-home-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def seed() -> Iterator[Path]:
    """A data directory as the first start leaves it; copying is quicker than making one for every test."""
    folder = Path(tempfile.mkdtemp(prefix="yiping-test-seed-"))
    folder.chmod(0o755)
    with make(folder) as cluster:
        pass
    yield cluster.data_dir
    shutil.rmtree(folder)


@pytest.fixture
def home(empty: Path, seed: Path) -> Path:
    """A home with a cluster that was started before."""
    subprocess.run(["cp", "-a", str(seed), str(empty)], check=True)
    return empty


def make(home: Path) -> Cluster:
    return Cluster(home, durable=False, log=home / "logs" / "postgres.log")


def query(url: str, statement: str) -> list[tuple[object, ...]]:
    connection = psycopg2.connect(url)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


def test_the_server_of_the_tests_is_real_postgis(database_url: str) -> None:
    [(version,)] = query(database_url, "SELECT postgis_full_version()")
    assert "GEOS" in str(version)
    assert "PROJ" in str(version)
    [(tile,)] = query(database_url, "SELECT ST_AsMVT(t) FROM (SELECT ST_Point(1, 2) AS geom) AS t")
    assert tile is not None


def test_databases_speak_utf8_and_sort_by_code_point(server: Server) -> None:
    rows = query(
        server.url("postgres"), "SELECT name FROM (VALUES ('中'), ('a'), ('B')) AS t(name) ORDER BY name"
    )
    assert [name for (name,) in rows] == ["B", "a", "中"]
    assert query(server.url("postgres"), "SHOW server_encoding") == [("UTF8",)]


def test_two_tests_never_share_a_database(server: Server, template: str, database_url: str) -> None:
    server.create_database("other_copy", template)
    try:
        query(database_url, "CREATE TABLE only_here (a int)")
        [(found,)] = query(server.url("other_copy"), "SELECT to_regclass('only_here')")
        assert found is None
    finally:
        server.drop_database("other_copy")


def test_nothing_listens_on_the_network_and_only_the_owner_may_enter(empty: Path) -> None:
    with make(empty) as cluster:
        assert query(cluster.url("postgres"), "SHOW listen_addresses") == [("",)]
        assert cluster.socket_dir.stat().st_mode & 0o777 == 0o700
        assert cluster.data_dir.stat().st_mode & 0o777 == 0o700
        assert cluster.data_dir.name == f"pg{cluster.installation.major}"


def test_stop_leaves_no_process_and_a_second_start_keeps_the_rows(home: Path) -> None:
    with make(home) as cluster:
        cluster.server.ensure_database("kept")
        query(cluster.url("kept"), "CREATE TABLE kept AS SELECT generate_series(1, 1000) AS a")
        pid = _postmaster(cluster)
    assert not Path(f"/proc/{pid}").exists()
    with make(home) as cluster:
        assert query(cluster.url("kept"), "SELECT count(*) FROM kept") == [(1000,)]


def test_rows_survive_kill_9_of_the_server(home: Path) -> None:
    cluster = Cluster(home, log=home / "postgres.log")
    with cluster:
        cluster.server.ensure_database("kept")
        query(cluster.url("kept"), "CREATE TABLE kept AS SELECT generate_series(1, 1000) AS a")
        os.kill(_postmaster(cluster), signal.SIGKILL)
        assert cluster._process is not None
        cluster._process.wait(timeout=10)
        assert not cluster.running
    with make(home) as cluster:  # at once, while the old server's helpers may still be there
        assert query(cluster.url("kept"), "SELECT count(*) FROM kept") == [(1000,)]


def test_a_server_left_alone_by_kill_9_of_its_starter_is_taken_over(home: Path) -> None:
    script = """
        import sys
        from pathlib import Path
        from data import cluster
        cluster.bound_to_parent = lambda command, signal_name: command  # as where the system cannot bind them
        started = cluster.Cluster(Path(sys.argv[1]), durable=False, log=Path(sys.argv[1]) / "log")
        started.start()
        print(started._process.pid, flush=True)
        sys.stdin.read()
    """
    with _python(script, str(home)) as starter:
        assert starter.stdout is not None
        orphan = int(starter.stdout.readline())
        starter.kill()
    assert Path(f"/proc/{orphan}").exists()
    with make(home) as cluster:
        assert _postmaster(cluster) != orphan
        assert query(cluster.url("postgres"), "SELECT 1") == [(1,)]


def test_the_server_goes_down_with_a_starter_that_is_killed(home: Path) -> None:
    script = """
        import sys
        from pathlib import Path
        from data.cluster import Cluster
        started = Cluster(Path(sys.argv[1]), durable=False, log=Path(sys.argv[1]) / "log")
        started.start()
        print("ready", flush=True)
        sys.stdin.read()
    """
    if shutil.which("setpriv") is None:
        pytest.skip("only util-linux can bind a process to its parent")
    with _python(script, str(home)) as starter:
        assert starter.stdout is not None
        assert starter.stdout.readline() == "ready\n"
        starter.kill()
    with make(home) as cluster:  # waits for the old one, then starts
        assert query(cluster.url("postgres"), "SELECT 1") == [(1,)]
    assert "received fast shutdown request" in (home / "log").read_text()


def test_a_process_file_that_names_a_stranger_is_dropped(home: Path) -> None:
    with make(home) as cluster:
        data_dir = cluster.data_dir
    (data_dir / "postmaster.pid").write_text(f"{os.getpid()}\n{data_dir}\n1\n5432\n\n\n\nready\n")
    with make(home) as cluster:
        assert query(cluster.url("postgres"), "SELECT 1") == [(1,)]


def test_a_second_starter_is_refused_with_the_ways_out(home: Path) -> None:
    with make(home) as first:
        with pytest.raises(ClusterError, match=rf"already running .*process {os.getpid()}.*YIPING_HOME"):
            make(home).start()
        assert query(first.url("postgres"), "SELECT 1") == [(1,)]


def test_a_command_uses_the_running_server_and_else_starts_one(home: Path) -> None:
    log = home / "command.log"
    with available(home, log=log) as url:
        query(url, "CREATE TABLE note AS SELECT 1 AS a")
    assert Cluster(home, log=log).holder() is None
    with make(home), available(home, log=log) as url:
        assert query(url, "SELECT a FROM note") == [(1,)]


def test_a_long_or_odd_home_gets_a_short_socket(empty: Path) -> None:
    deep = empty / ("long" * 30) / "with, comma"
    with make(deep) as cluster:
        assert len(os.fsencode(cluster.socket_dir)) < 60
        assert query(cluster.url("postgres"), "SELECT 1") == [(1,)]
    assert not cluster.socket_dir.exists()


def test_a_socket_folder_of_somebody_else_is_refused(empty: Path) -> None:
    cluster = make(empty)
    elsewhere = empty / "elsewhere"
    elsewhere.mkdir()
    cluster.socket_dir.symlink_to(elsewhere)
    with pytest.raises(ClusterError, match="belongs to another user"):
        cluster.start()
    assert cluster.holder() is None


@as_root_only
def test_root_runs_the_server_as_postgres(home: Path) -> None:
    with make(home) as cluster:
        assert Path(f"/proc/{_postmaster(cluster)}").stat().st_uid == pwd.getpwnam("postgres").pw_uid


@as_root_only
def test_root_keeps_the_data_elsewhere_when_postgres_cannot_reach_the_home(empty: Path) -> None:
    empty.chmod(0o700)
    cluster = make(empty)
    try:
        with cluster:
            assert query(cluster.url("postgres"), "SELECT 1") == [(1,)]
        assert cluster.base.parent == Path("/var/lib")
        assert str(cluster.base) in str(cluster.note)
    finally:
        if cluster.base != empty:
            shutil.rmtree(cluster.base, ignore_errors=True)


@as_root_only
def test_an_ordinary_user_runs_the_server_as_themselves(empty: Path) -> None:
    nobody = pwd.getpwnam("nobody")
    os.chown(empty, nobody.pw_uid, nobody.pw_gid)
    script = """
        import os, sys
        from pathlib import Path
        from data.cluster import Cluster
        home, uid, gid = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
        with Cluster(home, durable=False, log=home / "log") as cluster:
            cluster.server.ensure_database("mine")
            print(os.stat(f"/proc/{cluster._process.pid}").st_uid, os.stat(cluster.data_dir).st_uid)
    """
    with _python(script, str(empty), str(nobody.pw_uid), str(nobody.pw_gid)) as done:
        out, _ = done.communicate()
    assert out.split() == [str(nobody.pw_uid)] * 2


@as_root_only
def test_a_home_of_somebody_else_is_refused(home: Path) -> None:
    with make(home):
        pass
    nobody = pwd.getpwnam("nobody")
    script = """
        import os, sys
        from pathlib import Path
        from data.home_lock import ClusterError, HomeLock
        home = Path(sys.argv[1])
        os.setuid(int(sys.argv[2]))
        try:
            HomeLock(home / "database.lock", of=home).acquire()
        except ClusterError as error:
            print(error)
    """
    with _python(script, str(home), str(nobody.pw_uid)) as done:
        out, _ = done.communicate()
    assert "start Yiping as the owner" in out
    assert "YIPING_HOME to a folder of your own" in out


def test_the_lock_ends_with_its_holder(empty: Path) -> None:
    lock = HomeLock(empty / "a.lock", of=empty)
    assert lock.holder() is None
    lock.acquire()
    assert lock.holder() == os.getpid()
    lock.release()
    assert lock.holder() is None


def test_an_installation_without_postgis_is_not_one(tmp_path: Path) -> None:
    found = locate()
    assert found is not None
    bindir = tmp_path / "99" / "bin"
    bindir.mkdir(parents=True)
    for name in ("postgres", "initdb"):
        (bindir / name).symlink_to(found.bindir / name)
    config = bindir / "pg_config"
    config.write_text(f'#!/bin/sh\n[ "$1" = --version ] && echo PostgreSQL 99.1 || echo {tmp_path}\n')
    config.chmod(0o755)
    assert locate([str(tmp_path / "*" / "bin")]) is None
    (tmp_path / "extension").mkdir()
    (tmp_path / "extension" / "postgis.control").touch()
    newest = locate([str(tmp_path / "*" / "bin"), str(found.bindir)])
    assert newest is not None
    assert newest.major == 99


def test_without_postgis_and_apt_one_sentence_names_two_ways_out(
    empty: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(cluster_install, "SEARCH_PATH", (str(tmp_path / "*"),))
    with pytest.raises(ClusterError, match=r"no apt.*PostGIS.*DATABASE_URL="):
        make(empty).start()
    assert not list(empty.glob("pg*"))


def test_a_given_database_that_does_not_answer_is_explained() -> None:
    with pytest.raises(ClusterError, match=r"DATABASE_URL does not answer.*check its address"):
        ensure_postgis("postgresql://somebody:secret@127.0.0.1:1/nowhere")


def test_a_given_database_with_no_right_to_add_postgis_is_explained(server: Server) -> None:
    server.create_database("bare")
    query(server.url("postgres"), "CREATE ROLE guest LOGIN")
    try:
        with pytest.raises(ClusterError, match="CREATE EXTENSION postgis"):
            ensure_postgis(server.url("bare").replace("user=yiping", "user=guest"))
        ensure_postgis(server.url("bare").replace("postgresql://", "postgresql+psycopg2://"))
        ensure_postgis(
            server.url("bare").replace("user=yiping", "user=guest")
        )  # there is nothing left to add
    finally:
        server.drop_database("bare")
        query(server.url("postgres"), "DROP ROLE guest")


def test_preparation_tells_how_far_a_database_is(server: Server, database_url: str) -> None:
    assert not preparation(server.url("postgres")).migrated
    prepared = preparation(database_url)
    assert prepared == Preparation(migrated=True)
    query(
        database_url,
        "INSERT INTO place (layer, source, external_id, name, geom) "
        "VALUES ('shops', 'demo', '1', 'x', ST_SetSRID(ST_Point(121, 31), 4326))",
    )
    assert preparation(database_url) == Preparation(migrated=True, has_places=True, half_demo=True)
    query(database_url, """INSERT INTO setting (key, value) VALUES ('demo', '{"size": "district"}')""")
    assert preparation(database_url) == Preparation(migrated=True, has_places=True, demo_size="district")


def _postmaster(cluster: Cluster) -> int:
    return int((cluster.data_dir / "postmaster.pid").read_text().split()[0])


def _python(script: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(script), *arguments],
        cwd=REPOSITORY,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
