"""The command: bad input gets one clear sentence and exit status 1, and nothing is written."""

from __future__ import annotations

import csv
import getpass
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from tests.small_city import RTL, add_list, build, write

pytestmark = pytest.mark.long
REPOSITORY = Path(__file__).resolve().parents[2]
GOOD = "name,address,lon,lat\n面馆,徐汇区天钥桥路58号,121.44,31.19\n"


def _run(
    url: str, home: Path, *arguments: str, typed: str = "", timeout: float | None = None, **environment: str
) -> subprocess.CompletedProcess[str]:
    known = {"DATABASE_URL": url, "YIPING_HOME": str(home), "COLUMNS": "200"}
    return subprocess.run(
        [sys.executable, "-m", "app.cli", *arguments],
        cwd=REPOSITORY,
        env=os.environ | known | environment,
        capture_output=True,
        text=True,
        check=False,
        input=typed,
        timeout=timeout,
    )


@pytest.mark.parametrize(
    ("content", "arguments", "words"),
    [
        (GOOD, ("import", "shops", "FILE"), "wgs84"),
        (GOOD, ("import", "shops", "FILE", "--datum", "nad27"), "wgs84"),
        (GOOD, ("import", "castles", "FILE", "--datum", "wgs84"), "shops"),
        ("", ("import", "shops", "FILE", "--datum", "wgs84"), "file.csv"),
        ('a,b\n"broken\n', ("import", "shops", "FILE", "--datum", "wgs84"), "file.csv"),
        (GOOD, ("import", "shops", "MISSING", "--datum", "wgs84"), "missing.csv"),
        (GOOD, ("explain", "999"), "no place 999"),
        (GOOD, ("recompute", "--as-of", "yesterday"), "yesterday"),
        (GOOD, ("demo", "--size", "enormous"), "enormous"),
        (GOOD, ("due", "--day", "yesterday"), "yesterday"),
        (GOOD, ("due", "--day", "2020-01-01"), "no such inspection list"),
        (GOOD, ("due", "--export", "FILE.pdf"), ".xlsx"),
        (GOOD, ("export", "shops", "FILE.pdf"), "geojson"),
        (GOOD, ("export", "castles", "FILE.csv"), "shops"),
        (GOOD, ("export", "shops", "FILE.csv", "--filter", "tier"), "tier=red"),
        (GOOD, ("export", "shops", "FILE.csv", "--filter", "colour=red"), "colour"),
        (GOOD, ("export", "shops", "FILE.csv", "--datum", "nad27"), "gcj02"),
    ],
)
def test_bad_input_is_one_sentence(
    engine: Engine, database_url: str, tmp_path: Path, content: str, arguments: tuple[str, ...], words: str
) -> None:
    build(engine)
    (tmp_path / "file.csv").write_text(content, "utf-8")
    files = {"FILE": str(tmp_path / "file.csv"), "MISSING": str(tmp_path / "missing.csv")}
    done = _run(database_url, tmp_path, *(files.get(argument, argument) for argument in arguments))
    assert done.returncode == 1, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert words in done.stderr
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM source_file")) == 0


def test_an_import_counts_its_rows_and_a_second_one_changes_nothing(
    engine: Engine, database_url: str, tmp_path: Path
) -> None:
    file = tmp_path / "file.csv"
    file.write_text(GOOD, "utf-8")
    for expected in ("inserted 1,", "unchanged 1,"):
        done = _run(database_url, tmp_path, "import", "shops", str(file), "--datum", "wgs84")
        assert done.returncode == 0, done.stderr
        assert expected in done.stdout.replace("\n", " "), done.stdout


def test_a_database_that_does_not_answer_is_named(tmp_path: Path) -> None:
    done = _run("postgresql://nobody@127.0.0.1:9/none", tmp_path, "explain", "1")
    assert done.returncode == 1
    assert "DATABASE_URL" in done.stderr
    assert "Traceback" not in done.stderr


def _sentence(done: subprocess.CompletedProcess[str]) -> str:
    """Return the one line that a command ended with, below its progress bar."""
    assert done.returncode == 1, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    lines = done.stderr.strip().splitlines()
    assert lines[-1].endswith((".", "。")), done.stderr
    return lines[-1]


@pytest.mark.parametrize(
    ("name", "value"), [("YIPING_PORT", "abc"), ("YIPING_PORT", "70000"), ("YIPING_ENV", "test")]
)
@pytest.mark.parametrize("command", ["migrate", "worker", "serve"])
def test_a_wrong_setting_is_one_sentence(tmp_path: Path, name: str, value: str, command: str) -> None:
    done = _run("postgresql://127.0.0.1:9/none", tmp_path, command, **{name: value})
    assert done.stderr.count("\n") == 1
    sentence = _sentence(done)
    assert sentence.startswith(f"The setting {name} is wrong ('{value}'")
    assert "correct it" in sentence


