"""Errors of the domain; only the web room turns them into status codes."""

from __future__ import annotations

from layers.core.text import Text


class YipingError(ValueError):
    """A fault a person can act on: the message names the thing, the reason and the way out.

    What a user of the pages or of the command line may meet is a `Text`; English alone is left for what only a
    programmer meets.
    """

    def __init__(self, message: str | Text) -> None:
        self.text = message if isinstance(message, Text) else Text(message, message)
        super().__init__(self.text.en)


class UnknownLayerError(YipingError):
    """A layer that does not exist, or that the caller may not know of."""


class UnknownPlaceError(YipingError):
    """A place that does not exist, or that the caller may not know of: the words are the same, and so no hint."""

    def __init__(self, place_id: int) -> None:
        super().__init__(
            Text(
                f"没有编号 {place_id} 的点位，或不在您的范围内：请核对编号，或按名称搜索。",
                f"There is no place {place_id}, or not in your area: check the number, or search for its name.",
            )
        )


class UnknownListError(YipingError):
    """An inspection list that does not exist, or that the caller may not know of: the words are the same."""

    def __init__(self) -> None:
        super().__init__(
            Text(
                "没有这份待检查清单，或不在您的范围内：请选择其他日期，或用相应账号登录。",
                "There is no such inspection list, or not for you: choose another day, or sign in as who may read it.",
            )
        )


class UnknownDrawError(YipingError):
    """A draw that does not exist, or that the caller may not know of: the words are the same."""

    def __init__(self) -> None:
        super().__init__(
            Text(
                "没有这次双随机抽取，或不在您的范围内：请从抽取列表打开，或用相应账号登录。",
                "There is no such draw, or not for you: open it from the list of draws, or sign in as who may read it.",
            )
        )


class UnknownCaseError(YipingError):
    """A case, or a board of them, that does not exist or that the caller may not know of: the words are the same."""

    def __init__(self) -> None:
        super().__init__(
            Text(
                "没有这件案件，或不在您的范围内：请从案件列表打开，或用相应账号登录。",
                "There is no such case, or not for you: open it from the list, or sign in as who may read it.",
            )
        )


class UnknownDeliveryError(YipingError):
    """A delivery that does not exist, or that the caller may not know of: the words are the same."""

    def __init__(self) -> None:
        super().__init__(
            Text(
                "没有这次数据交付，或不在您的权限内：请从数据入库列表打开，或用相应账号登录。",
                "There is no such delivery, or it is not yours to see: open one from the list, or sign in for it.",
            )
        )


class BadQueryError(YipingError):
    """A query parameter with a value that cannot be meant.

    `parameter` is the name the caller used, so that an answer can point at it.
    """

    def __init__(self, parameter: str, message: str | Text) -> None:
        super().__init__(message)
        self.parameter = parameter


class ConflictError(YipingError):
    """What is asked for does not fit what has happened meanwhile; the words say what has."""


class ForbiddenError(YipingError):
    """The caller is known but may not do this."""
