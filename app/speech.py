"""What the command says to a person: in the language of the terminal, and a fault in one sentence."""

from __future__ import annotations

import errno
import os
from collections.abc import Mapping

from pydantic import ValidationError

from data.faults import database_words
from geo.errors import GeoError
from layers.core.errors import YipingError
from layers.core.text import Language, Text

_PLACES = ("LC_ALL", "LC_MESSAGES", "LANG")


def terminal_language(environment: Mapping[str, str]) -> Language:
    """Return Chinese where the first of LC_ALL, LC_MESSAGES and LANG that is set begins with zh, else English.

    >>> terminal_language({"LANG": "zh_CN.UTF-8"}), terminal_language({"LANG": "zh_CN.UTF-8", "LC_ALL": "C"})
    ('zh', 'en')
    """
    first = next((environment[name] for name in _PLACES if environment.get(name)), "")
    return "zh" if first.lower().startswith("zh") else "en"


def spoken(words: Text) -> str:
    """Return words in the language of the terminal."""
    return words.in_(terminal_language(os.environ))


def fault(error: BaseException) -> Text | None:
    """Return the sentence for a fault that a person can mend, None for a fault of the program."""
    match error:
        case YipingError():
            return error.text
        case ValidationError():
            return _settings(error)
        case OSError():
            return _system(error)
        case GeoError():
            return Text(error.zh, str(error))
        case _:
            return database_words(error)


def _settings(error: ValidationError) -> Text:
    parts = [(_variable(fault["loc"]), fault["input"], fault["msg"]) for fault in error.errors()]
    return Text(
        "".join(f"设置 {name} 有误（{given!r}：{why}）：请改正或去掉它。" for name, given, why in parts),
        " ".join(
            f"The setting {name} is wrong ({given!r}: {why}): correct it, or leave it out."
            for name, given, why in parts
        ),
    )


def _variable(place: tuple[int | str, ...]) -> str:
    name = "_".join(map(str, place)).upper()
    return name if name == "DATABASE_URL" else f"YIPING_{name}"


def _system(error: OSError) -> Text:
    if error.errno not in {errno.ENOSPC, errno.EDQUOT}:
        return Text(str(error), str(error))
    where = error.filename or ""
    return Text(
        f"磁盘已满（{where or error.strerror}）：请腾出空间后重新执行。",
        f"The disk is full ({where or error.strerror}): make room, then do it again.",
    )