def test_a_worker_without_a_database_says_so_at_once(tmp_path: Path) -> None:
    for url in ("postgresql://nobody@127.0.0.1:9/none", ""):
        done = _run(url, tmp_path, "worker", timeout=20)  # the queue alone would try for 30 s
        assert done.stderr.count("\n") == 1
        sentence = _sentence(done)
        assert "does not answer" in sentence
        assert "bin/run" in sentence


def _break(engine: Engine, table: str, how: str) -> None:
    """Let the server fail as it does in earnest, at the first row written to a table."""
    with engine.begin() as connection:
        connection.execute(
            text(
                "CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS "
                f"$$ BEGIN {FAILURES[how]}; RETURN NEW; END $$"
            )
        )
        connection.execute(
            text(
                f"CREATE TRIGGER fail BEFORE INSERT OR UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION fail()"
            )
        )


FAILURES = {
    "full": "RAISE 'could not extend file \"base/1\": No space left on device' USING ERRCODE = 'disk_full'",
    "lost": "PERFORM pg_terminate_backend(pg_backend_pid())",
}
WORDS = {
    "full": ("disk of the database is full", "make room"),
    "lost": ("does not answer any more", "bin/run"),
}
IMPORT = ("import", "shops", "FILE", "--datum", "wgs84")


@pytest.mark.parametrize("how", ["full", "lost"])
@pytest.mark.parametrize(
    ("table", "arguments"),
    [("place_status", IMPORT), ("place_status", ("demo", "--size", "20")), ("place_status", ("recompute",))],
    ids=["import", "demo", "recompute"],
)
def test_a_database_that_fails_midway_is_one_sentence_and_leaves_nothing(
    engine: Engine, database_url: str, tmp_path: Path, how: str, table: str, arguments: tuple[str, ...]
) -> None:
    if arguments == ("recompute",):
        build(engine)
        with engine.begin() as connection:
            connection.execute(text("DELETE FROM place_status"))
    _break(engine, table, how)
    before = _rows(engine)
    file = tmp_path / "file.csv"
    file.write_text(GOOD, "utf-8")
    done = _run(database_url, tmp_path, *(str(file) if a == "FILE" else a for a in arguments))
    sentence = _sentence(done)
    for words in (*WORDS[how], "is not written"):
        assert words in sentence
    # A run over everything is on the record with how far it came, so that it can go on.
    begun = {"setting": 1, "audit_event": 1} if arguments == ("recompute",) else {}
    assert _rows(engine) == {name: n + begun.get(name, 0) for name, n in before.items()}
    assert not (tmp_path / "demo-accounts.json").exists()


def _rows(engine: Engine) -> dict[str, int]:
    tables = (
        "place",
        "place_status",
        "enterprise",
        "source_file",
        "app_user",
        "setting",
        "history",
        "audit_event",
    )
    with engine.connect() as connection:
        return {t: int(connection.scalar(text(f"SELECT count(*) FROM {t}")) or 0) for t in tables}


@pytest.mark.parametrize("pair", ["name", "=店名", "", " =x"])
def test_a_pair_without_field_or_sign_is_refused_by_name(
    database_url: str, tmp_path: Path, pair: str
) -> None:
    file = tmp_path / "file.csv"
    file.write_text(GOOD, "utf-8")
    done = _run(database_url, tmp_path, "import", "shops", str(file), "--datum", "wgs84", "--map", pair)
    assert f"--map {pair}" in _sentence(done)


def test_a_moment_without_offset_is_the_city_s(engine: Engine, database_url: str, tmp_path: Path) -> None:
    place = str(build(engine).red_shop)
    said = [
        _run(database_url, tmp_path, "explain", place, "--as-of", moment).stdout
        for moment in ("2026-11-23T22:00", "2026-11-23T22:00+08:00", "2026-11-23T14:00Z", "2026-11-23T22:00Z")
    ]
    assert said[0] == said[1] == said[2] != said[3]
    assert "2026-11-23 22:00" in said[0]


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"LANG": "zh_CN.UTF-8"}, ("读取 1 行", "不是时间")),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "en_GB.UTF-8"}, ("Read 1 rows", "is no moment")),
        ({"LANG": "de_DE.UTF-8"}, ("Read 1 rows", "is no moment")),
        ({"LC_ALL": "zh_TW.UTF-8", "LANG": "C"}, ("读取 1 行", "不是时间")),
    ],
)
def test_the_command_speaks_the_language_of_the_terminal(
    database_url: str, tmp_path: Path, environment: dict[str, str], words: tuple[str, str]
) -> None:
    file = tmp_path / "file.csv"
    file.write_text(GOOD, "utf-8")
    spoken = {"LC_ALL": "", "LC_MESSAGES": "", "PYTHONUTF8": "1"} | environment
    done = _run(database_url, tmp_path, "import", "shops", str(file), "--datum", "wgs84", **spoken)
    assert done.returncode == 0, done.stderr
    assert words[0] in done.stdout
    assert words[1] in _sentence(_run(database_url, tmp_path, "recompute", "--as-of", "soon", **spoken))


