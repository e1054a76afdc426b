"""What went wrong in a callback, written to the log: Dash answers 500 and says nothing by itself."""

from __future__ import annotations

import logging
from typing import NoReturn

_log = logging.getLogger("uvicorn.error")  # where the web server's own errors go


def tell(error: Exception) -> NoReturn:
    """Write an exception that no callback caught to the log with its traceback, and let it pass on."""
    _log.error("A callback failed", exc_info=error)
    raise error
