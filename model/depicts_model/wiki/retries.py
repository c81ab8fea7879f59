"""How a request is asked again, and what went wrong in a few words."""

from __future__ import annotations

import re
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self, cast

from urllib3.exceptions import MaxRetryError
from urllib3.util.retry import Retry

from depicts_model.wiki.pauses import asked_pause

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse
    from urllib3.connectionpool import ConnectionPool

_WHOSE: Final = re.compile(r"^(.*>|HTTPS?Connection(Pool)?\([^)]*\)): ")
"""How urllib3 names a connection before it says what is wrong with it."""


class Patient(Retry):
    """Retries that honour ``Retry-After``, and give up where it is longer than our patience.

    ``patience``: seconds; a server that asks for more is left alone, and a later run asks again.
    ``left``: tells how many seconds another try may wait, less than 0 where there may be none.
    """

    def __init__(
        self,
        *values: Any,
        patience: float,
        left: Callable[[], float] | None = None,
        **options: Any,
    ) -> None:
        super().__init__(*values, **options)
        self.patience = patience
        self.left = left

    def new(self, **options: Any) -> Self:
        """The same with some options changed."""
        return super().new(patience=self.patience, left=self.left, **options)

    def get_retry_after(self, response: BaseHTTPResponse) -> float | None:
        """Seconds that the server asks for; None where it names none or writes nonsense."""
        return asked_pause(response.headers)

    def increment(
        self,
        method: str | None = None,
        url: str | None = None,
        response: BaseHTTPResponse | None = None,
        error: Exception | None = None,
        _pool: ConnectionPool | None = None,
        _stacktrace: TracebackType | None = None,
    ) -> Self:
        """The next state; raising makes urllib3 hand the last answer to us."""
        asked = 0.0 if response is None else self.get_retry_after(response) or 0.0
        if asked > self.patience or (self.left is not None and asked > self.left()):
            raise MaxRetryError(cast("ConnectionPool", _pool), url, error)
        return super().increment(method, url, response, error, _pool, _stacktrace)


def innermost(error: BaseException) -> BaseException:
    """The reason behind an error: requests nests them four deep."""
    reason: Any = error
    while getattr(reason, "reason", None) or (
        reason.args and isinstance(reason.args[0], Exception)
    ):
        reason = getattr(reason, "reason", None) or reason.args[0]
    return cast("BaseException", reason)


def cause(error: BaseException) -> str:
    """The innermost reason, in a few words."""
    told = " ".join(str(innermost(error)).split())
    return _WHOSE.sub("", told) or type(error).__name__