def test_a_wrong_datum_is_refused_unless_the_doubts_are_accepted(
    engine: Engine, database_url: str, tmp_path: Path
) -> None:
    file = tmp_path / "file.csv"
    rows = [f"店{n},徐汇区,120.1,31.19" for n in range(6)]
    file.write_text("\n".join(["name,区,lon,lat", *rows]), "utf-8")
    command = ("import", "shops", str(file), "--datum", "wgs84")
    assert "--accept-doubts" in _sentence(_run(database_url, tmp_path, *command))
    assert _rows(engine)["place"] == 0
    done = _run(database_url, tmp_path, *command, "--accept-doubts")
    assert done.returncode == 0, done.stderr
    assert "Warning: Of the rows that name a district" in done.stdout
    assert _rows(engine)["place"] == 6


def test_what_the_command_writes_is_on_the_record(engine: Engine, database_url: str, tmp_path: Path) -> None:
    build(engine)
    adding = ("user", "add", "clerk", "--role", "inspector", "--scope", "310104")
    assert _run(database_url, tmp_path, *adding, typed="a long password\n").returncode == 0
    assert _run(database_url, tmp_path, "recompute", "--as-of", "2026-11-23T22:00").returncode == 0
    with engine.connect() as connection:
        events = connection.execute(text("SELECT actor, action, details FROM audit_event ORDER BY id")).all()
    assert [(event.actor, event.action) for event in events] == [
        (getpass.getuser(), "user_add"),
        (getpass.getuser(), "recompute"),
    ]
    assert events[0].details == {"name": "clerk", "role": "inspector", "scope": ["310104"]}
    assert events[1].details["as_of"] == "2026-11-23T22:00:00+08:00"
    assert events[1].details["places"] == 13


def test_a_change_of_the_rules_that_does_not_fit_is_named_and_taken_back(
    engine: Engine, database_url: str, tmp_path: Path
) -> None:
    build(engine)
    entry = 'id = "gone"\ncheck = "cases"\nsource = "s"\nverified = false\nvalid_from = 2026-01-01\n'
    sql = (
        "INSERT INTO rule_change (layer, rule_id, city, valid_from, entry, why) "
        "VALUES ('shops', 'gone', '', '2026-01-01', :entry, 'why')"
    )
    write(engine, sql, entry=entry)
    assert "change 1 is of gone" in _sentence(_run(database_url, tmp_path, "worker"))
    assert '"rule": "shops/gone/"' in _run(database_url, tmp_path, "rules").stdout
    assert _run(database_url, tmp_path, "rules", "--withdraw", "1").returncode == 0
    assert "make another change" in _sentence(_run(database_url, tmp_path, "rules", "--withdraw", "1"))
    assert _run(database_url, tmp_path, "recompute").returncode == 0


def test_removing_a_demo_that_is_not_there_is_harmless(
    engine: Engine, database_url: str, tmp_path: Path
) -> None:
    before = _rows(engine)
    assert _run(database_url, tmp_path, "demo", "--remove").returncode == 0
    assert _rows(engine) == before


def test_the_list_of_what_is_due_is_made_and_written(
    engine: Engine, database_url: str, tmp_path: Path
) -> None:
    now = datetime.now(UTC)
    add_list(engine, build(engine, now), now)
    file = tmp_path / "due.csv"
    done = _run(database_url, tmp_path, "due", "--export", str(file))
    assert done.returncode == 0, done.stderr
    assert "1 places" in done.stdout
    lines = list(csv.DictReader(file.read_text("utf-8-sig").splitlines()))
    assert [(line["name"], line["why"]) for line in lines] == [(RTL, "Due soon")]
    with engine.connect() as connection:
        events = connection.execute(
            text("SELECT actor, action FROM audit_event ORDER BY id DESC LIMIT 2")
        ).all()
    user = getpass.getuser()
    assert events == [(user, "export"), (user, "make_list")]  # without the row that no verdict stands for


def test_a_layer_is_exported_on_the_record_and_taken_back_without_a_change(
    engine: Engine, database_url: str, tmp_path: Path
) -> None:
    build(engine)
    file = tmp_path / "shops.csv"
    asked = ("--filter", "street=310104003", "--filter", "tier=red,none", "--datum", "gcj02")
    done = _run(database_url, tmp_path, "export", "shops", str(file), *asked, "--encoding", "gb18030")
    assert done.returncode == 0, done.stderr
    assert "2 rows written" in done.stdout
    with engine.connect() as connection:
        event = connection.execute(text("SELECT actor, action, subject, details FROM audit_event")).one()
    assert event[:3] == (getpass.getuser(), "export", "layer:shops")
    filters = {"streets": ["310104003"], "tiers": ["none", "red"]}
    assert event.details == {"format": "csv", "rows": 2, "datum": "gcj02", "filters": filters}
    back = _run(database_url, tmp_path, "import", "shops", str(file), "--datum", "gcj02", "--dry-run")
    assert back.returncode == 0, back.stderr
    assert "updated 0, unchanged 2" in back.stdout.replace("\n", " "), back.stdout
