"""A SPARQL service over HTTP: one query at a time, as its operators ask of a program.

Wikidata's allows a client one minute of work a minute, and bans who ignores its 429; so there is
one connection, a pause between queries, and every ``Retry-After`` is honoured.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from types import TracebackType
from typing import Final, Self

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import ReadTimeoutError

from depicts_model.errors import UnfinishedError, WikiError
from depicts_model.wiki.agent import product
from depicts_model.wiki.retries import Patient, cause, innermost
from depicts_model.wiki.sparql_results import TIMED_OUT, Row, parse

JSON: Final = "application/sparql-results+json"
_TYPES: Final = (JSON, "application/json")
_BUSY: Final = (429, 502, 503)
_PIECE: Final = 64 * 1024
_TOLD: Final = 4
"""Pieces of an error's text that are looked at: it repeats the query before it says why."""


@dataclass(frozen=True, slots=True)
class Manners:
    """How a service is treated; times in seconds."""

    pause: float = 1.0
    """From one answer to the next query."""
    timeout: float = 90.0
    """Without a byte; Wikidata's service ends a query itself after 60."""
    tries: int = 6
    backoff: float = 2.0
    """Before the second retry, doubled each time, where the service names no time."""
    patience: float = 300.0
    """A service that asks for a longer pause is left alone."""
    max_bytes: int = 64 * 1024 * 1024


class Endpoint:
    """A service, asked over one connection."""

    def __init__(self, url: str, contact: str, manners: Manners | None = None) -> None:
        self.url = url
        self._manners = manners or Manners()
        self._free_at = 0.0
        self._session = requests.Session()
        agent = f"{product(contact)} requests/{requests.__version__}"
        self._session.headers.update({"User-Agent": agent, "Accept": JSON})
        retries = _retries(self._manners)
        adapter = HTTPAdapter(pool_connections=1, pool_maxsize=1, max_retries=retries)
        self._session.mount("http://", adapter)
        self._session.mount("https://", adapter)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._session.close()

    def ask(self, query: str) -> list[Row]:
        """The rows that answer a SELECT query.

        Raises UnfinishedError where the service did not come to an end (to ask for less may
        help), else WikiError (``http-<status>``, ``network``, ``bad-answer``). Redirects are not
        followed.
        """
        time.sleep(max(0.0, self._free_at - time.monotonic()))
        try:
            return parse(self._fetch(query), self.url)
        except requests.RequestException as error:
            raise self._broken(error) from None
        finally:
            self._free_at = time.monotonic() + self._manners.pause

    def _fetch(self, query: str) -> bytes:
        answer = self._session.post(
            self.url,
            data={"query": query},
            timeout=self._manners.timeout,
            stream=True,
            allow_redirects=False,
        )
        with answer:
            self._check(answer)
            return b"".join(self._pieces(answer))

    def _pieces(self, answer: requests.Response) -> Iterator[bytes]:
        read = 0
        for piece in answer.iter_content(_PIECE):
            read += len(piece)
            if read > self._manners.max_bytes:
                most = self._manners.max_bytes
                raise UnfinishedError("too-large", f"{self.url}: more than {most} bytes")
            yield piece

    def _check(self, answer: requests.Response) -> None:
        if answer.status_code == requests.codes.ok:
            kind = answer.headers.get("Content-Type", "no content type").partition(";")[0]
            if kind.strip().lower() not in _TYPES:
                raise WikiError("bad-answer", f"{self.url}: {kind}, not {JSON}")
            return
        told = b"".join(islice(answer.iter_content(_PIECE), _TOLD))
        if answer.status_code == requests.codes.gateway_timeout or TIMED_OUT in told:
            raise UnfinishedError("timeout", f"{self.url}: the query took longer than it may")
        raise self._refused(answer, told)

    def _refused(self, answer: requests.Response, told: bytes) -> WikiError:
        wait = None
        if answer.status_code in _BUSY:
            wait = _retries(self._manners).get_retry_after(answer.raw)
        words = " ".join(told.decode(errors="replace").split())[:200]
        is_text = answer.headers.get("Content-Type", "").startswith("text/plain")
        about = f"{answer.reason}: {words}" if is_text and words else answer.reason
        later = f"; it asks to wait {wait:.0f} s" if wait else ""
        return WikiError(f"http-{answer.status_code}", f"{self.url}: {about}{later}", wait)

    def _broken(self, error: requests.RequestException) -> WikiError:
        if isinstance(innermost(error), ReadTimeoutError):
            silent = f"{self.url}: silent for {self._manners.timeout:g} s"
            return UnfinishedError("timeout", silent)
        if isinstance(error, requests.exceptions.ChunkedEncodingError):
            return UnfinishedError("cut-short", f"{self.url}: {cause(error)}")
        return WikiError("network", f"{self.url}: {cause(error)}")


def _retries(manners: Manners) -> Patient:
    """A query changes nothing, so it may be sent again."""
    return Patient(
        total=manners.tries,
        connect=1,
        redirect=0,
        read=1,
        allowed_methods=("POST",),
        backoff_factor=manners.backoff,
        status_forcelist=_BUSY,
        raise_on_status=False,
        patience=manners.patience,
    )
