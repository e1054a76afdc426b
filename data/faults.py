"""What a person can do about a fault of the database, whichever of its drivers met it.

The drivers are told by their names, so that asking loads none of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from layers.core.text import Text

_DRIVERS: Final = frozenset({"psycopg2", "psycopg", "psycopg_pool"})
_TROUBLE: Final = frozenset({"OperationalError", "InterfaceError"})
_REASON_LENGTH: Final = 200

_LOST: Final = Text(
    "数据库不应答或连接中断（{reason}）：未完成的部分没有写入；请确认数据库在运行（bin/run）且 DATABASE_URL "
    "正确，然后重新执行。",
    "The database does not answer any more ({reason}): what was not finished is not written; see that it runs "
    "(bin/run) and that DATABASE_URL is right, then do it again.",
)
_FULL: Final = Text(
    "数据库所在的磁盘已满（{reason}）：未完成的部分没有写入；请腾出空间后重新执行。",
    "The disk of the database is full ({reason}): what was not finished is not written; make room, then do it again.",
)
_BUSY: Final = Text(
    "数据库连接数已满（{reason}）：没有写入任何内容；请稍后再试，或调高其 max_connections。",
    "The database takes no more connections ({reason}): nothing was written; try again later, or raise its "
    "max_connections.",
)
_SHAPE: Final = Text(
    "数据库的结构不是当前版本（{reason}）：没有写入任何内容；请先执行 yiping migrate。",
    "The database has not the present shape ({reason}): nothing was written; run `yiping migrate` first.",
)
_DENIED: Final = Text(
    "数据库用户没有所需的权限（{reason}）：没有写入任何内容；请让管理员授权，或更换 DATABASE_URL 中的用户。",
    "The user of the database may not do this ({reason}): nothing was written; have an administrator grant it, or "
    "name another user in DATABASE_URL.",
)
_DISTURBED: Final = Text(
    "数据库中的其他工作打断了本次操作（{reason}）：未完成的部分没有写入；请重新执行。",
    "Other work in the database broke this off ({reason}): what was not finished is not written; do it again.",
)
_BY_STATE: Final[Mapping[str, Text]] = {
    "53100": _FULL,
    "53300": _BUSY,
    "42P01": _SHAPE,
    "42703": _SHAPE,
    "42501": _DENIED,
    "25006": _DENIED,
    "40001": _DISTURBED,
    "40P01": _DISTURBED,
    "55P03": _DISTURBED,
    "57014": _DISTURBED,
}


def database_words(error: BaseException) -> Text | None:
    """Return the thing, the reason and the way out of a database's fault; None where it is not one of those.

    What the server says of a statement itself (a broken constraint, a wrong type) is a fault of the program and is
    None too.
    """
    for cause in _causes(error):
        if type(cause).__module__.partition(".")[0] in _DRIVERS and (words := _sentence(cause)) is not None:
            reason = " ".join(str(cause).strip().partition("\n")[0].split())[:_REASON_LENGTH]
            return Text(words.zh.format(reason=reason), words.en.format(reason=reason))
    return None


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    cause: BaseException | None = error
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        yield cause
        cause = getattr(cause, "orig", None) or cause.__cause__ or cause.__context__


def _sentence(error: BaseException) -> Text | None:
    state = getattr(error, "pgcode", None) or getattr(error, "sqlstate", None) or ""
    if state in _BY_STATE:
        return _BY_STATE[state]
    return _LOST if _TROUBLE & {kind.__name__ for kind in type(error).__mro__} else None
