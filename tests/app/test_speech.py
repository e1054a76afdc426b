"""What the command says to an operator: the same faults in the language of the terminal."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from app.speech import fault, spoken
from app.supervise import check_port
from data.intake.deliver import explain_missing_datum
from data.intake.errors import MissingDatumError
from data.intake.mapping import make_plan
from data.intake.readers import open_table
from data.tables import registry
from geo.datum import parse_datum


def _use_a_taken_port() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        check_port("127.0.0.1", taken.getsockname()[1])


def _name_no_datum() -> None:
    raise MissingDatumError(explain_missing_datum(registry["shops"], Path("shops.csv")))


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Return what sets the language of the terminal."""

    def speak(language: str) -> None:
        for name in ("LC_ALL", "LC_MESSAGES"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("LANG", language)

    return speak


FAULTS = (
    (lambda: parse_datum("utm"), ("无法识别坐标系 'utm'", "wgs84"), ("The datum 'utm' is not known",)),
    (_name_no_datum, ("请用 --datum 说明坐标系", "480-490 米"), ("say in which datum", "480-490 m")),
    (_use_a_taken_port, ("不可用", "YIPING_PORT="), ("cannot be used", "YIPING_PORT=")),
    (
        lambda: make_plan(registry["shops"], ["店名", "备注"], {}, "a.csv"),
        ("没有认出 lon、lat 是哪一列", "--map lon=列名 --map lat=列名", "店名、备注"),
        ("no column was recognised as lon, lat", "--map lon=COLUMN --map lat=COLUMN", "店名, 备注"),
    ),
    (lambda: open_table(Path("/nowhere.csv")), ("没有这个文件",), ("there is no such file",)),
)


@pytest.mark.parametrize(("meet", "zh", "en"), FAULTS)
def test_a_fault_is_said_in_the_language_of_the_terminal(
    terminal: Callable[[str], None],
    meet: Callable[[], object],
    zh: tuple[str, ...],
    en: tuple[str, ...],
) -> None:
    with pytest.raises(ValueError) as met:  # noqa: PT011 (the words are looked at below)
        meet()
    words = fault(met.value)
    assert words is not None
    for language, expected in (("zh_CN.UTF-8", zh), ("en_GB.UTF-8", en)):
        terminal(language)
        assert all(part in spoken(words) for part in expected), spoken(words)
    assert words.en == str(met.value)
