"""Thumbnails, by the address that the API gave; we never build one (other widths answer 429)."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self, cast
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import InvalidHeader, MaxRetryError
from urllib3.util.retry import Retry

from depicts_model.errors import ImageError, WikiError
from depicts_model.wiki.agent import product

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse
    from urllib3.connectionpool import ConnectionPool

MAX_BYTES: Final = 20 * 1024 * 1024
CONNECTIONS: Final = 2
"""To the host of the files; the API, with its one connection, is not asked from here."""
TIMEOUT: Final = (5.0, 30.0)
"""Seconds to connect, seconds between two pieces of the answer."""
PATIENCE: Final = 20.0
"""A server that asks for a longer pause is left alone; a later run asks again."""
LATER: Final = 3600.0
"""Seconds until a file is tried again, where the server names none."""
_BUSY: Final = (429, 500, 502, 503, 504)


class _Patient(Retry):
    """Retries that honour ``Retry-After``, and give up where it is longer than our patience."""

    def get_retry_after(self, response: BaseHTTPResponse) -> float | None:
        """Seconds that the server asks for; None where it names none or writes nonsense."""
        try:
            return super().get_retry_after(response)
        except (InvalidHeader, OverflowError, ValueError):
            return None

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
        if response is not None and (self.get_retry_after(response) or 0) > PATIENCE:
            raise MaxRetryError(cast("ConnectionPool", _pool), url)
        return super().increment(method, url, response, error, _pool, _stacktrace)


def _retries() -> _Patient:
    return _Patient(
        total=2, redirect=0, backoff_factor=0.5, status_forcelist=_BUSY, raise_on_status=False
    )


class Thumbnails:
    """A client with at most two connections; threads may share it."""

    def __init__(self, contact: str, max_bytes: int = MAX_BYTES) -> None:
        self._max_bytes = max_bytes
        self._session = requests.Session()
        agent = f"{product(contact)} requests/{requests.__version__}"
        self._session.headers.update({"User-Agent": agent, "Accept": "image/*"})
        adapter = HTTPAdapter(pool_maxsize=CONNECTIONS, pool_block=True, max_retries=_retries())
        self._session.mount("http://", adapter)
        self._session.mount("https://", adapter)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self._session.close()

    def fetch(self, url: str, host: str) -> bytes:
        """The bytes at ``url``, which must lie on ``host``, the wiki's upload host as it said.

        Raises WikiError (``http-<status>``, ``network``, ``foreign-host``), ImageError where
        the answer is no image or is too large. Redirects are not followed.
        """
        if urlsplit(url).netloc != host or not url.startswith(("http://", "https://")):
            raise WikiError("foreign-host", f"{url} does not lie on {host}")
        try:
            return self._fetch(url)
        except requests.RequestException as error:
            raise WikiError("network", f"{url}: {_cause(error)}", LATER) from None

    def _fetch(self, url: str) -> bytes:
        answer = self._session.get(url, timeout=TIMEOUT, stream=True, allow_redirects=False)
        with answer:
            _check_status(answer, url)
            kind = answer.headers.get("Content-Type", "no content type")
            if not kind.startswith("image/"):
                raise ImageError(f"{url} is {kind.partition(';')[0]}, not an image")
            return self._read(answer, url)

    def _read(self, answer: requests.Response, url: str) -> bytes:
        read = bytearray()
        for piece in answer.iter_content(64 * 1024):
            read += piece
            if len(read) > self._max_bytes:
                raise ImageError(f"{url} is larger than {self._max_bytes} bytes")
        return bytes(read)


def _cause(error: BaseException) -> str:
    """The innermost reason, in a few words: requests nests them four deep."""
    reason: Any = error
    while getattr(reason, "reason", None) or (
        reason.args and isinstance(reason.args[0], Exception)
    ):
        reason = getattr(reason, "reason", None) or reason.args[0]
    return " ".join(str(reason).split()).rpartition(">: ")[2] or type(error).__name__


def _check_status(answer: requests.Response, url: str) -> None:
    status = answer.status_code
    if status == requests.codes.ok:
        return
    wait = None
    if status in _BUSY:
        wait = _Patient().get_retry_after(answer.raw) or LATER
    raise WikiError(f"http-{status}", f"{url}: {answer.reason}", wait)
