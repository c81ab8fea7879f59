"""Thumbnails, by the address that the API gave; we never build one (other widths answer 429)."""

from __future__ import annotations

import threading
import time
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError

from depicts_model.errors import ImageError, WikiError
from depicts_model.wiki.agent import product
from depicts_model.wiki.pauses import asked_pause
from depicts_model.wiki.retries import Patient, cause

MAX_BYTES: Final = 20 * 1024 * 1024
CONNECTIONS: Final = 2
"""To the host of the files; the API, with its one connection, is not asked from here."""
TIMEOUT: Final = (5.0, 10.0)
"""Seconds to connect, seconds between two pieces of the answer."""
DEADLINE: Final = 30.0
"""Seconds for a thumbnail, all tries together, however slowly its bytes come; the last piece may
be waited for beyond it."""
RETRIES: Final = 2
"""Of a thumbnail, after a fault that may pass at once."""
PATIENCE: Final = 20.0
"""A server that asks for a longer pause is left alone; a later run asks again."""
LATER: Final = 3600.0
"""Seconds until a file is tried again, where the server names none."""
BUSY: Final = "http-429"
_BUSY: Final = (429, 500, 502, 503, 504)
_ASKING: Final = (429, 503)
"""With these a server tells when it may be asked again, for whichever file."""
_PASSING: Final = (401, 403, 407, 408, 425, 429)
"""What is said of us, or of the moment; all others from 400 to 499 are said of the file."""
_PIECE: Final = 64 * 1024


class _Clock(threading.local):
    """When the fetch of this thread must be done, by ``time.monotonic``."""

    until = 0.0

    def left(self) -> float:
        return self.until - time.monotonic()

    def left_to_wait(self) -> float:
        """What is left beside the time that another try may take."""
        return self.left() - sum(TIMEOUT)


class Thumbnails:
    """A client with at most two connections; threads may share it."""

    def __init__(
        self,
        contact: str,
        max_bytes: int = MAX_BYTES,
        deadline: float = DEADLINE,
        retries: int = RETRIES,
    ) -> None:
        self._max_bytes, self._deadline = max_bytes, deadline
        self._clock = _Clock()
        self._free_at = 0.0
        self._retries = Patient(
            total=retries,
            redirect=0,
            backoff_factor=0.5,
            status_forcelist=_BUSY,
            raise_on_status=False,
            patience=PATIENCE,
            left=self._clock.left_to_wait,
        )
        self._session = requests.Session()
        self._session.trust_env = False
        self._ways: dict[str, dict[str, Any]] = {}
        agent = f"{product(contact)} requests/{requests.__version__}"
        self._session.headers.update({"User-Agent": agent, "Accept": "image/*"})
        adapter = HTTPAdapter(pool_maxsize=CONNECTIONS, pool_block=True, max_retries=self._retries)
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
        the answer is no image or is too large. Redirects are not followed. While the server asks
        to be left alone it is not asked.
        """
        if not _lies_on(url, host):
            raise WikiError("foreign-host", f"{url} does not lie on {host}")
        self._clock.until = time.monotonic() + self._deadline
        self._leave_alone(url)
        try:
            return self._fetch(url)
        except (requests.RequestException, HTTPError) as error:
            raise WikiError("network", f"{url}: {cause(error)}", LATER) from None

    def _fetch(self, url: str) -> bytes:
        way = self._way(url)
        with self._session.get(url, timeout=TIMEOUT, allow_redirects=False, **way) as answer:
            self._check_status(answer, url)
            kind = answer.headers.get("Content-Type", "no content type")
            if not kind.startswith("image/"):
                raise ImageError(f"{url} is {kind.partition(';')[0]}, not an image", LATER)
            return self._read(answer, url)

    def _way(self, url: str) -> dict[str, Any]:
        """Proxies and certificates for this host, as the environment has them.

        requests would go through the environment for each thumbnail, which takes a third of its
        time; and it would look for a password in ``.netrc``, which none of these hosts is to get.
        """
        host = urlsplit(url).netloc
        if host not in self._ways:
            with requests.Session() as fresh:
                found = fresh.merge_environment_settings(url, {}, True, None, None)
            self._ways[host] = {**found}
        return self._ways[host]

    def _read(self, answer: requests.Response, url: str) -> bytes:
        read = bytearray()
        # what has arrived: ``read`` would wait for a whole piece, drop by drop
        while piece := answer.raw.read1(_PIECE, decode_content=True):
            read += piece
            if len(read) > self._max_bytes:
                raise ImageError(f"{url} is larger than {self._max_bytes} bytes")
            if self._clock.left() < 0:
                raise WikiError("network", f"{url}: not whole in {self._deadline:g} s", LATER)
        return bytes(read)

    def _check_status(self, answer: requests.Response, url: str) -> None:
        status = answer.status_code
        if status == requests.codes.ok:
            return
        asked = asked_pause(answer.headers)
        if status in _ASKING and asked:
            self._free_at = time.monotonic() + asked
        raise WikiError(f"http-{status}", f"{url}: {answer.reason}", asked or _wait(status))

    def _leave_alone(self, url: str) -> None:
        """Wait as long as the server asked for, if that is not too long."""
        pause = self._free_at - time.monotonic()
        if pause <= 0.0:
            return
        if pause > min(PATIENCE, self._clock.left_to_wait()):
            told = f"{url}: not asked, for the server wants to be left alone for {pause:.0f} s"
            raise WikiError(BUSY, told, pause)
        time.sleep(pause)


def _lies_on(url: str, host: str) -> bool:
    try:
        return urlsplit(url).netloc == host and url.startswith(("http://", "https://"))
    except ValueError:
        return False


def _wait(status: int) -> float | None:
    """Seconds until it makes sense to ask again, where the server names none."""
    final = 400 <= status < 500 and status not in _PASSING
    return None if final else LATER
